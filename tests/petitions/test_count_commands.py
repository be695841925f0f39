"""The counts at the terminal, by the clock and for the operator."""

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin.sites import site as admin_site
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from prometheus_client import generate_latest

from accounts.models import User
from keep4o_site.metrics import collect_metrics
from outbox.queue import queue_email
from petitions import tasks
from petitions.actions.tally import FOLD_BATCH, fold_tally
from petitions.models import Petition, PetitionState, Signature, Tally, TallyEntry, TallyReason
from petitions.queries.counts import published_count
from tests.factories import (
    NOW,
    make_pending_signature,
    make_petition,
    make_signature,
    make_tally_entry,
    make_user,
)
from tests.petitions.counting import load_signatures, sign_every_second

pytestmark = pytest.mark.django_db


def run(*arguments: str, **options: Any) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out, **options)
    return out.getvalue()


@pytest.fixture
def petition() -> Petition:
    petition = make_petition(slug="keep", timezone="Europe/Paris")
    sign_every_second(petition, 3)
    fold_tally(petition_id=petition.pk, now=NOW)
    return petition


# --- manage.py export_counts ----------------------------------------------------------------------------------------
def test_counts_are_written_as_csv_to_the_terminal(petition: Petition) -> None:
    assert run("export_counts", "keep") == "day,starts_at,signatures\r\n2026-03-02,2026-03-02T00:00:00+01:00,3\r\n"


def test_counts_are_written_as_json_in_any_zone_and_span(petition: Petition, tmp_path: Path) -> None:
    file = tmp_path / "counts.json"

    run("export_counts", "keep", "--by=hour", "--tz=Asia/Tokyo", "--from=2026-03-02", "--to=2026-03-02", f"--output={file}", "--format=json")  # fmt: skip

    data = json.loads(file.read_text(encoding="utf-8"))
    assert (data["total"], data["timezone"], len(data["rows"])) == (3, "Asia/Tokyo", 24)
    assert data["rows"][21]["signatures"] == 3


