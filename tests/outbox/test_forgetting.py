"""Messages about a person who leaves: emptied at once, or as soon as whoever holds the row lets go."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connections, transaction
from pytest_django import Settings

from outbox.delivery import deliver_batch
from outbox.forgetting import forget_messages, pay_owed_forgettings
from outbox.models import SEALED_TABLES, MessageState, OutgoingMessage, OwedForgetting
from outbox.resealing import reseal_table
from outbox.tasks import forget_owed_messages
from tests.factories import ALICE, NOW, make_message

pytestmark = pytest.mark.django_db
with_real_connections = pytest.mark.django_db(transaction=True)
LATER = NOW + timedelta(minutes=1)
A_WHILE_S = 20


def forget(*messages: OutgoingMessage) -> int:
    with transaction.atomic():
        return forget_messages(unique_keys=[message.unique_key for message in messages], now=LATER)


def row_of(message: OutgoingMessage) -> OutgoingMessage:
    return OutgoingMessage.objects.get(pk=message.pk)


@contextmanager
def held_by_somebody_else(message: OutgoingMessage) -> Iterator[None]:
    """Another connection holds the row while this is open, as a delivery or a change of keys does."""
    is_held, may_go = Event(), Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                OutgoingMessage.objects.select_for_update().get(pk=message.pk)
                is_held.set()
                may_go.wait(A_WHILE_S)
        finally:
            connections.close_all()

    holder = Thread(target=hold)
    holder.start()
    assert is_held.wait(A_WHILE_S)
    try:
        yield
    finally:
        may_go.set()
        holder.join()


def test_a_due_message_never_leaves_once_it_is_forgotten(mail_dir: Any) -> None:
    message = make_message(recipient=ALICE)

    assert forget(message) == 1

    row = row_of(message)
    assert (row.state, row.payload_sealed, row.domain_digest) == (MessageState.FORGOTTEN, None, None)
    assert deliver_batch(now=LATER).sent == 0


def test_a_delivered_message_says_only_that_one_left(mail_dir: Any) -> None:
    message = make_message(recipient=ALICE)
    deliver_batch(now=NOW)

    forget(message)

    row = row_of(message)
    assert (row.state, row.payload_sealed, row.provider_id) == (MessageState.SENT, None, "")
    assert row.sent_at == NOW


def test_forgetting_twice_changes_nothing(mail_dir: Any) -> None:
    message = make_message()

    assert [forget(message), forget(message)] == [1, 0]


def test_only_what_is_named_is_forgotten() -> None:
    message, other = make_message(), make_message()

    forget(message)
    with transaction.atomic():
        forget_messages(unique_keys=["no such key"], now=LATER)

    assert row_of(other).payload_sealed is not None


def test_forgetting_that_is_rolled_back_has_not_happened() -> None:
    message = make_message()

    with transaction.atomic():
        forget_messages(unique_keys=[message.unique_key], now=LATER)
        transaction.set_rollback(True)

    assert row_of(message).payload_sealed is not None


@with_real_connections
def test_what_somebody_holds_is_owed_without_waiting_and_goes_when_it_is_free() -> None:
    message, free = make_message(), make_message()

    with held_by_somebody_else(message):
        assert forget(message, free) == 2  # the lock is held for as long as this block is open
        assert pay_owed_forgettings() == 0
        assert row_of(free).payload_sealed is None
        assert row_of(message).payload_sealed is not None
    forget_owed_messages()

    assert row_of(message).payload_sealed is None
    assert not OwedForgetting.objects.exists()


@with_real_connections
def test_a_change_of_keys_that_holds_a_row_keeps_nothing_alive(settings: Settings) -> None:
    message = make_message()
    old = settings.ENCRYPTION_KEYS
    settings.ENCRYPTION_KEYS = {"new": b"n" * 32, **old}
    is_held, may_go = Event(), Event()

    def reseal_slowly() -> None:
        try:
            with transaction.atomic():
                reseal_table(SEALED_TABLES[0])
                is_held.set()
                may_go.wait(A_WHILE_S)
        finally:
            connections.close_all()

    rotation = Thread(target=reseal_slowly)
    rotation.start()
    assert is_held.wait(A_WHILE_S)
    try:
        assert forget(message) == 1
    finally:
        may_go.set()
        rotation.join()
    forget_owed_messages()

    assert row_of(message).payload_sealed is None


@with_real_connections
def test_a_message_that_is_claimed_but_not_begun_does_not_leave(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "tests.outbox.test_forgetting.LeavingBackend"
    first, second = make_message(), make_message()
    LeavingBackend.sent, LeavingBackend.meanwhile = [], lambda: forget(second)

    report = deliver_batch(now=LATER)
    forget_owed_messages()

    assert (report.sent, len(LeavingBackend.sent)) == (1, 1)
    assert row_of(first).state == MessageState.SENT
    assert (row_of(second).state, row_of(second).payload_sealed) == (MessageState.FORGOTTEN, None)


@with_real_connections
def test_a_message_that_is_just_being_sent_leaves_nothing_behind(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "tests.outbox.test_forgetting.LeavingBackend"
    message = make_message()
    LeavingBackend.sent, LeavingBackend.meanwhile = [], lambda: forget(message)

    assert deliver_batch(now=LATER).sent == 1
    forget_owed_messages()

    assert (row_of(message).state, row_of(message).payload_sealed) == (MessageState.SENT, None)


class LeavingBackend:
    """A mail server that is slow enough for somebody to leave, on a connection of their own, while it takes a mail."""

    sent: list[Any] = []
    meanwhile: Callable[[], object]

    def __init__(self, **options: Any) -> None:
        pass

    def open(self) -> None:
        pass

    def close(self) -> None:
        pass

    def send_messages(self, mails: list[Any]) -> int:
        leaving = Thread(target=self._leave)
        leaving.start()
        leaving.join(A_WHILE_S)
        assert not leaving.is_alive()  # whoever leaves does not wait for the mail server
        LeavingBackend.sent += mails
        return len(mails)

    @staticmethod
    def _leave() -> None:
        try:
            LeavingBackend.meanwhile()
        finally:
            connections.close_all()
