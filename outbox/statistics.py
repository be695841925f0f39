"""How mail fares: what was owed, left, arrived, came back and waits, by the provider's domain and by hour."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from outbox.digests import domain_of
from outbox.models import MessageState, OutgoingMessage
from outbox.sealing import CannotUnseal

HOUR = timedelta(hours=1)
MOST_MESSAGES = 100_000  # the newest of the span, read in a second: a page must not read a whole campaign of news
DOMAINS_SHOWN = 20
SMALLEST_NAMED_DOMAIN = 5  # a domain with fewer messages may be one person's own

_FIGURES = """
SELECT GROUPING(domain_digest, hour), domain_digest, hour,
       count(*), count(*) FILTER (WHERE state = 'sent'), count(delivered_at), count(bounced_at), count(complained_at),
       count(*) FILTER (WHERE state = 'suppressed'), count(*) FILTER (WHERE state = 'failed'),
       count(*) FILTER (WHERE state = 'due'), max(id) FILTER (WHERE is_sealed)
FROM (
    SELECT id, domain_digest, date_trunc('hour', created_at, 'UTC') AS hour, state, delivered_at, bounced_at,
           complained_at, payload_sealed IS NOT NULL AS is_sealed
    FROM outbox_outgoingmessage WHERE created_at >= %(since)s AND created_at < %(until)s
    ORDER BY created_at DESC LIMIT %(most)s
) AS newest
GROUP BY GROUPING SETS ((), (domain_digest), (hour))
"""
_ALL, _BY_DOMAIN, _BY_HOUR = 0b11, 0b01, 0b10


@dataclass(kw_only=True)
class MailFigures:
    """How many messages there were of some kind, and what became of them. `delivered` and after: as the provider told."""

    owed: int = 0
    sent: int = 0
    delivered: int = 0
    bounced: int = 0
    complained: int = 0
    suppressed: int = 0
    failed: int = 0
    waiting: int = 0

    @property
    def lost(self) -> int:
        return self.bounced + self.suppressed + self.failed

    def add(self, other: "MailFigures") -> None:
        for name, number in vars(other).items():
            setattr(self, name, getattr(self, name) + number)


@dataclass(kw_only=True)
class DomainFigures(MailFigures):
    """One mail provider; without a name: the small ones together."""

    domain: str = ""


@dataclass(kw_only=True)
class HourFigures(MailFigures):
    """One hour of UTC; a message stands in the hour in which it was owed."""

    starts_at: datetime


@dataclass(kw_only=True)
class MailStatistics:
    """What the page of deliverability shows of a span."""

    total: MailFigures = field(default_factory=MailFigures)
    domains: list[DomainFigures] = field(default_factory=list)
    hours: list[HourFigures] = field(default_factory=list)

    @property
    def is_cut(self) -> bool:
        return self.total.owed >= MOST_MESSAGES


@dataclass(frozen=True, kw_only=True)
class WaitingMail:
    """What is due now: since when the first of it waits, and what the mail server said last, as a code."""

    since: datetime
    trouble: str


def mail_statistics(*, since: datetime, until: datetime) -> MailStatistics:
    """
    This function will add up the messages that were owed in a span, the newest MOST_MESSAGES at most; two statements.

    Args:    since, until: full hours of UTC; `until` itself is left out.
    Returns: the DOMAINS_SHOWN biggest domains of at least SMALLEST_NAMED_DOMAIN messages, then the others as one;
             each hour of the span, oldest first.
    """
    rows = _look(since=since, until=until)
    count = int((until - since) / HOUR)
    hours = {since + n * HOUR: HourFigures(starts_at=since + n * HOUR) for n in range(count)}
    statistics = MailStatistics(hours=list(hours.values()))
    for grouping, _digest, hour, *figures in rows:
        if grouping == _ALL:
            statistics.total.add(_figures(figures))
        elif grouping == _BY_HOUR:
            hours[hour].add(_figures(figures))
    statistics.domains = _domains([row[1:] for row in rows if row[0] == _BY_DOMAIN])
    return statistics


def waiting_mail(*, owed_before: datetime) -> WaitingMail | None:
    """This function will tell since when mail waits that was owed before an instant, or None when all of it left."""
    due = OutgoingMessage.objects.filter(state=MessageState.DUE, created_at__lte=owed_before, due_at__lte=owed_before)
    late = OutgoingMessage.objects.filter(state=MessageState.DUE, created_at__lte=owed_before).exclude(last_error="")
    due = (due | late).order_by("created_at", "id")
    first = due.values_list("created_at", flat=True).first()
    if first is None:
        return None
    told = due.exclude(last_error="").values_list("last_error", flat=True).first()
    return WaitingMail(since=first, trouble=told or "")


def _look(*, since: datetime, until: datetime) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(_FIGURES, {"since": since, "until": until, "most": MOST_MESSAGES})
        return list(cursor.fetchall())


def _figures(numbers: list[int]) -> MailFigures:
    names = ("owed", "sent", "delivered", "bounced", "complained", "suppressed", "failed", "waiting")
    return MailFigures(**dict(zip(names, numbers[: len(names)], strict=True)))


def _domains(rows: list[tuple[Any, ...]]) -> list[DomainFigures]:
    """This function will name the biggest domains by opening one message of each; the others stay together."""
    big = sorted((row for row in rows if _is_nameable(row)), key=lambda row: (-row[2], bytes(row[0])))[:DOMAINS_SHOWN]
    names = _names([row[-1] for row in big])
    named: list[DomainFigures] = []
    others = DomainFigures()
    for row in rows:
        figures = _figures(list(row[2:]))
        name = names.get(row[-1], "")
        if name:
            domain = DomainFigures(domain=name)
            domain.add(figures)
            named.append(domain)
        else:
            others.add(figures)
    named.sort(key=lambda domain: (-domain.owed, domain.domain))
    return [*named, others] if others.owed else named


def _is_nameable(row: tuple[Any, ...]) -> bool:
    digest, owed, newest_sealed = row[0], row[2], row[-1]
    return digest is not None and newest_sealed is not None and owed >= SMALLEST_NAMED_DOMAIN


def _names(message_ids: list[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for message in OutgoingMessage.objects.filter(pk__in=message_ids):
        try:
            found[message.pk] = domain_of(message.payload().recipient)
        except CannotUnseal:
            continue  # emptied since, or sealed with a key that is gone: it is one of the others
    return found
