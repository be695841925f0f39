"""The figures of the page of deliverability add up, name no small domain, and cost two statements."""

from datetime import timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from outbox import statistics
from outbox.models import MessageState, OutgoingMessage
from outbox.statistics import HOUR, DomainFigures, mail_statistics, waiting_mail
from tests.factories import NOW, make_message

pytestmark = pytest.mark.django_db
SINCE, UNTIL = NOW - timedelta(days=7), NOW + HOUR


def make_messages(domain: str, count: int, **changes: Any) -> None:
    now = changes.pop("now", NOW)
    messages = [make_message(recipient=f"person{n}@{domain}", now=now) for n in range(count)]
    OutgoingMessage.objects.filter(pk__in=[message.pk for message in messages]).update(**changes)


def domains() -> dict[str, DomainFigures]:
    return {domain.domain: domain for domain in mail_statistics(since=SINCE, until=UNTIL).domains}


def test_each_ending_is_counted_by_domain() -> None:
    sent = {"state": MessageState.SENT, "sent_at": NOW}
    make_messages("big.example", 6, **sent, delivered_at=NOW)
    make_messages("big.example", 2, **sent, bounced_at=NOW)
    make_messages("big.example", 1, **sent, delivered_at=NOW, complained_at=NOW)
    make_messages("big.example", 3, state=MessageState.FAILED)
    make_messages("big.example", 4)
    make_messages("big.example", 2, state=MessageState.SUPPRESSED, payload_sealed=None)

    figures = domains()["big.example"]

    expected = {"owed": 18, "sent": 9, "delivered": 7, "bounced": 2, "complained": 1, "suppressed": 2, "failed": 3}
    assert {name: getattr(figures, name) for name in expected} == expected
    assert figures.waiting == 4


def test_a_domain_under_five_messages_is_not_named() -> None:
    make_messages("five.example", 5)
    make_messages("four.example", 4)
    make_messages("one.example", 1)

    found = domains()

    assert set(found) == {"five.example", ""}
    assert found[""].owed == 5


def test_a_domain_whose_messages_were_all_emptied_is_one_of_the_others() -> None:
    make_messages("big.example", 9, state=MessageState.SENT, sent_at=NOW, payload_sealed=None)
    make_messages("gone.example", 9, state=MessageState.SENT, sent_at=NOW, payload_sealed=None, domain_digest=None)

    assert {name: figures.owed for name, figures in domains().items()} == {"": 18}


def test_only_the_biggest_domains_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statistics, "DOMAINS_SHOWN", 1)
    make_messages("big.example", 7)
    make_messages("second.example", 6)

    assert {name: figures.owed for name, figures in domains().items()} == {"big.example": 7, "": 6}


def test_hours_and_domains_add_up_to_the_whole() -> None:
    for days in (0, 1, 6):
        make_messages("big.example", 5, now=NOW - timedelta(days=days))
        make_messages(f"small{days}.example", 2, now=NOW - timedelta(days=days, hours=3))
    make_messages("big.example", 5, now=NOW - timedelta(days=8))

    found = mail_statistics(since=SINCE, until=UNTIL)

    assert found.total.owed == 21
    assert sum(hour.owed for hour in found.hours) == sum(domain.owed for domain in found.domains) == 21
    assert len(found.hours) == 169
    assert [hour.starts_at for hour in found.hours if hour.owed][-1] == NOW


def test_no_more_than_the_newest_messages_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statistics, "MOST_MESSAGES", 5)
    make_messages("old.example", 5, now=NOW - timedelta(days=1))
    make_messages("new.example", 5)

    found = mail_statistics(since=SINCE, until=UNTIL)

    assert [domain.domain for domain in found.domains] == ["new.example"]
    assert found.is_cut


def test_nothing_owed_is_nothing_counted() -> None:
    found = mail_statistics(since=SINCE, until=UNTIL)

    assert (found.total.owed, found.domains, found.is_cut) == (0, [], False)


def test_it_costs_two_statements_however_many_domains(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for n in range(6):
        make_messages(f"provider{n}.example", 5)

    with django_assert_num_queries(2):
        mail_statistics(since=SINCE, until=UNTIL)


def test_waiting_mail_is_told_with_its_trouble() -> None:
    assert waiting_mail(owed_before=NOW) is None
    make_messages("late.example", 1, now=NOW - HOUR, last_error="SMTPAuthenticationError", due_at=NOW + HOUR)
    make_messages("new.example", 1, now=NOW + HOUR)

    waiting = waiting_mail(owed_before=NOW)

    assert waiting is not None
    assert (waiting.since, waiting.trouble) == (NOW - HOUR, "SMTPAuthenticationError")


def test_what_is_meant_for_later_does_not_wait() -> None:
    make_messages("later.example", 1, now=NOW - HOUR, due_at=NOW + HOUR)

    assert waiting_mail(owed_before=NOW) is None