@pytest.mark.parametrize(
    "arguments",
    [
        ["nothing"],
        ["keep", "--tz=Mars/Phobos"],
        ["keep", "--from=soon"],
        ["keep", "--from=2026-02-14", "--to=2026-02-13"],
        ["keep", "--by=decade"],
        ["keep", "--by=hour", "--from=2000-01-01", "--to=2099-12-31"],
        ["keep", "--output=/nowhere/counts.csv"],
    ],
)
def test_an_export_that_cannot_be_made_is_one_sentence(petition: Petition, arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        run("export_counts", *arguments)


# --- manage.py recount ----------------------------------------------------------------------------------------------
def test_a_recount_says_what_was_and_what_is(petition: Petition) -> None:
    Tally.objects.update(total=7)

    assert run("recount", "keep") == "keep: 7 before, 3 now\n"
    assert run("recount", "--all") == "keep: 3 before, 3 now\n"


@pytest.mark.parametrize("arguments", [[], ["nothing"], ["keep", "--all"]])
def test_a_recount_of_nothing_is_refused(petition: Petition, arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        run("recount", *arguments)


# --- Tasks ----------------------------------------------------------------------------------------------------------
def test_the_clock_folds_every_petition_until_nothing_is_owed() -> None:
    small, large = make_petition(), make_petition()
    load_signatures(small, 3)
    load_signatures(large, FOLD_BATCH + 1)

    tasks.fold_owed_tallies()

    assert not TallyEntry.objects.exists()
    assert [published_count(petition_id=petition.pk) for petition in (small, large)] == [3, FOLD_BATCH + 1]


def test_the_clock_repairs_what_drifted(petition: Petition) -> None:
    Tally.objects.update(total=7)

    tasks.reconcile_tallies()

    assert published_count(petition_id=petition.pk) == 3


def test_an_entry_without_a_signature_stops_no_other_petition(petition: Petition) -> None:
    other = make_petition()
    make_signature(petition=other)
    ghost = Signature.objects.filter(petition=petition).latest("id")
    for _ in range(4):
        make_tally_entry(signature=ghost, delta=-1, reason=TallyReason.WITHDRAWN)

    tasks.fold_owed_tallies()

    assert [published_count(petition_id=each.pk) for each in (petition, other)] == [3, 1]
    tasks.reconcile_tallies()
    assert published_count(petition_id=petition.pk) == 3
    assert not TallyEntry.objects.exists()


def test_the_clock_opens_and_closes() -> None:
    past = timezone.now() - timedelta(minutes=1)
    opening = make_petition(state=PetitionState.SCHEDULED, opens_at=past)
    closing = make_petition(closes_at=past)

    tasks.open_and_close_petitions()

    states = dict(Petition.objects.values_list("pk", "state"))
    assert states == {opening.pk: "open", closing.pk: "closed"}


def test_the_clock_spreads_the_news(petition: Petition) -> None:
    celebrated = make_petition(ladder=[1])
    make_signature(petition=celebrated, wants_news=True)
    tasks.fold_owed_tallies()

    tasks.spread_milestone_news()

    assert "outbox_messages_due 1.0" in metrics_text()


# --- Metrics --------------------------------------------------------------------------------------------------------
def metrics_text(*, seconds_later: int = 0) -> str:
    return generate_latest(collect_metrics(now=timezone.now() + timedelta(seconds=seconds_later))).decode()


def test_a_healthy_site_owes_nothing_and_drifts_by_nothing(petition: Petition) -> None:
    make_petition(slug="secret", state=PetitionState.DRAFT)

    text = metrics_text()

    assert "petitions_tally_drift 0.0" in text
    assert "petitions_tally_entries_owed 0.0" in text
    assert 'petitions_signatures{petition="keep"} 3.0' in text
    assert "secret" not in text


def test_what_is_owed_and_how_long_is_told(petition: Petition) -> None:
    owed_since = timezone.now() - timedelta(seconds=30)
    make_signature(petition=petition, verified_at=owed_since)
    make_pending_signature(petition=petition)
    Tally.objects.update(total=5)
    queue_email(
        kind="milestone_news", unique_key="1", recipient="a@example.org", language="en", context={}, now=owed_since
    )

    figures = dict(line.rsplit(" ", 1) for line in metrics_text().splitlines() if not line.startswith("#"))

    assert float(figures["petitions_tally_drift"]) == 0  # nobody has looked yet
    assert float(figures["petitions_tally_entries_owed"]) == 1
    assert 30 <= float(figures["petitions_tally_oldest_owed_age_seconds"]) < 90
    assert float(figures["outbox_messages_due"]) == 1
    assert 30 <= float(figures["outbox_oldest_due_age_seconds"]) < 90
    assert float(figures["petitions_pending_attempts"]) == 1


def test_a_drift_is_told_until_the_next_look_and_its_repair_for_ever(petition: Petition) -> None:
    Tally.objects.update(total=5)
    tasks.reconcile_tallies()

    found, later = metrics_text(), (tasks.reconcile_tallies(), metrics_text())[1]

    assert "petitions_tally_drift 6.0" in found  # reasons, buckets and hours are each two away
    assert "petitions_tally_drift 0.0" in later
    assert "petitions_tally_repairs 1.0" in later


def test_the_age_of_the_last_look_at_everything_is_told(petition: Petition) -> None:
    tasks.reconcile_tallies()

    lap = next(line for line in metrics_text(seconds_later=40).splitlines() if line.startswith("petitions_tally_lap"))

    name, age = lap.rsplit(" ", 1)
    assert name == 'petitions_tally_lap_age_seconds{petition="keep"}'
    assert 40 <= float(age) < 100


def test_metrics_never_read_the_signatures(petition: Petition) -> None:
    with CaptureQueriesContext(connection) as captured:
        metrics_text()

    assert not [query for query in captured.captured_queries if "petitions_signature" in query["sql"]]


# --- Admin ----------------------------------------------------------------------------------------------------------
@pytest.fixture
def operator_client() -> Client:
    operator: User = make_user(is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(operator)
    return client


@pytest.mark.parametrize("model", ["petition", "petitiontext", "milestone", "tallycheck", "tallyrepair"])
def test_the_operator_looks_and_cannot_write(operator_client: Client, petition: Petition, model: str) -> None:
    assert operator_client.get(f"/admin/petitions/{model}/").status_code == 200
    assert operator_client.get(f"/admin/petitions/{model}/add/").status_code == 403


def test_the_operator_recounts_by_a_button(operator_client: Client, petition: Petition) -> None:
    Tally.objects.update(total=7)

    operator_client.post(
        "/admin/petitions/petition/", {"action": "recount_selected", "_selected_action": [petition.pk]}
    )

    assert published_count(petition_id=petition.pk) == 3


def test_nobody_browses_people_in_the_admin() -> None:
    shown = {model.__name__ for model in admin_site._registry if model._meta.app_label == "petitions"}

    assert shown == {"Petition", "PetitionText", "Milestone", "TallyCheck", "TallyRepair"}
