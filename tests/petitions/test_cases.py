"""Cases: what they find, that they remove exactly that, and that undoing gives back exactly that."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import AuditEntry
from petitions.actions.cases import (
    IllegalCaseStep,
    NoConditions,
    NothingFound,
    TooManyFound,
    advance_case,
    discard_case,
    forget_networks_of_cases,
    run_case,
    undo_case,
)
from petitions.actions.leaving import erase_signature, withdraw_signature
from petitions.actions.tally import fold_tally, recount
from petitions.models import (
    CaseMember,
    CaseState,
    HeldReason,
    IntegrityCase,
    PendingSignature,
    Petition,
    Signature,
    TallyEntry,
)
from petitions.queries.links import my_signature_token
from petitions.rules.cases import FORGOTTEN, Conditions
from petitions.rules.periods import bucket_start
from tests.factories import NOW, make_petition
from tests.petitions.casework import (
    BAD_DOMAIN,
    HELD,
    NETWORK,
    OF_BOTS,
    advance_to_the_end,
    begin_run,
    begin_undoing,
    make_attempt,
    make_bots,
    make_case,
    make_done_case,
    make_proved,
    owed_by,
)
from tests.petitions.counting import assert_count_is_true, quarter_of, state_of

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=3)


@pytest.fixture
def petition() -> Petition:
    return make_petition()


def audited() -> list[str]:
    return list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True))


# --- Preview ----------------------------------------------------------------------------------------------------------
def test_a_preview_keeps_what_it_found_and_removes_nothing(petition: Petition) -> None:
    bots = make_bots(petition, 3)
    make_proved(petition)
    attempt = make_attempt(petition, domain_digest=BAD_DOMAIN)

    case = make_case(petition)

    members = (
        CaseMember.objects.filter(case=case).order_by("pk").values_list("signature_id", "attempt_id", "changed_it")
    )
    assert list(members) == [*((bot.pk, None, False) for bot in bots), (None, attempt.pk, False)]
    assert (case.found_counted, case.found_held, case.found_attempts) == (3, 0, 1)
    assert (case.state, case.conditions) == (CaseState.PREVIEWED, {"domain": BAD_DOMAIN.hex()})
    assert Signature.objects.counted().count() == 4
    assert audited() == ["case.previewed"]
    assert "bots.example" not in AuditEntry.objects.get().subject


@pytest.mark.parametrize(
    ("conditions", "columns"),
    [
        (Conditions(domain=BAD_DOMAIN.hex()), {"domain_digest": BAD_DOMAIN}),
        (Conditions(network=NETWORK.hex()), {"network_digest": NETWORK}),
        (Conditions(name_shape="aaa0"), {"name_shape": "aaa0"}),
        (Conditions(country="KR"), {"country": "KR"}),
        (Conditions(form_age_below_s=3), {"form_age_s": 2}),
        (Conditions(proof_below_s=5), {"signed_at": NOW - timedelta(seconds=4)}),
        (Conditions(since=NOW + timedelta(hours=1)), {"verified_at": NOW + timedelta(hours=1)}),
        (Conditions(until=NOW - timedelta(hours=1)), {"verified_at": NOW - timedelta(hours=2)}),
        (Conditions(held="any"), {"held": HELD}),
        (Conditions(held=HELD.value), {"held": HELD}),
    ],
)
def test_each_condition_finds_its_rows_and_no_others(
    petition: Petition, conditions: Conditions, columns: dict[str, Any]
) -> None:
    found = make_proved(petition, **columns)
    make_proved(petition, form_age_s=60)
    make_proved(make_petition(), **columns)

    case = make_case(petition, conditions=conditions)

    assert [member.signature_id for member in CaseMember.objects.filter(case=case)] == [found.pk]
    assert Conditions.from_json(case.conditions) == conditions


@pytest.mark.parametrize(
    ("conditions", "columns"),
    [
        (Conditions(network=NETWORK.hex()), {"network_digest": NETWORK}),
        (Conditions(form_age_below_s=3), {"form_age_s": 2}),
        (Conditions(since=NOW + timedelta(hours=1)), {"created_at": NOW + timedelta(hours=1)}),
        (Conditions(held="any"), {"held": HeldReason.HONEYPOT}),
        (Conditions(held="honeypot"), {"held": HeldReason.HONEYPOT}),
    ],
)
def test_conditions_find_attempts_too(petition: Petition, conditions: Conditions, columns: dict[str, Any]) -> None:
    found = make_attempt(petition, **columns)
    make_attempt(petition)

    case = make_case(petition, conditions=conditions)

    assert [member.attempt_id for member in CaseMember.objects.filter(case=case)] == [found.pk]


def test_all_conditions_must_hold(petition: Petition) -> None:
    make_bots(petition, 1, country="FR")
    both = make_bots(petition, 1, country="KR")
    make_proved(petition, country="KR")

    case = make_case(petition, conditions=Conditions(domain=BAD_DOMAIN.hex(), country="KR"))

    assert [member.signature_id for member in CaseMember.objects.filter(case=case)] == [both[0].pk]


def test_a_case_needs_a_condition(petition: Petition) -> None:
    make_proved(petition)

    with pytest.raises(NoConditions):
        make_case(petition, conditions=Conditions())
    assert not IntegrityCase.objects.exists()


def test_a_case_needs_a_row(petition: Petition) -> None:
    make_proved(petition)

    with pytest.raises(NothingFound):
        make_case(petition)
    assert not IntegrityCase.objects.exists()


def test_a_case_has_a_bound(petition: Petition, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("petitions.actions.cases.MOST_MEMBERS", 2)  # a number, not a function
    make_bots(petition, 2)
    make_case(petition)
    make_attempt(petition, domain_digest=BAD_DOMAIN)

    with pytest.raises(TooManyFound):
        make_case(petition)
    assert IntegrityCase.objects.count() == 1


def test_what_a_case_removed_is_not_found_again(petition: Petition) -> None:
    make_bots(petition, 2)
    make_done_case(petition)

    with pytest.raises(NothingFound):
        make_case(petition)


# --- Run --------------------------------------------------------------------------------------------------------------
def test_a_run_takes_off_its_members_and_nobody_else(petition: Petition) -> None:
    bots = make_bots(petition, 3)
    others = [make_proved(petition) for _ in range(2)]
    case = make_case(petition)
    late = make_bots(petition, 1)

    case = advance_to_the_end(begin_run(case, now=LATER), now=LATER)

    assert set(Signature.objects.counted()) == {*others, *late}
    assert (case.state, case.removed, case.handled, case.run_at, case.done_at) == (CaseState.DONE, 3, 3, LATER, LATER)
    for bot in bots:
        bot.refresh_from_db()
        assert (bot.invalidated_at, bot.case) == (LATER, case)
    assert_count_is_true(petition)
    assert owed_by(petition) == {"proved": 6, "invalidated": -3}
    assert audited() == ["case.previewed", "case.run"]


def test_a_removal_leaves_the_quarter_hour_country_and_channel_of_its_proof(petition: Petition) -> None:
    (bot,) = make_bots(petition, 1, verified_at=NOW + timedelta(minutes=40), country="KR")
    fold_tally(petition_id=petition.pk, now=NOW)

    advance_to_the_end(begin_run(make_case(petition), now=LATER), now=LATER)

    entry = TallyEntry.objects.get()
    assert (entry.delta, entry.occurred_at, entry.bucket_at) == (-1, LATER, quarter_of(bot))
    assert (entry.country, entry.channel) == ("KR", bot.channel)
    fold_tally(petition_id=petition.pk, now=LATER)
    assert_count_is_true(petition)


def test_a_run_goes_in_batches_and_says_how_far_it_is(petition: Petition) -> None:
    make_bots(petition, 5)
    case = begin_run(make_case(petition))
    progress = []

    while done := advance_case(case_id=case.pk, now=NOW, batch=2):
        case.refresh_from_db()
        progress.append((done, case.handled, case.removed, case.state))
        assert_count_is_true(petition)

    assert progress == [(2, 2, 2, "running"), (2, 4, 4, "running"), (1, 5, 5, "running")]
    case.refresh_from_db()
    assert case.state == CaseState.DONE
    assert advance_case(case_id=case.pk, now=NOW) == 0


def test_what_was_held_is_removed_without_touching_the_count(petition: Petition) -> None:
    (held,) = make_bots(petition, 1, held=HELD)

    case = make_done_case(petition)

    held.refresh_from_db()
    assert held.invalidated_at is not None
    assert (held.held_at, case.removed) == (held.verified_at, 0)
    assert not TallyEntry.objects.exists()


def test_what_left_or_was_removed_since_the_preview_is_passed_over(petition: Petition) -> None:
    gone, removed, stays = make_bots(petition, 3)
    case = make_case(petition)
    withdraw_signature(token=my_signature_token(signature_id=gone.pk, now=NOW), now=NOW)
    other = advance_to_the_end(begin_run(make_case(petition, conditions=OF_BOTS)))
    Signature.objects.filter(pk=stays.pk).update(invalidated_at=None, case=None)
    TallyEntry.objects.create(
        petition=petition,
        delta=1,
        reason="restored",
        occurred_at=NOW,
        bucket_at=quarter_of(stays),
        country="FR",
        channel="web",
    )

    case = advance_to_the_end(begin_run(case))

    removed.refresh_from_db()
    assert (case.removed, removed.case) == (1, other)
    assert list(CaseMember.objects.filter(case=case, changed_it=True).values_list("signature_id", flat=True)) == [
        stays.pk
    ]
    assert_count_is_true(petition)


def test_attempts_of_a_case_are_held_so_that_their_links_prove_nothing_that_counts(petition: Petition) -> None:
    attempt = make_attempt(petition, domain_digest=BAD_DOMAIN)
    known = make_attempt(petition, domain_digest=BAD_DOMAIN, held=HeldReason.HONEYPOT)

    case = make_done_case(petition)

    attempt.refresh_from_db()
    known.refresh_from_db()
    assert (attempt.held_reason, attempt.case) == (HeldReason.CASE, case)
    assert (known.held_reason, known.case) == (HeldReason.HONEYPOT, case)


# --- Undo -------------------------------------------------------------------------------------------------------------
def test_undoing_restores_exactly_what_the_case_removed(petition: Petition) -> None:
    make_bots(petition, 3)
    make_bots(petition, 1, held=HELD)
    make_attempt(petition, domain_digest=BAD_DOMAIN)
    make_attempt(petition, domain_digest=BAD_DOMAIN, held=HeldReason.HONEYPOT)
    before = list(Signature.objects.order_by("pk").values())
    attempts_before = list(PendingSignature.objects.order_by("pk").values())
    case = make_done_case(petition)

    case = advance_to_the_end(begin_undoing(case, now=LATER), now=LATER, batch=2)

    assert list(Signature.objects.order_by("pk").values()) == before
    assert list(PendingSignature.objects.order_by("pk").values()) == attempts_before
    assert (case.state, case.removed, case.restored, case.undone_at) == (CaseState.UNDONE, 3, 3, LATER)
    assert case.undo_reason == "It was a school."
    assert owed_by(petition) == {"proved": 3, "invalidated": -3, "restored": 3}
    assert_count_is_true(petition)
    assert audited() == ["case.previewed", "case.run", "case.undone"]


def test_a_restored_signature_returns_to_its_own_quarter_hour(petition: Petition) -> None:
    (bot,) = make_bots(petition, 1, verified_at=NOW + timedelta(minutes=40), country="KR")
    case = make_done_case(petition)
    fold_tally(petition_id=petition.pk, now=NOW)

    advance_to_the_end(begin_undoing(case, now=LATER), now=LATER)

    entry = TallyEntry.objects.get()
    assert (entry.delta, entry.occurred_at, entry.bucket_at) == (1, LATER, bucket_start(bot.verified_at))
    assert (entry.country, entry.channel) == ("KR", bot.channel)


def test_who_withdrew_stays_away_and_who_erased_counts_namelessly(petition: Petition) -> None:
    left, erased, _third = make_bots(petition, 3)
    case = make_done_case(petition)
    withdraw_signature(token=my_signature_token(signature_id=left.pk, now=NOW), now=NOW)
    erase_signature(token=my_signature_token(signature_id=erased.pk, now=NOW), now=NOW)

    case = advance_to_the_end(begin_undoing(case))

    assert case.restored == 2
    assert Signature.objects.counted().count() == 2
    erased.refresh_from_db()
    assert (erased.name_sealed, erased.invalidated_at) == (None, None)
    assert_count_is_true(petition)


def test_a_link_cashed_while_the_case_stood_counts_once_it_is_undone(petition: Petition) -> None:
    make_attempt(petition, domain_digest=BAD_DOMAIN)
    case = make_done_case(petition)
    PendingSignature.objects.all().delete()
    proved = make_proved(petition, held=HeldReason.CASE, case=case)  # as signing.PROVE copies it
    assert_count_is_true(petition)

    advance_to_the_end(begin_undoing(case, now=LATER), now=LATER)

    proved.refresh_from_db()
    assert proved.held_at is None
    assert owed_by(petition) == {"proved": 1}
    assert_count_is_true(petition)


def test_what_two_cases_cover_counts_once_both_are_undone(petition: Petition) -> None:
    make_attempt(petition, domain_digest=BAD_DOMAIN)
    first = make_done_case(petition)
    proved = make_proved(petition, held=HeldReason.CASE, case=first, country="KR")
    second = make_done_case(petition, conditions=Conditions(country="KR"))

    advance_to_the_end(begin_undoing(first))
    assert not Signature.objects.counted().exists()
    advance_to_the_end(begin_undoing(second))

    assert list(Signature.objects.counted()) == [proved]
    assert owed_by(petition) == {"proved": 1}
    assert_count_is_true(petition)


def test_the_reasons_agree_with_a_recount(petition: Petition) -> None:
    make_bots(petition, 4)
    make_proved(petition)
    advance_to_the_end(begin_undoing(make_done_case(petition)))
    make_done_case(petition)

    recount(petition_id=petition.pk, now=NOW)

    assert_count_is_true(petition)
    assert state_of(petition).published == 1


# --- Steps ------------------------------------------------------------------------------------------------------------
def test_a_discarded_case_forgets_its_members(petition: Petition) -> None:
    make_bots(petition, 2)
    case = make_case(petition)

    discard_case(petition=petition, case_id=case.pk, actor=case.created_by, now=NOW)

    assert not CaseMember.objects.exists()
    with pytest.raises(IllegalCaseStep):
        begin_run(case)
    assert audited() == ["case.previewed", "case.discarded"]


def test_steps_out_of_turn_are_refused(petition: Petition) -> None:
    make_bots(petition, 1)
    case = make_case(petition)

    with pytest.raises(IllegalCaseStep):
        begin_undoing(case)
    begin_run(case)
    for step in (begin_run, begin_undoing):
        with pytest.raises(IllegalCaseStep):
            step(case)
    with pytest.raises(IllegalCaseStep):
        discard_case(petition=petition, case_id=case.pk, actor=case.created_by, now=NOW)
    advance_to_the_end(case)
    advance_to_the_end(begin_undoing(case))
    for step in (begin_run, begin_undoing):
        with pytest.raises(IllegalCaseStep):
            step(case)
    assert audited() == ["case.previewed", "case.run", "case.undone"]


def test_a_case_of_another_petition_is_not_found(petition: Petition) -> None:
    make_bots(petition, 1)
    case = make_case(petition)
    theirs = make_petition()

    for step in (run_case, discard_case):
        with pytest.raises(IntegrityCase.DoesNotExist):
            step(petition=theirs, case_id=case.pk, actor=case.created_by, now=NOW)
    with pytest.raises(IntegrityCase.DoesNotExist):
        undo_case(petition=theirs, case_id=case.pk, reason="x", actor=case.created_by, now=NOW)


def test_the_network_of_an_old_case_is_forgotten(petition: Petition) -> None:
    make_proved(petition, network_digest=NETWORK)
    old = make_case(petition, conditions=Conditions(network=NETWORK.hex(), country="FR"))
    new = make_case(petition, conditions=Conditions(network=NETWORK.hex()), now=LATER)

    assert forget_networks_of_cases(created_before=LATER) == 1
    assert forget_networks_of_cases(created_before=LATER) == 0

    old.refresh_from_db()
    new.refresh_from_db()
    assert old.conditions == {"network": FORGOTTEN, "country": "FR"}
    assert new.conditions == {"network": NETWORK.hex()}
    assert NETWORK.hex() not in str(old.conditions)
