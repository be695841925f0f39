"""What a team's programs are owed: one event a milestone and endpoint, whatever races, crosses back or is counted anew."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from accounts.models import Team
from outbox.webhook_models import DisabledReason, OutgoingWebhook, WebhookEndpoint
from petitions.actions import editing
from petitions.actions.tally import fold_tally, recount
from petitions.actions.webhook_events import owe_milestone_event
from petitions.models import Milestone, PetitionState
from tests.accounts.webhooks import make_webhook
from tests.factories import NOW, make_petition, make_team
from tests.parallel import results_of, run_in_parallel
from tests.petitions.counting import load_signatures, sign_every_second, withdraw

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


def events() -> list[dict[str, Any]]:
    return [json.loads(event.body) for event in OutgoingWebhook.objects.order_by("id")]


def test_a_milestone_is_owed_to_each_webhook_of_its_team_in_the_transaction_of_the_fold(team: Team) -> None:
    one, two = make_webhook(team=team), make_webhook(team=team)
    make_webhook(team=make_team())
    petition = make_petition(team=team, slug="keep-gpt-4o", ladder=[2], default_language="fr")
    sign_every_second(petition, 3)

    fold_tally(petition_id=petition.pk, now=LATER)

    assert list(OutgoingWebhook.objects.order_by("endpoint_id").values_list("endpoint_id", flat=True)) == [
        one.pk,
        two.pk,
    ]
    assert events()[0] == events()[1]
    assert events()[0] == {
        "type": "petition.milestone_reached",
        "timestamp": "2026-03-02T12:00:01.000000Z",
        "data": {
            "petition": "keep-gpt-4o",
            "threshold": 2,
            "reached_at": "2026-03-02T12:00:01.000000Z",
            "count": 3,
            "url": "http://127.0.0.1:8000/fr/petitions/keep-gpt-4o/milestones/2/",
        },
    }


def test_the_page_that_an_event_names_is_there(team: Team, client: Any) -> None:
    make_webhook(team=team)
    petition = make_petition(team=team, ladder=[1])
    sign_every_second(petition, 1)
    fold_tally(petition_id=petition.pk, now=LATER)

    [event] = events()

    assert client.get(event["data"]["url"].removeprefix("http://127.0.0.1:8000")).status_code == 200


def test_two_milestones_of_one_fold_are_two_events(team: Team) -> None:
    make_webhook(team=team)
    petition = make_petition(team=team, ladder=[1, 2, 50])
    sign_every_second(petition, 3)

    fold_tally(petition_id=petition.pk, now=LATER)

    assert [event["data"]["threshold"] for event in events()] == [1, 2]


@pytest.mark.django_db(transaction=True)
def test_folds_that_race_owe_a_milestone_once() -> None:
    team = make_team()
    make_webhook(team=team)
    petition = make_petition(team=team, ladder=[50])
    load_signatures(petition, 100)

    results_of(run_in_parallel(lambda: fold_tally(petition_id=petition.pk, now=LATER, batch=20), times=8))
    while fold_tally(petition_id=petition.pk, now=LATER):
        pass

    assert [event["data"]["threshold"] for event in events()] == [50]


def test_crossing_back_and_again_owes_nothing_more(team: Team) -> None:
    make_webhook(team=team)
    petition = make_petition(team=team, ladder=[2])
    signatures = sign_every_second(petition, 2)
    fold_tally(petition_id=petition.pk, now=LATER)

    withdraw(signatures[0], at=LATER)
    fold_tally(petition_id=petition.pk, now=LATER)
    sign_every_second(petition, 2, first_at=LATER)
    fold_tally(petition_id=petition.pk, now=LATER)

    assert len(events()) == 1


def test_a_recount_owes_nothing_more(team: Team) -> None:
    make_webhook(team=team)
    petition = make_petition(team=team, ladder=[2])
    sign_every_second(petition, 3)
    fold_tally(petition_id=petition.pk, now=LATER)

    recount(petition_id=petition.pk, now=LATER)

    assert len(events()) == 1


def test_a_fold_that_is_rolled_back_owes_nothing(team: Team) -> None:
    make_webhook(team=team)
    petition = make_petition(team=team, ladder=[1])
    sign_every_second(petition, 1)

    with transaction.atomic():
        fold_tally(petition_id=petition.pk, now=LATER)
        transaction.set_rollback(True)

    assert events() == []


def test_a_webhook_that_is_off_is_owed_nothing(team: Team) -> None:
    webhook = make_webhook(team=team)
    WebhookEndpoint.objects.filter(pk=webhook.pk).update(disabled_at=NOW, disabled_reason=DisabledReason.BY_TEAM)
    petition = make_petition(team=team, ladder=[1])
    sign_every_second(petition, 1)

    fold_tally(petition_id=petition.pk, now=LATER)

    assert events() == []


def test_a_team_without_webhooks_costs_a_fold_one_statement(team: Team, django_assert_num_queries: Any) -> None:
    petition = make_petition(team=team)
    milestone = Milestone.objects.create(petition=petition, threshold=1, reached_at=NOW)

    with django_assert_num_queries(1):
        owe_milestone_event(milestone=milestone, now=NOW)


def test_opening_and_closing_are_told_once_and_other_changes_are_not(team: Team, bob: Any) -> None:
    make_webhook(team=team)
    petition = make_petition(team=team, slug="p", state=PetitionState.DRAFT, opens_at=None)

    editing.open_petition(petition_id=petition.pk, actor=bob, now=NOW)
    editing.pause_petition(petition_id=petition.pk, reason="A storm.", actor=bob, now=NOW)
    editing.resume_petition(petition_id=petition.pk, actor=bob, now=NOW)
    editing.close_petition(petition_id=petition.pk, actor=bob, now=LATER)

    page = "http://127.0.0.1:8000/en/petitions/p/"
    assert [(event["type"], event["data"]) for event in events()] == [
        ("petition.opened", {"petition": "p", "url": page}),
        ("petition.closed", {"petition": "p", "url": page}),
    ]


def test_the_clock_tells_of_openings_and_closings_too(team: Team) -> None:
    make_webhook(team=team)
    make_petition(team=team, state=PetitionState.SCHEDULED, opens_at=NOW)
    make_petition(team=team, closes_at=NOW)

    editing.open_due_petitions(now=LATER)
    editing.close_due_petitions(now=LATER)

    assert sorted(event["type"] for event in events()) == ["petition.closed", "petition.opened"]


def test_no_event_holds_anything_about_a_person(team: Team) -> None:
    make_webhook(team=team)
    petition = make_petition(team=team, ladder=[1])
    sign_every_second(petition, 2)

    fold_tally(petition_id=petition.pk, now=LATER)

    body = OutgoingWebhook.objects.get().body
    assert "@" not in body
    assert "Alice" not in body
    assert not {"email", "name", "country"} & set(json.loads(body)["data"])
