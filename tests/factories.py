"""
Plain functions that make rows, one per model: valid by default, any field by keyword.

Everything hangs on `NOW`, an instant in the past, so that what is open at NOW is open by the real clock too.
"""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress

from accounts.identity import identity_digest
from accounts.models import Membership, Role, Team, User
from accounts.rule_sets import newest_version
from outbox.models import MessagePriority, OutgoingMessage
from outbox.queue import queue_email
from outbox.sealing import seal
from petitions.models import (
    Channel,
    Eligibility,
    PendingSignature,
    Petition,
    PetitionQuestion,
    PetitionState,
    PetitionText,
    QuestionKind,
    Signature,
    TallyEntry,
    TallyReason,
)
from petitions.rules.ladder import DEFAULT_LADDER
from petitions.rules.periods import bucket_start

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ALICE = "alice@example.org"
PASSWORD = "correct-horse-battery-staple"

_numbers = itertools.count(1)


# --- accounts -------------------------------------------------------------------------------------------------------
def make_user(
    *,
    email: str | None = None,
    password: str | None = PASSWORD,
    display_name: str = "",
    language: str = "en",
    verified: bool = True,
    is_staff: bool = False,
    is_superuser: bool = False,
    is_active: bool = True,
) -> User:
    """A user who can sign in with PASSWORD, their address proved unless `verified` is False."""
    user = User.objects.create_user(
        email or f"user{next(_numbers)}@example.org",
        password,
        display_name=display_name,
        language=language,
        is_staff=is_staff,
        is_superuser=is_superuser,
        is_active=is_active,
    )
    EmailAddress.objects.create(user=user, email=user.email, verified=verified, primary=True)
    return user


def make_team(*, slug: str | None = None, name: str = "Keep 4o") -> Team:
    return Team.objects.create(slug=slug or f"team-{next(_numbers)}", name=name)


def make_membership(*, user: User | None = None, team: Team | None = None, role: Role = Role.ORGANISER) -> Membership:
    return Membership.objects.create(user=user or make_user(), team=team or make_team(), role=role)


# --- petitions ------------------------------------------------------------------------------------------------------
def make_petition(
    *,
    team: Team | None = None,
    slug: str | None = None,
    state: PetitionState = PetitionState.OPEN,
    languages: tuple[str, ...] = ("en", "fr"),
    addressee: str = "OpenAI",
    default_language: str = "en",
    timezone: str = "UTC",
    ladder: list[int] | None = None,
    asks_country: bool = True,
    asks_postcode: bool = False,
    asks_comment: bool = False,
    who_may_sign: Eligibility = Eligibility.ANYONE,
    allowed_domains: tuple[str, ...] = (),
    allowed_countries: tuple[str, ...] = (),
    pause_reason: str = "",
    opens_at: datetime | None = NOW - timedelta(days=1),
    closes_at: datetime | None = None,
    created_at: datetime = NOW - timedelta(days=2),
) -> Petition:
    """An open petition with one published text in each language."""
    petition = Petition.objects.create(
        team=team or make_team(),
        slug=slug or f"petition-{next(_numbers)}",
        state=state,
        pause_reason=pause_reason,
        addressee=addressee,
        default_language=default_language,
        timezone=timezone,
        ladder=list(DEFAULT_LADDER) if ladder is None else ladder,
        asks_country=asks_country,
        asks_postcode=asks_postcode,
        asks_comment=asks_comment,
        who_may_sign=who_may_sign,
        allowed_domains=list(allowed_domains),
        allowed_countries=list(allowed_countries),
        opens_at=opens_at,
        closes_at=closes_at,
        created_at=created_at,
    )
    for language in languages:
        make_petition_text(petition=petition, language=language)
    return petition


def make_petition_text(
    *,
    petition: Petition,
    language: str = "en",
    version: int = 1,
    title: str | None = None,
    summary: str = "A summary of the demand.",
    body: str = "We ask for **one** thing.",
    created_at: datetime = NOW - timedelta(days=2),
) -> PetitionText:
    return PetitionText.objects.create(
        petition=petition,
        language=language,
        version=version,
        title=title or f"Keep it available ({language})",
        summary=summary,
        body=body,
        created_at=created_at,
    )


