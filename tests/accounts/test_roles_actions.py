"""Giving and taking roles."""

from datetime import datetime

import pytest
from allauth.account.models import EmailAddress
from django.utils.translation import override

from accounts.actions import LastOwnerStays, RoleNotHeld, grant_role, revoke_role
from accounts.models import AuditEntry, Membership, Role, Team, User
from accounts.roles import MODERATE, has_role, teams_of
from tests.accounts.mails import owed_kinds, owed_mail, payload_of
from tests.factories import PASSWORD, make_membership, make_team, make_user
from tests.parallel import results_of, run_all_in_parallel, run_in_parallel

NEW = "nora@example.org"


def test_a_role_given_to_a_known_person_is_held_at_once(team: Team, bob: User, charlie: User, now: datetime) -> None:
    grant_role(team=team, actor=bob, email=charlie.email, role=Role.MODERATOR, language="en", now=now)

    assert has_role(user=charlie, roles=MODERATE)
    assert list(teams_of(user=charlie, roles=MODERATE)) == [team]


def test_the_address_of_a_role_is_found_in_any_case(team: Team, bob: User, charlie: User, now: datetime) -> None:
    held = grant_role(team=team, actor=bob, email="CHARLIE@Example.org", role=Role.ANALYST, language="en", now=now)

    assert held.user == charlie


def test_a_role_given_to_a_second_proved_address_reaches_its_owner(
    team: Team, bob: User, charlie: User, now: datetime
) -> None:
    EmailAddress.objects.create(user=charlie, email="c@example.net", verified=True, primary=False)

    held = grant_role(team=team, actor=bob, email="c@example.net", role=Role.ANALYST, language="en", now=now)

    assert held.user == charlie


def test_a_role_given_to_a_new_address_makes_an_account_without_a_password(
    team: Team, bob: User, now: datetime
) -> None:
    held = grant_role(team=team, actor=bob, email=NEW, role=Role.MODERATOR, language="fr", now=now)

    assert not held.user.has_usable_password()
    assert held.user.language == "fr"
    assert not EmailAddress.objects.get(user=held.user).verified


def test_a_password_set_in_wait_for_a_role_opens_nothing(team: Team, bob: User, now: datetime) -> None:
    squatter = make_user(email=NEW, password=PASSWORD, verified=False)

    grant_role(team=team, actor=bob, email=NEW, role=Role.OWNER, language="en", now=now)

    squatter.refresh_from_db()
    assert not squatter.has_usable_password()


def test_the_mail_of_a_role_speaks_the_persons_language(team: Team, bob: User, now: datetime) -> None:
    make_user(email="luc@example.org", language="fr")

    grant_role(team=team, actor=bob, email="luc@example.org", role=Role.ANALYST, language="en", now=now)

    mail = owed_mail("account_role_granted")
    with override("fr"):
        role = str(Role.ANALYST.label)
    context = payload_of(mail).context
    assert mail.language == "fr"
    assert context["role"] == role
    assert "/fr/accounts/login/code/" in context["sign_in_url"]


def test_giving_a_role_twice_changes_nothing_and_mails_once(team: Team, bob: User, now: datetime) -> None:
    first = grant_role(team=team, actor=bob, email=NEW, role=Role.ANALYST, language="en", now=now)
    second = grant_role(team=team, actor=bob, email=NEW, role=Role.ANALYST, language="en", now=now)

    assert first == second
    assert owed_kinds() == ["account_role_granted"]
    assert AuditEntry.objects.filter(verb="role.granted").count() == 1


@pytest.mark.django_db(transaction=True)
def test_giving_one_new_person_a_role_twice_at_once_makes_one_account(team: Team, bob: User, now: datetime) -> None:
    outcomes = run_in_parallel(
        lambda: grant_role(team=team, actor=bob, email=NEW, role=Role.ANALYST, language="en", now=now), times=6
    )

    assert len({membership.pk for membership in results_of(outcomes)}) == 1
    assert User.objects.filter(email=NEW).count() == 1
    assert owed_kinds() == ["account_role_granted"]


def test_a_role_taken_away_ends_at_once(team: Team, bob: User, mona: User, now: datetime) -> None:
    held = Membership.objects.get(user=mona)

    revoke_role(team=team, actor=bob, membership_id=held.pk, now=now)

    assert not has_role(user=mona, roles=MODERATE)
    entry = AuditEntry.objects.get(verb="role.revoked")
    assert (entry.actor, entry.at, entry.subject) == (bob, now, f"moderator of user {mona.pk}")


def test_the_last_owner_stays(team: Team, bob: User, now: datetime) -> None:
    held = Membership.objects.get(user=bob, role=Role.OWNER)

    with pytest.raises(LastOwnerStays):
        revoke_role(team=team, actor=bob, membership_id=held.pk, now=now)

    assert Membership.objects.filter(pk=held.pk).exists()
    assert not AuditEntry.objects.exists()


def test_an_owner_with_a_closed_account_does_not_count(team: Team, bob: User, now: datetime) -> None:
    make_membership(user=make_user(is_active=False), team=team, role=Role.OWNER)
    held = Membership.objects.get(user=bob, role=Role.OWNER)

    with pytest.raises(LastOwnerStays):
        revoke_role(team=team, actor=bob, membership_id=held.pk, now=now)


def test_the_owner_of_another_team_does_not_count(team: Team, bob: User, now: datetime) -> None:
    make_membership(team=make_team(), role=Role.OWNER)
    held = Membership.objects.get(user=bob, role=Role.OWNER)

    with pytest.raises(LastOwnerStays):
        revoke_role(team=team, actor=bob, membership_id=held.pk, now=now)


def test_a_role_of_another_team_cannot_be_taken(team: Team, bob: User, now: datetime) -> None:
    elsewhere = make_membership(team=make_team(), role=Role.ANALYST)

    with pytest.raises(RoleNotHeld):
        revoke_role(team=team, actor=bob, membership_id=elsewhere.pk, now=now)


def test_taking_a_role_twice_says_so(team: Team, bob: User, mona: User, now: datetime) -> None:
    held = Membership.objects.get(user=mona)
    revoke_role(team=team, actor=bob, membership_id=held.pk, now=now)

    with pytest.raises(RoleNotHeld):
        revoke_role(team=team, actor=bob, membership_id=held.pk, now=now)


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_remove_each_other_at_once_leave_one(team: Team, bob: User, now: datetime) -> None:
    other = make_membership(team=team, role=Role.OWNER)
    mine = Membership.objects.get(user=bob, role=Role.OWNER)

    outcomes = run_all_in_parallel(
        [
            lambda: revoke_role(team=team, actor=bob, membership_id=other.pk, now=now),
            lambda: revoke_role(team=team, actor=other.user, membership_id=mine.pk, now=now),
        ]
    )

    assert sum(isinstance(outcome, LastOwnerStays) for outcome in outcomes) == 1
    assert Membership.objects.filter(team=team, role=Role.OWNER).count() == 1


def test_a_closed_account_holds_no_role(team: Team, mona: User) -> None:
    mona.is_active = False
    mona.save()

    assert not has_role(user=mona, roles=MODERATE)
