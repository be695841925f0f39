"""Forgetting one person at every petition, by their address alone."""

from datetime import timedelta

import pytest

from accounts.models import AuditEntry
from outbox.models import OutgoingMessage
from petitions.actions.whole_person import forget_whole_person
from petitions.models import PendingSignature, Signature, TallyEntry
from petitions.queries.sealed import email_of
from tests.factories import ALICE, NOW, make_pending_signature, make_petition, make_signature
from tests.parallel import results_of, run_in_parallel
from tests.petitions.signing_steps import sign, signed_and_mailed

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)
BOBBY = "bobby@example.org"


def forget(*, withdraws: bool = False, address: str = ALICE) -> tuple[int, int, int]:
    left = forget_whole_person(address=address, withdraws=withdraws, now=LATER)
    return left.signatures, left.attempts, left.messages


def mails_with_content() -> int:
    return OutgoingMessage.objects.with_payload().count()


def test_all_signatures_and_attempts_are_found_and_those_of_others_stay() -> None:
    signed = [make_signature(email=ALICE, owed=False) for _ in range(3)]
    make_pending_signature(email=ALICE)
    others, attempt = make_signature(email=BOBBY), make_pending_signature(email=BOBBY)

    assert forget() == (3, 1, 0)

    assert {email_of(row) for row in Signature.objects.filter(pk__in=[row.pk for row in signed])} == {""}
    assert email_of(Signature.objects.get(pk=others.pk)) == BOBBY
    assert list(PendingSignature.objects.all()) == [attempt]
    assert Signature.objects.counted().count() == 4


def test_withdrawing_takes_them_off_the_count() -> None:
    make_signature(email=ALICE, owed=False)
    make_signature(email=BOBBY, owed=False)

    assert forget(withdraws=True) == (1, 0, 0)

    assert email_of(Signature.objects.get()) == BOBBY
    assert TallyEntry.objects.get().delta == -1


def test_another_spelling_of_the_address_is_the_same_person() -> None:
    make_signature(email="a.lice@gmail.com")

    assert forget(address="ALICE+petitions@googlemail.com") == (1, 0, 0)


def test_mails_about_attempts_that_are_long_deleted_are_emptied() -> None:
    petition, other = make_petition(), make_petition()
    sign(petition)
    sign(other)
    sign(petition, email=BOBBY)
    PendingSignature.objects.all().delete()

    assert forget() == (0, 0, 2)

    assert mails_with_content() == 1


def test_forgetting_twice_finds_nothing_more() -> None:
    signed_and_mailed(make_petition())
    make_signature(email=ALICE)

    assert forget() == (1, 1, 1)
    assert forget() == (0, 0, 0)


def test_who_had_erased_their_name_may_be_withdrawn() -> None:
    make_signature(email=ALICE, owed=False)
    forget()

    assert forget(withdraws=True) == (1, 0, 0)
    assert not Signature.objects.exists()


def test_the_audit_trail_says_that_and_names_nobody() -> None:
    make_signature(email=ALICE)

    forget()

    [entry] = AuditEntry.objects.all()
    assert (entry.verb, entry.team, entry.actor) == ("person.erased", None, None)
    assert entry.subject == "1 signatures, 0 attempts, 0 messages"


@pytest.mark.django_db(transaction=True)
def test_two_operators_at_once_take_each_signature_once() -> None:
    for _ in range(4):
        make_signature(email=ALICE, owed=False)

    outcomes = run_in_parallel(
        lambda: forget_whole_person(address=ALICE, withdraws=True, now=LATER).signatures, times=4
    )

    assert sum(results_of(outcomes)) == 4
    assert TallyEntry.objects.count() == 4