def make_question(
    *,
    petition: Petition,
    position: int = 1,
    kind: QuestionKind = QuestionKind.CHOICE,
    labels: dict[str, str] | None = None,
    options: list[dict[str, Any]] | None = None,
    is_required: bool = False,
    retired_at: datetime | None = None,
) -> PetitionQuestion:
    """A question with the options a and b, unless it is retired or asks for a text."""
    both = [{"key": key, "labels": {"en": f"Answer {key}", "fr": f"Réponse {key}"}} for key in ("a", "b")]
    return PetitionQuestion.objects.create(
        petition=petition,
        position=position,
        kind=kind,
        labels=labels or {"en": "How do you use it?", "fr": "Quel usage en faites-vous ?"},
        options=options if options is not None else both if kind == QuestionKind.CHOICE else [],
        is_required=is_required,
        created_at=NOW,
        retired_at=retired_at,
    )


def make_pending_signature(
    *,
    petition: Petition | None = None,
    email: str | None = None,
    name: str = "Alice Example",
    country: str = "FR",
    wants_news: bool = False,
    language: str = "en",
    channel: Channel = Channel.WEB,
    mail_number: int | None = 1,
    held_reason: str = "",
    created_at: datetime = NOW,
) -> PendingSignature:
    address = email or f"supporter{next(_numbers)}@example.org"
    return PendingSignature.objects.create(
        petition=petition or make_petition(),
        identity_digest=identity_digest(address=address),
        email_sealed=seal(text=address, purpose="signature.email"),
        name_sealed=seal(text=name, purpose="signature.name"),
        country=country,
        wants_news=wants_news,
        language=language,
        channel=channel,
        mailed_on=created_at.date(),
        mail_number=mail_number,
        held_reason=held_reason,
        created_at=created_at,
    )


def make_signature(
    *,
    petition: Petition | None = None,
    email: str | None = None,
    name: str = "Alice Example",
    country: str = "FR",
    wants_news: bool = False,
    language: str = "en",
    channel: Channel = Channel.WEB,
    verified_at: datetime = NOW,
    signed_at: datetime | None = None,
    invalidated_at: datetime | None = None,
    owed: bool = True,
) -> Signature:
    """A proved signature and, while `owed`, the +1 that waits for the fold: published + owed = proved holds."""
    address = email or f"supporter{next(_numbers)}@example.org"
    signature = Signature.objects.create(
        petition=petition or make_petition(),
        identity_digest=identity_digest(address=address),
        identity_version=newest_version(),
        email_sealed=seal(text=address, purpose="signature.email"),
        name_sealed=seal(text=name, purpose="signature.name"),
        country=country,
        wants_news=wants_news,
        language=language,
        channel=channel,
        signed_at=signed_at or verified_at - timedelta(minutes=5),
        verified_at=verified_at,
        invalidated_at=invalidated_at,
    )
    if owed and invalidated_at is None:
        make_tally_entry(signature=signature)
    return signature


def make_tally_entry(
    *,
    signature: Signature,
    delta: int = 1,
    reason: TallyReason = TallyReason.PROVED,
    occurred_at: datetime | None = None,
) -> TallyEntry:
    return TallyEntry.objects.create(
        petition_id=signature.petition_id,
        delta=delta,
        reason=reason,
        occurred_at=occurred_at or signature.verified_at,
        bucket_at=bucket_start(signature.verified_at),
        country=signature.country,
        channel=signature.channel,
    )


# --- outbox ---------------------------------------------------------------------------------------------------------
def make_message(
    *,
    kind: str = "greeting",
    unique_key: str | None = None,
    recipient: str = ALICE,
    language: str = "en",
    context: dict[str, Any] | None = None,
    priority: MessagePriority = MessagePriority.NOTICE,
    now: datetime = NOW,
    due_at: datetime | None = None,
    unsubscribe_url: str = "",
) -> OutgoingMessage:
    """A message that is owed. The default kind has its templates in tests/outbox/templates/."""
    key = unique_key or f"message-{next(_numbers)}"
    queue_email(
        kind=kind,
        unique_key=key,
        recipient=recipient,
        language=language,
        context={"name": "Alice", "url": "https://keep4o.example/go/"} if context is None else context,
        now=now,
        due_at=due_at,
        priority=priority,
        unsubscribe_url=unsubscribe_url,
    )
    return OutgoingMessage.objects.get(unique_key=key)
