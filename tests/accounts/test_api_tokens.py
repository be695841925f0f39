"""The tokens of a team's programs."""

import re
from datetime import datetime, timedelta

import pytest
from django.http import HttpRequest

from accounts.actions import TokenNotFound, create_api_token, revoke_api_token
from accounts.api import TeamTokenAuth
from accounts.models import ApiToken, AuditEntry, Team, User
from tests.factories import make_team


def authenticate(header: str) -> ApiToken | None:
    request = HttpRequest()
    request.META["HTTP_AUTHORIZATION"] = header
    found: ApiToken | None = TeamTokenAuth()(request)
    return found


def test_a_token_opens_the_api_for_its_team(team: Team, bob: User, now: datetime) -> None:
    issued = create_api_token(team=team, actor=bob, name="weekly report", now=now)

    assert re.fullmatch(r"k4o_[A-Za-z0-9_-]{43}", issued.secret)
    found = authenticate(f"Bearer {issued.secret}")
    assert found is not None
    assert found.team == team


def test_only_the_digest_of_a_token_is_kept(team: Team, bob: User, now: datetime) -> None:
    issued = create_api_token(team=team, actor=bob, name="weekly report", now=now)

    row = ApiToken.objects.values().get()
    assert issued.secret not in str(row)
    assert issued.secret.removeprefix("k4o_") not in str(row)
    assert len(bytes(row["digest"])) == 32


def test_a_revoked_token_opens_nothing(team: Team, bob: User, now: datetime) -> None:
    issued = create_api_token(team=team, actor=bob, name="weekly report", now=now)

    revoke_api_token(team=team, actor=bob, token_id=issued.token.pk, now=now)

    assert authenticate(f"Bearer {issued.secret}") is None


def test_revoking_a_token_twice_keeps_the_first_instant(team: Team, bob: User, now: datetime) -> None:
    token = create_api_token(team=team, actor=bob, name="weekly report", now=now).token

    revoke_api_token(team=team, actor=bob, token_id=token.pk, now=now)
    revoke_api_token(team=team, actor=bob, token_id=token.pk, now=now + timedelta(hours=1))

    token.refresh_from_db()
    assert token.revoked_at == now
    assert AuditEntry.objects.filter(verb="token.revoked").count() == 1


def test_the_token_of_another_team_cannot_be_revoked(team: Team, bob: User, now: datetime) -> None:
    token = create_api_token(team=make_team(), actor=bob, name="theirs", now=now).token

    with pytest.raises(TokenNotFound):
        revoke_api_token(team=team, actor=bob, token_id=token.pk, now=now)


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Bearer k4o_", "Basic a:b", "Bearer k4o_" + "A" * 43, "Bearer \x00é"]
)
@pytest.mark.django_db
def test_a_made_up_token_opens_nothing(header: str) -> None:
    assert authenticate(header) is None
