"""What supporters put right of their own signature, and the news that they begin and end, by the link alone."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from accounts.tokens import BadToken
from petitions.actions.correcting import (
    NoLongerEligible,
    SignatureChanged,
    SignatureNameless,
    correct_signature,
    join_news,
    leave_news_of_mine,
)
from petitions.actions.leaving import SignatureGone, erase_signature, withdraw_signature
from petitions.actions.tally import fold_tally
from petitions.models import CommentState, Eligibility, NewsConsent, Petition, Signature, Tally, TallyBucket, TallyEntry
from petitions.queries.history import integrity_of
from petitions.queries.links import my_signature_token, news_token
from petitions.queries.my_signature import state_digest
from petitions.queries.sealed import Details, details_of, name_of
from petitions.queries.signed_details import columns_of_all, typed_of
from petitions.rules.typed import TypedDetails
from tests.factories import ALICE, NOW, make_petition, make_signature
from tests.parallel import results_of, run_all_in_parallel, run_in_parallel

pytestmark = pytest.mark.django_db
with_real_connections = pytest.mark.django_db(transaction=True)
LATER = NOW + timedelta(hours=5)
SAID = TypedDetails(
    name="Alise", country="FR", postcode="75011", comment="It reads with me.", name_shown="initials", answers={"7": "x"}
)


def link_to(signature: Signature) -> str:
    return my_signature_token(signature_id=signature.pk, now=NOW)


def reloaded(signature: Signature) -> Signature:
    return Signature.objects.get(pk=signature.pk)


def seen(signature: Signature) -> str:
    return state_digest(typed=typed_of(reloaded(signature)))


def correct(signature: Signature, **changes: Any) -> Signature:
    typed = replace(typed_of(reloaded(signature)), **changes)
    return correct_signature(token=link_to(signature), typed=typed, seen=seen(signature), now=LATER)


def make_commented(*, state: CommentState = CommentState.PUBLISHED, said: TypedDetails = SAID) -> Signature:
    signature = make_signature(owed=False)
    columns = {**columns_of_all(typed=said), "comment_state": state, "comment_decided_at": NOW}
    Signature.objects.filter(pk=signature.pk).update(**columns)
    return reloaded(signature)


def make_consent(petition: Petition, version: int = 1) -> NewsConsent:
    labels = {"en": f"Write to me, version {version}", "fr": f"Écrivez-moi, version {version}"}
    return NewsConsent.objects.create(petition=petition, version=version, labels=labels, created_at=NOW)


# --- What is said ---------------------------------------------------------------------------------------------------
def test_correcting_keeps_everything_that_was_said_anew() -> None:
    signature = make_commented()
    new = {
        "name": "Alice",
        "country": "BE",
        "postcode": "1000",
        "comment": "",
        "answers": {"7": "y"},
        "choices": {"8": "a"},
    }

    correct(signature, **new)

    typed = typed_of(reloaded(signature))
    assert {name: getattr(typed, name) for name in new} == new
    assert reloaded(signature).name_shape == "Aa"


def test_correcting_the_name_alone_owes_nothing_to_the_count() -> None:
    signature = make_signature(owed=False, name="Alise", country="FR")

    correct(signature, name="Alice")

    assert name_of(reloaded(signature)) == "Alice"
    assert not TallyEntry.objects.exists()


def test_correcting_the_country_moves_the_count_and_never_raises_it() -> None:
    petition = make_petition()
    signature = make_signature(petition=petition, country="FR")
    fold_tally(petition_id=petition.pk, now=NOW)

    correct(signature, country="BE")

    assert list(TallyEntry.objects.order_by("id").values_list("delta", "country")) == [(-1, "FR"), (1, "BE")]
    fold_tally(petition_id=petition.pk, now=LATER)
    assert dict(TallyBucket.objects.filter(n__gt=0).values_list("country", "n")) == {"BE": 1}
    assert Tally.objects.get().total == integrity_of(petition=petition).standing == 1


@pytest.mark.parametrize("why", [{"held_at": NOW, "held_reason": "name"}, {"invalidated_at": NOW}])
def test_correcting_what_is_not_counted_owes_nothing(why: dict[str, Any]) -> None:
    signature = make_signature(owed=False)
    Signature.objects.filter(pk=signature.pk).update(**why)

    correct(signature, country="BE")

    assert reloaded(signature).country == "BE"
    assert not TallyEntry.objects.exists()


def test_a_country_that_may_not_sign_is_refused_and_the_old_one_stays() -> None:
    petition = make_petition()
    signature = make_signature(petition=petition, country="FR")
    Petition.objects.update(who_may_sign=Eligibility.COUNTRIES, allowed_countries=["FR", "BE"])

    with pytest.raises(NoLongerEligible):
        correct(signature, country="DE")
    correct(signature, country="BE")

    assert reloaded(signature).country == "BE"


def test_somebody_whom_a_new_rule_leaves_out_can_still_put_their_name_right() -> None:
    signature = make_signature(country="DE")
    Petition.objects.update(who_may_sign=Eligibility.COUNTRIES, allowed_countries=["FR"])

    correct(signature, name="Alice")

    assert name_of(reloaded(signature)) == "Alice"


# --- A published comment --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("change", [{"comment": "Other words."}, {"name": "Buy now"}, {"name_shown": "full"}])
def test_what_nobody_has_reviewed_is_on_no_page(change: dict[str, str]) -> None:
    signature = make_commented()

    correct(signature, **change)

    row = reloaded(signature)
    assert (row.comment_state, row.comment_decided_at) == (CommentState.WAITING, None)


@pytest.mark.parametrize("change", [{"name_shown": "hidden"}, {"postcode": "1000"}, {"country": "BE"}])
def test_showing_less_and_what_is_not_shown_needs_nobodys_leave(change: dict[str, str]) -> None:
    signature = make_commented()

    correct(signature, **change)

    row = reloaded(signature)
    assert (row.comment_state, row.comment_decided_at) == (CommentState.PUBLISHED, NOW)


def test_a_comment_that_is_taken_back_is_gone() -> None:
    signature = make_commented()

    correct(signature, comment="")

    assert reloaded(signature).comment_state == CommentState.NONE
    assert details_of(reloaded(signature)) == Details(postcode="75011", answers={"7": "x"})


def test_a_first_comment_waits_for_its_review() -> None:
    signature = make_commented(state=CommentState.NONE, said=replace(SAID, comment=""))

    correct(signature, comment="It reads with me.")

    assert reloaded(signature).comment_state == CommentState.WAITING


# --- Two tabs -------------------------------------------------------------------------------------------------------
def test_a_page_that_was_opened_before_another_change_overwrites_nothing_unseen() -> None:
    signature = make_signature(name="Alise", owed=False)
    opened = seen(signature)
    correct(signature, name="Alice")
    stale = TypedDetails(name="Alise B.", country="FR")

    with pytest.raises(SignatureChanged):
        correct_signature(token=link_to(signature), typed=stale, seen=opened, now=LATER)

    assert name_of(reloaded(signature)) == "Alice"


def test_the_same_form_sent_twice_is_saved_once_and_is_no_conflict() -> None:
    signature = make_signature(name="Alise", country="FR", owed=False)
    opened, typed = seen(signature), TypedDetails(name="Alice", country="BE")

    for _ in range(2):
        correct_signature(token=link_to(signature), typed=typed, seen=opened, now=LATER)

    assert TallyEntry.objects.count() == 2


def test_what_was_seen_says_nothing_without_the_key() -> None:
    typed = TypedDetails(name="Alice", wants_news=True)

    assert state_digest(typed=typed) == state_digest(typed=replace(typed, wants_news=False))
    assert state_digest(typed=typed) != state_digest(typed=replace(typed, name="alice"))
    assert len(state_digest(typed=typed)) == 32


@pytest.mark.parametrize("leave", [withdraw_signature, erase_signature])
def test_correcting_after_leaving_in_another_tab_brings_nothing_back(leave: Callable[..., None]) -> None:
    signature = make_signature(owed=False)
    opened = seen(signature)
    leave(token=link_to(signature), now=LATER)

    with pytest.raises((SignatureGone, SignatureNameless)):
        correct_signature(token=link_to(signature), typed=TypedDetails(name="Alice"), seen=opened, now=LATER)

    assert not Signature.objects.filter(name_sealed__isnull=False).exists()


@with_real_connections
@pytest.mark.parametrize("leave", [withdraw_signature, erase_signature])
def test_leaving_while_a_correction_is_on_its_way_leaves_nothing(leave: Callable[..., None]) -> None:
    signature = make_signature(owed=False, country="FR")
    opened, token = seen(signature), link_to(signature)
    names = [f"Name {number}" for number in range(6)]
    corrections: list[Callable[[], object]] = [
        lambda name=name: correct_signature(  # type: ignore[misc]
            token=token, typed=TypedDetails(name=name, country="BE"), seen=opened, now=LATER
        )
        for name in names
    ]

    outcomes = run_all_in_parallel([*corrections, lambda: leave(token=token, now=LATER)])

    results_of(outcomes[-1:])
    assert {type(outcome) for outcome in outcomes[:-1]} <= {
        Signature,
        SignatureChanged,
        SignatureGone,
        SignatureNameless,
    }
    assert not Signature.objects.filter(name_sealed__isnull=False).exists()
    assert sum(TallyEntry.objects.values_list("delta", flat=True)) == (-1 if leave is withdraw_signature else 0)


@with_real_connections
def test_of_different_corrections_at_once_one_is_saved_and_the_others_are_told() -> None:
    signature = make_signature(owed=False)
    opened, token = seen(signature), link_to(signature)
    acts: list[Callable[[], object]] = [
        lambda name=name: correct_signature(  # type: ignore[misc]
            token=token, typed=TypedDetails(name=f"Name {name}", country="FR"), seen=opened, now=LATER
        )
        for name in range(8)
    ]

    outcomes = run_all_in_parallel(acts)

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Signature"] + ["SignatureChanged"] * 7


def test_what_was_erased_cannot_be_corrected() -> None:
    signature = make_signature()
    erase_signature(token=link_to(signature), now=LATER)

    with pytest.raises(SignatureNameless):
        correct(signature, name="Alice")


def test_a_forged_link_corrects_nothing() -> None:
    signature = make_signature(name="Alice")

    with pytest.raises(BadToken):
        correct_signature(
            token=link_to(signature)[:-1], typed=TypedDetails(name="Mallory"), seen=seen(signature), now=LATER
        )

    assert name_of(reloaded(signature)) == "Alice"


# --- News -----------------------------------------------------------------------------------------------------------
def test_joining_keeps_the_version_of_the_words_that_were_read() -> None:
    signature = make_signature()
    consent = make_consent(signature.petition)

    join_news(token=link_to(signature), language="en", consent_id=consent.pk, now=LATER)

    row = reloaded(signature)
    assert (row.wants_news, row.news_consent) == (True, consent)


def test_joining_under_the_sites_own_words_keeps_no_version() -> None:
    signature = make_signature()

    join_news(token=link_to(signature), language="en", consent_id=None, now=LATER)

    assert (reloaded(signature).wants_news, reloaded(signature).news_consent) == (True, None)


@pytest.mark.parametrize("read", ["none", "older"])
def test_nobody_agrees_to_words_that_they_have_not_read(read: str) -> None:
    signature = make_signature()
    older, _newer = make_consent(signature.petition), make_consent(signature.petition, version=2)

    with pytest.raises(SignatureChanged):
        join_news(token=link_to(signature), language="en", consent_id=older.pk if read == "older" else None, now=LATER)

    assert not reloaded(signature).wants_news


def test_who_has_joined_keeps_the_words_that_they_agreed_to() -> None:
    signature = make_signature()
    agreed = make_consent(signature.petition)
    join_news(token=link_to(signature), language="en", consent_id=agreed.pk, now=LATER)
    newer = make_consent(signature.petition, version=2)

    join_news(token=link_to(signature), language="en", consent_id=newer.pk, now=LATER)
    correct(signature, name="Alice B.")

    assert (reloaded(signature).wants_news, reloaded(signature).news_consent) == (True, agreed)


def test_leaving_the_news_drops_the_agreement() -> None:
    signature = make_signature()
    consent = make_consent(signature.petition)
    join_news(token=link_to(signature), language="en", consent_id=consent.pk, now=LATER)

    for _ in range(2):
        leave_news_of_mine(token=link_to(signature), now=LATER)

    assert (reloaded(signature).wants_news, reloaded(signature).news_consent) == (False, None)


def test_who_erased_their_address_can_join_no_news() -> None:
    signature = make_signature()
    erase_signature(token=link_to(signature), now=LATER)

    with pytest.raises(SignatureNameless):
        join_news(token=link_to(signature), language="en", consent_id=None, now=LATER)


def test_the_link_that_ends_the_news_begins_none() -> None:
    signature = make_signature(email=ALICE)

    with pytest.raises(BadToken):
        join_news(token=news_token(signature_id=signature.pk, now=NOW), language="en", consent_id=None, now=LATER)


@with_real_connections
def test_joining_many_times_at_once_is_joining_once() -> None:
    signature = make_signature()
    token = link_to(signature)

    results_of(run_in_parallel(lambda: join_news(token=token, language="en", consent_id=None, now=LATER), times=8))

    assert reloaded(signature).wants_news
