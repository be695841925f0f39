"""
Clocks that differ and clocks that are set: between the form, the mail, the proof and the fold any time may pass.

Each act is told its time by whoever calls it; a wrong clock is another `now`.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db.models import Sum
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from outbox.delivery import deliver_batch
from outbox.models import MessageState, OutgoingMessage
from outbox.queue import try_again
from petitions.actions.leaving import SignatureGone, withdraw_signature
from petitions.actions.reconciling import reconcile_tallies
from petitions.actions.signing import ProofLinkExpired
from petitions.actions.tally import fold_tally
from petitions.models import Petition, Signature, Tally, TallyBucket, TallyEntry
from petitions.queries.links import my_signature_token, proof_token
from petitions.rules.signing import MAILS_PER_DAY
from tests.factories import NOW, make_pending_signature, make_petition
from tests.petitions.signing_steps import prove_by, sign, signed_and_mailed
from tests.sign_forms import carried

pytestmark = pytest.mark.django_db
JUMPS = [timedelta(minutes=-7), timedelta(hours=-30), timedelta(minutes=9), timedelta(days=2), timedelta(0)]
# The hour that Paris lives twice and the one that it skips, the last second of a day before and after a leap second
# that was smeared backwards, and a leap day.
ODD_INSTANTS = [
    datetime(2026, 10, 25, 0, 59, 59, 999_999, tzinfo=UTC),
    datetime(2026, 10, 25, 1, 0, tzinfo=UTC),
    datetime(2026, 3, 29, 1, 0, tzinfo=UTC),
    datetime(2026, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    datetime(2028, 2, 29, 12, 0, tzinfo=UTC),
]


def assert_count_is_true(petition: Petition) -> None:
    while fold_tally(petition_id=petition.pk, now=NOW):
        pass
    counted = Signature.objects.counted().filter(petition=petition).count()
    total = Tally.objects.filter(petition=petition).aggregate(n=Sum("total"))["n"] or 0
    in_buckets = TallyBucket.objects.filter(petition=petition).aggregate(n=Sum("n"))["n"] or 0
    assert (total, in_buckets, TallyEntry.objects.count()) == (counted, counted, 0)
    assert reconcile_tallies(now=NOW) == []


@pytest.mark.parametrize("jump", [*JUMPS[:3], timedelta(0)])
@pytest.mark.parametrize("start", [NOW, *ODD_INSTANTS])
def test_a_proof_counts_once_whatever_the_clock_did_since_the_form(start: datetime, jump: timedelta) -> None:
    petition = make_petition(opens_at=start - timedelta(days=9))
    attempt = make_pending_signature(petition=petition, created_at=start)
    # Back by more than the tolerance the link counts as made by a wrong clock; here it is one of this morning.
    token = proof_token(attempt=attempt, now=start if jump > -timedelta(days=1) else start + jump)

    prove_by(token=token, now=start + jump)
    prove_by(token=token, now=start)

    signature = Signature.objects.get()
    assert signature.verified_at >= signature.signed_at == start
    assert_count_is_true(petition)


@pytest.mark.parametrize("jump", JUMPS)
def test_leaving_at_any_time_takes_back_exactly_what_was_counted(jump: timedelta) -> None:
    petition = make_petition()
    prove_by(token=signed_and_mailed(petition), now=NOW)
    assert_count_is_true(petition)

    withdraw_signature(token=my_signature_token(signature_id=Signature.objects.get().pk, now=NOW), now=NOW + jump)

    assert_count_is_true(petition)
    assert not Signature.objects.exists()


def test_a_link_from_the_near_future_works_and_one_from_far_ahead_is_made_anew() -> None:
    petition = make_petition()
    token = signed_and_mailed(petition)

    with pytest.raises(ProofLinkExpired):
        prove_by(token=token, now=NOW - timedelta(days=1, minutes=1))
    prove_by(token=token, now=NOW - timedelta(days=1))

    assert Signature.objects.count() == 1


def test_a_link_from_far_ahead_offers_a_new_mail(client: Client) -> None:
    attempt = make_pending_signature(created_at=timezone.now())
    token = proof_token(attempt=attempt, now=timezone.now() + timedelta(days=400))

    page = client.get(reverse("petitions:verify", args=[token]))

    assert page.status_code == 410
    assert 'method="post"' in page.text


def test_a_day_that_comes_twice_owes_no_more_mails_than_one() -> None:
    petition = make_petition()
    midnight = NOW.replace(hour=0, minute=0, second=0, microsecond=0)

    for _ in range(4):
        for jump in (timedelta(seconds=-1), timedelta(seconds=1)):  # back and forth over the change of the day
            sign(petition, now=midnight + jump)

    assert OutgoingMessage.objects.count() == 2 * MAILS_PER_DAY


@pytest.mark.usefixtures("mail_dir")
def test_a_mail_leaves_at_once_although_the_workers_clock_is_behind() -> None:
    sign(make_petition())

    deliver_batch(now=NOW - timedelta(minutes=7))

    assert OutgoingMessage.objects.get().state == MessageState.SENT


def test_a_mail_that_fails_on_a_clock_that_is_behind_is_put_off_and_stays_owed(
    tmp_path: Path, settings: object
) -> None:
    sign(make_petition())
    settings.EMAIL_BACKEND = "outbox.mailbox.FileBackend"  # type: ignore[attr-defined]
    settings.MAIL_DIR = tmp_path / "a file"  # type: ignore[attr-defined]
    (tmp_path / "a file").write_text("where the folder should be")

    deliver_batch(now=NOW - timedelta(minutes=7))

    message = OutgoingMessage.objects.get()
    assert message.state == MessageState.DUE
    assert message.due_at >= message.created_at


def test_a_failed_mail_is_tried_again_by_a_clock_that_is_behind() -> None:
    sign(make_petition())
    OutgoingMessage.objects.update(state=MessageState.FAILED)

    assert try_again(message_ids=[OutgoingMessage.objects.get().pk], now=NOW - timedelta(hours=1)) == 1


def test_a_form_whose_page_came_from_a_server_that_is_ahead_is_not_held(client: Client) -> None:
    petition = make_petition(slug="x")
    form = {"name": "Ada", "email": "ada@example.org", **carried("x", age=timedelta(minutes=-5))}

    client.post(reverse("petitions:sign", args=["x"]), form)

    assert petition.pending_signatures.get().held_reason == ""


@pytest.mark.parametrize("jump", [timedelta(minutes=-6), timedelta(days=-3), timedelta(minutes=6), timedelta(days=3)])
def test_every_page_answers_after_the_clock_was_set(
    client: Client, jump: timedelta, monkeypatch: pytest.MonkeyPatch
) -> None:
    petition = make_petition(slug="x", opens_at=timezone.now() - timedelta(days=30))
    link = reverse("petitions:verify", args=[signed_and_mailed(petition)])
    wrong = timezone.now() + jump
    monkeypatch.setattr(timezone, "now", lambda: wrong)

    pages = [client.get(path).status_code for path in ("/en/", "/en/petitions/x/", "/en/petitions/x/integrity/", link)]
    signed = client.post(reverse("petitions:sign", args=["x"]), {"name": "Ada", "email": "ada@example.org"})
    proved = client.post(link)

    assert set(pages) <= {200, 410}
    assert signed.status_code == 303
    assert proved.status_code in (303, 410)
    assert_count_is_true(petition)


ACTS = st.sampled_from(["sign", "prove", "withdraw", "fold", "reconcile"])
MOMENTS = st.timedeltas(min_value=timedelta(days=-3), max_value=timedelta(days=3))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(ACTS, MOMENTS, st.integers(0, 2)), min_size=4, max_size=14))
def test_no_order_of_acts_and_clocks_makes_the_count_untrue(db: None, steps: list[tuple[str, timedelta, int]]) -> None:
    petition = make_petition()
    people = [make_pending_signature(petition=petition) for _ in range(3)]
    tokens = [proof_token(attempt=attempt, now=NOW) for attempt in people]

    for act, moment, who in steps:
        now = NOW + moment
        do: dict[str, Callable[[], object]] = {
            "sign": lambda now=now: sign(petition, now=now),
            "prove": lambda now=now, who=who: prove_by(token=tokens[who], now=now),
            "withdraw": lambda now=now, who=who: _withdraw_some(who, now),
            "fold": lambda now=now: fold_tally(petition_id=petition.pk, now=now),
            "reconcile": lambda now=now: reconcile_tallies(now=now),
        }
        try:
            do[act]()
        except (ProofLinkExpired, SignatureGone):
            continue

    assert_count_is_true(petition)
    Signature.objects.all().delete()
    petition.delete()


def _withdraw_some(number: int, now: datetime) -> None:
    signature = Signature.objects.order_by("id")[number : number + 1].first()
    if signature is not None:
        withdraw_signature(token=my_signature_token(signature_id=signature.pk, now=now), now=now)
