"""manage.py erase_person: asked by mail or telephone, done without the address ever being an argument."""

import io
import logging

import pytest
from django.core.management import CommandError, call_command

from outbox.models import OutgoingMessage, OwedForgetting
from petitions.models import Signature
from tests.factories import ALICE, make_message, make_pending_signature, make_signature, make_user
from tests.testimonials.making import make_pending

pytestmark = pytest.mark.django_db


def erase_person(monkeypatch: pytest.MonkeyPatch, address: str, *options: str) -> list[str]:
    out = io.StringIO()
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{address}\n"))
    call_command("erase_person", *options, stdout=out)
    return out.getvalue().splitlines()


def test_it_says_in_numbers_what_was_done_and_what_was_left(monkeypatch: pytest.MonkeyPatch) -> None:
    make_signature(email=ALICE)
    make_pending_signature(email=ALICE)
    make_user(email=ALICE)
    make_pending(email=ALICE)

    said = erase_person(monkeypatch, " Alice@Example.org ")

    assert said == [
        "signatures erased: 1",
        "attempts deleted: 1",
        "messages emptied: 0",
        "accounts with this address, left as they are: 1",
        "stories told from this address, left as they are: 1",
    ]
    assert Signature.objects.get().email_sealed is None


def test_it_withdraws_when_asked_to(monkeypatch: pytest.MonkeyPatch) -> None:
    make_signature(email=ALICE)

    assert erase_person(monkeypatch, ALICE, "--withdraw")[0] == "signatures withdrawn: 1"
    assert not Signature.objects.exists()


def test_somebody_who_is_not_here_is_not_found(monkeypatch: pytest.MonkeyPatch) -> None:
    make_signature()

    assert {line.rsplit(": ", 1)[1] for line in erase_person(monkeypatch, ALICE)} == {"0"}


@pytest.mark.parametrize("typed", ["", "alice", "alice@example.org; drop table", "\x00", "a@b" * 200])
def test_what_is_no_address_changes_nothing(monkeypatch: pytest.MonkeyPatch, typed: str) -> None:
    make_signature(email=ALICE)

    with pytest.raises(CommandError, match="Nothing was changed"):
        erase_person(monkeypatch, typed)

    assert Signature.objects.get().email_sealed is not None


def test_the_address_is_no_argument(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandError, match="unrecognized arguments"):
        erase_person(monkeypatch, "", ALICE)


def test_nothing_of_it_is_logged(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    make_signature(email=ALICE)
    caplog.set_level(logging.DEBUG)

    erase_person(monkeypatch, ALICE)

    ours = [record for record in caplog.records if not record.name.startswith("django.db")]
    assert not any("alice" in str(vars(record)).lower() for record in ours)


def test_it_waits_for_what_a_delivery_had_held(monkeypatch: pytest.MonkeyPatch) -> None:
    message = make_message(recipient=ALICE)
    OwedForgetting.objects.create(message_id=message.pk, owed_at=message.created_at)

    erase_person(monkeypatch, ALICE)

    assert OutgoingMessage.objects.get().payload_sealed is None
    assert not OwedForgetting.objects.exists()
