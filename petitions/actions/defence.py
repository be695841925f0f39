"""Judging an attempt to sign by what came with its words; whatever is found, the visitor sees nothing of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import idna
from django.conf import settings

from accounts.throttling import Counted, Counter, Once, begin_to_count
from accounts.visitors import network_digest
from outbox.digests import domain_digest, domain_of
from petitions.models import HeldReason
from petitions.queries.holds import is_on_hold
from petitions.queries.sign_forms import SentForm, sent_form
from petitions.queries.work import ProvedWork, attempt_counter, level_at, proved_work
from petitions.rules.defence import Judgement
from petitions.rules.mail_domains import BIG_MAIL_DOMAINS, is_disposable
from petitions.rules.work import has_done_enough


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What came with the words of an attempt; each "" where it is not known or was not sent."""

    address: str  # as typed and cleaned by the form
    network: str  # of accounts.visitors.visitor_network, never an address
    honeypot: str = ""
    form_token: str = ""
    work: str = ""


@dataclass(frozen=True, kw_only=True)
class _Limit:
    """How often something may be counted before it is held, and for which reason."""

    counter: Counter
    most: int
    reason: HeldReason


@dataclass(frozen=True, kw_only=True)
class _Known:
    """What is known of an attempt before Valkey has counted it."""

    network: bytes | None  # the digest of its network
    form: SentForm | None
    has_work: bool
    is_baited: bool  # the field that nobody sees was filled in
    is_disposable: bool
    is_ruled_out: bool  # by staff


@dataclass(frozen=True, kw_only=True)
class _Counts:
    """What Valkey says of an attempt, this one included. `over`: by which limits it is held."""

    over: frozenset[HeldReason]
    per_minute: float
    form_uses: float
    work_is_new: bool


def judge_attempt(*, slug: str, evidence: Evidence, now: datetime) -> Judgement:
    """This function will judge one attempt to sign a petition, see begin_to_judge, and wait for the judgement."""
    return begin_to_judge(slug=slug, evidence=evidence, now=now)()


def begin_to_judge(*, slug: str, evidence: Evidence, now: datetime) -> Callable[[], Judgement]:
    """
    Judge one attempt to sign a petition, before the transaction that records it; Valkey counts meanwhile.

    Returns: what waits for Valkey and gives the first reason to hold it, in the order of what costs others most; "" for
             none. For the same thread.
    Writes:  counters in Valkey, one round trip. No row is locked or written; PostgreSQL is asked for the switches and
             hold rules of staff, at most once in two seconds by each process.
    Source:  docs/decisions/0013.
    """
    network = network_digest(prefix=evidence.network, day=now.date())
    domain, digest_of_domain = domain_of(evidence.address), domain_digest(address=evidence.address)
    limits = [*_network_limits(evidence.network, network), *_domain_limits(domain, digest_of_domain)]
    form = sent_form(slug=slug, token=evidence.form_token, now=now)
    work = proved_work(slug=slug, payload=evidence.work)
    counting = _begin_to_count(slug=slug, limits=limits, form=form, work=work, now=now)
    known = _Known(
        network=network,
        form=form,
        has_work=work is not None,
        is_baited=bool(evidence.honeypot.strip()),
        is_disposable=is_disposable(_in_ascii(domain)),
        is_ruled_out=is_on_hold(slug=slug, domain=digest_of_domain, network=network, now=now),
    )
    return lambda: _judgement_by(known, _counts_in(counting(), limits=limits))


def _judgement_by(known: _Known, counts: _Counts) -> Judgement:
    form, asked = known.form, level_at(per_minute=counts.per_minute)
    found = {
        HeldReason.NETWORK_RATE: HeldReason.NETWORK_RATE in counts.over,
        HeldReason.DOMAIN_RATE: HeldReason.DOMAIN_RATE in counts.over,
        HeldReason.HONEYPOT: known.is_baited,
        HeldReason.FORM_AGE: form is None or (asked > 0 and _is_sent_at_once(form)),
        HeldReason.NO_WORK: not has_done_enough(
            asked=asked,
            has_proof=known.has_work and counts.work_is_new,
            is_excused=_is_excused(form=form, uses=counts.form_uses),
        ),
        HeldReason.DISPOSABLE: known.is_disposable,
        HeldReason.RULE: known.is_ruled_out,
    }
    reason = next((reason.value for reason, is_so in found.items() if is_so), "")
    return Judgement(held_reason=reason, network_digest=known.network, form_age_s=form.age_s if form else None)


def _begin_to_count(
    *, slug: str, limits: list[_Limit], form: SentForm | None, work: ProvedWork | None, now: datetime
) -> Callable[[], Counted]:
    """This function will count the attempt everywhere at once, and mark its proof of work as used."""
    counters = [attempt_counter(slug=slug), _form_counter(slug=slug, form=form), *(limit.counter for limit in limits)]
    once = Once(name=f"work:{work.nonce}", lifetime=settings.WORK_LIFETIME) if work else None
    return begin_to_count(counters=counters, now=now, once=once)


def _counts_in(counted: Counted, *, limits: list[_Limit]) -> _Counts:
    per_minute, form_uses, *seen = counted.recent
    return _Counts(
        over=frozenset(limit.reason for limit, times in zip(limits, seen, strict=True) if times > limit.most),
        per_minute=per_minute,
        form_uses=form_uses,
        work_is_new=counted.is_first,
    )


def _network_limits(prefix: str, digest: bytes | None) -> list[_Limit]:
    """This function will say how often a network may be seen; nothing for one that is not known."""
    if digest is None:
        return []
    kind = "ipv6" if ":" in prefix else "ipv4"
    return _limits(name=f"network:{digest.hex()}", kind=kind, reason=HeldReason.NETWORK_RATE)


def _domain_limits(domain: str, digest: bytes) -> list[_Limit]:
    is_big = domain in BIG_MAIL_DOMAINS or domain in settings.BIG_MAIL_DOMAINS
    kind = "big_domain" if is_big else "domain"
    return _limits(name=f"domain:{digest.hex()}", kind=kind, reason=HeldReason.DOMAIN_RATE)


def _limits(*, name: str, kind: str, reason: HeldReason) -> list[_Limit]:
    return [
        _Limit(counter=Counter(name=name, length=length), most=most, reason=reason)
        for most, length in settings.SIGNING_LIMITS[kind]
    ]


def _form_counter(*, slug: str, form: SentForm | None) -> Counter:
    stamp = int(form.made_at.timestamp()) if form else 0
    return Counter(name=f"form:{slug[:100]}:{stamp}", length=settings.WORK_GRACE)


def _is_sent_at_once(form: SentForm) -> bool:
    # Browsers that fill in forms are quick, too: it tells a program only while unusually many attempts arrive.
    return form.age_s < settings.FORM_MIN_AGE.total_seconds()


def _is_excused(*, form: SentForm | None, uses: float) -> bool:
    """This function will tell whether a form was opened in calm a short while ago: its page asked for no work."""
    if form is None or form.asked_work > 0:
        return False
    return form.age_s <= settings.WORK_GRACE.total_seconds() and uses <= settings.WORK_GRACE_USES


def _in_ascii(domain: str) -> str:
    try:
        return domain if domain.isascii() else idna.encode(domain, uts46=True).decode()
    except idna.IDNAError:
        return domain
