"""A synthetic attack on the demo petition: one wave that a case took off, one that is being looked at, and what is held."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

from accounts.identity import identity_digest
from accounts.models import User
from outbox.digests import domain_digest, keyed_digest
from outbox.sealing import seal
from petitions.actions.attempt_hours import fold_attempts
from petitions.actions.cases import advance_case, preview_case, run_case
from petitions.models import (
    AttemptEntry,
    Channel,
    HeldReason,
    PendingSignature,
    Petition,
    RemovalReason,
    Signature,
)
from petitions.rules.cases import Conditions
from petitions.rules.name_shapes import name_shape

# What still counts of these days; with the history it makes the demo's total.
GENUINE, LOOKED_AT = 90, 64
STILL_COUNTED = GENUINE + LOOKED_AT
_REMOVED, _HELD_SIGNATURES, _HELD_ATTEMPTS = 312, 9, 23
_SEED = 2026_02_13
_FIRST_NAMES = ("Ada", "Luc", "Mei", "Omar", "Inès", "Jun", "Noor", "Eva", "Tom", "Lin", "Sara", "Paul")
_MAIL_DOMAINS = ("post.invalid", "mail.invalid", "letters.invalid", "home.invalid")
_BOTS_DOMAIN, _BOTS_NETWORK = "quick-mail.invalid", "the demo's one network"
_ATTEMPT_REASONS = (HeldReason.NETWORK_RATE, HeldReason.HONEYPOT, HeldReason.FORM_AGE, HeldReason.DISPOSABLE)


def stage_attack(*, petition: Petition, organiser: User, now: datetime) -> None:
    """This function will write the last two days of the demo; the caller recounts afterwards."""
    rng = random.Random(_SEED)  # noqa: S311 # a demonstration must repeat itself
    Signature.objects.bulk_create(_signatures(petition, rng, now))
    PendingSignature.objects.bulk_create(_held_attempts(petition, rng, now))
    AttemptEntry.objects.bulk_create(_entries(petition, rng, now))
    while fold_attempts():
        pass
    _remove_the_first_wave(petition=petition, organiser=organiser, now=now - timedelta(hours=20))
    preview_case(
        petition=petition,
        conditions=Conditions(network=_network(_BOTS_NETWORK).hex()),
        reason=RemovalReason.SAME_PERSON,
        note="Signed every few seconds from one network, each proved within a quarter of a minute.",
        actor=organiser,
        now=now - timedelta(minutes=50),
    )


def _remove_the_first_wave(*, petition: Petition, organiser: User, now: datetime) -> None:
    case = preview_case(
        petition=petition,
        conditions=Conditions(domain=domain_digest(address=f"x@{_BOTS_DOMAIN}").hex(), form_age_below_s=3, until=now),
        reason=RemovalReason.AUTOMATED,
        note="One throw-away mail domain within four hours, each form sent within two seconds.",
        actor=organiser,
        now=now,
    )
    run_case(petition=petition, case_id=case.pk, actor=organiser, now=now + timedelta(minutes=4))
    while advance_case(case_id=case.pk, now=now + timedelta(minutes=5)):
        pass


def _signatures(petition: Petition, rng: random.Random, now: datetime) -> Iterator[Signature]:
    for _ in range(GENUINE):
        seconds = rng.randint(25, 900)
        at = now - timedelta(hours=rng.uniform(0.2, 46))
        yield _signature(petition, rng, at, proof_s=seconds, form_age_s=rng.randint(14, 240))
    for _ in range(_REMOVED):
        at = now - timedelta(hours=rng.uniform(22, 26))
        yield _signature(petition, rng, at, proof_s=rng.randint(2, 6), form_age_s=rng.randint(1, 2), bot=True)
    for _ in range(LOOKED_AT):
        at = now - timedelta(hours=rng.uniform(1, 3))
        network = _network(_BOTS_NETWORK)
        yield _signature(petition, rng, at, proof_s=rng.randint(6, 15), form_age_s=rng.randint(5, 9), network=network)
    for n in range(_HELD_SIGNATURES):
        at = now - timedelta(hours=rng.uniform(1, 20))
        held = HeldReason.DISPOSABLE if n % 3 else HeldReason.FORM_AGE
        signature = _signature(petition, rng, at, proof_s=rng.randint(30, 300), form_age_s=rng.randint(2, 40))
        signature.held_at, signature.held_reason = at, held
        yield signature


def _signature(
    petition: Petition,
    rng: random.Random,
    at: datetime,
    *,
    proof_s: int,
    form_age_s: int,
    bot: bool = False,
    network: bytes | None = None,
) -> Signature:
    name, address = _bot(rng) if bot else _person(rng)
    return Signature(
        petition=petition,
        identity_digest=identity_digest(address=address),
        email_sealed=seal(text=address, purpose="signature.email"),
        name_sealed=seal(text=name, purpose="signature.name"),
        country="" if bot else rng.choice(("US", "FR", "GB", "JP", "DE")),
        language="en",
        channel=Channel.WEB,
        signed_at=at - timedelta(seconds=proof_s),
        verified_at=at,
        domain_digest=domain_digest(address=address),
        network_digest=network or _network(f"{rng.random()}"),
        form_age_s=form_age_s,
        name_shape=name_shape(name),
    )


def _held_attempts(petition: Petition, rng: random.Random, now: datetime) -> Iterator[PendingSignature]:
    for n in range(_HELD_ATTEMPTS):
        name, address = _bot(rng) if n % 4 else _person(rng)
        at = now - timedelta(hours=rng.uniform(0.3, 25))
        yield PendingSignature(
            petition=petition,
            identity_digest=identity_digest(address=address),
            email_sealed=seal(text=address, purpose="signature.email"),
            name_sealed=seal(text=name, purpose="signature.name"),
            language="en",
            mailed_on=at.date(),
            created_at=at,
            held_reason=_ATTEMPT_REASONS[n % len(_ATTEMPT_REASONS)],
            domain_digest=domain_digest(address=address),
            network_digest=_network(_BOTS_NETWORK if n % 3 else f"{rng.random()}"),
            form_age_s=rng.randint(0, 6),
            name_shape=name_shape(name),
        )


def _entries(petition: Petition, rng: random.Random, now: datetime) -> Iterator[AttemptEntry]:
    """This function will name an attempt behind each signature, and those that were never proved."""
    for n in range(int(GENUINE * 1.3)):
        yield AttemptEntry(petition=petition, occurred_at=now - timedelta(hours=rng.uniform(0.2, 47)), held_reason="")
        if n % 5 == 0:
            reason = _ATTEMPT_REASONS[n % len(_ATTEMPT_REASONS)]
            at = now - timedelta(hours=rng.uniform(0.3, 25))
            yield AttemptEntry(petition=petition, occurred_at=at, held_reason=reason)
    for count, first, last in ((_REMOVED * 2, 22, 26), (LOOKED_AT + 20, 1, 3)):
        for _ in range(count):
            yield AttemptEntry(petition=petition, occurred_at=now - timedelta(hours=rng.uniform(first, last)))


def _person(rng: random.Random) -> tuple[str, str]:
    name = rng.choice(_FIRST_NAMES)
    return f"{name} Demo", f"person{rng.randrange(10**9)}@{rng.choice(_MAIL_DOMAINS)}"


def _bot(rng: random.Random) -> tuple[str, str]:
    word = "".join(rng.choice("bcdfghklmnpqrstvwx") for _ in range(6))
    return f"{word}{rng.randint(10, 99)}", f"{word}{rng.randrange(10**9)}@{_BOTS_DOMAIN}"


def _network(name: str) -> bytes:
    return keyed_digest(text=name, purpose="demo-network")
