"""The demo's second petition, which asks questions of its own and lets its supporters speak."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

from accounts.identity import identity_of
from accounts.models import Team, User
from keep4o_site.demo.voices import BODIES, CONSENTS, QUESTIONS, SHORT_ANSWERS, TITLES, VOICES, DemoVoice
from outbox.sealing import seal
from petitions.actions import editing
from petitions.actions.reviewing import decide_comment
from petitions.actions.tally import recount
from petitions.models import Channel, CommentState, NameShown, NewsConsent, Petition, PetitionQuestion, Signature
from petitions.queries.comments import comment_mark
from petitions.queries.sealed import Details
from petitions.rules.questions import OptionWords

# Before the great petition, which stays the newest and with it the one on the home page.
_OPENED_AT = datetime(2025, 8, 7, 9, tzinfo=UTC)
_QUIET = 240
_SEED = 6


def found_notice_petition(*, team: Team, organiser: User, now: datetime) -> Petition:
    """This function will found the petition through the organisers' actions, let it be signed and its comments reviewed."""
    petition = _found(team, organiser)
    consents = _publish_consents(petition, organiser)
    questions = _ask(petition, organiser)
    rng = random.Random(_SEED)  # noqa: S311 # a demonstration must repeat itself
    quiet = [_quiet_signature(petition, questions, consents, number, rng) for number in range(_QUIET)]
    signatures = sorted(quiet, key=lambda signature: signature.verified_at)
    signatures += [
        _voiced(petition, voice, questions=questions, consent=consents[-1], number=number, rng=rng, now=now)
        for number, voice in enumerate(VOICES)
    ]
    created = Signature.objects.bulk_create(signatures)
    recount(petition_id=petition.pk, now=now)
    for signature, voice in zip(created[_QUIET:], VOICES, strict=True):
        _decide(signature, voice, organiser, now)
    return petition


def _found(team: Team, organiser: User) -> Petition:
    petition = editing.create_petition(
        team=team,
        slug="six-months-notice",
        addressee="OpenAI, Anthropic, Google",
        default_language="en",
        timezone="Europe/Paris",
        now=_OPENED_AT,
        actor=organiser,
    )
    for language, (title, summary) in TITLES.items():
        editing.publish_text(
            petition_id=petition.pk,
            language=language,
            title=title,
            summary=summary,
            body=BODIES[language],
            seen_version=0,
            now=_OPENED_AT,
            actor=organiser,
        )
    editing.change_asked(
        petition_id=petition.pk,
        asks_country=True,
        asks_postcode=False,
        asks_comment=True,
        now=_OPENED_AT,
        actor=organiser,
    )
    return editing.open_petition(petition_id=petition.pk, now=_OPENED_AT, actor=organiser)


def _publish_consents(petition: Petition, organiser: User) -> list[NewsConsent]:
    return [
        editing.publish_news_consent(
            petition_id=petition.pk,
            labels=labels,
            seen_version=seen,
            now=_OPENED_AT + timedelta(days=90 * seen),
            actor=organiser,
        )
        for seen, labels in enumerate(CONSENTS)
    ]


def _ask(petition: Petition, organiser: User) -> list[PetitionQuestion]:
    return [
        editing.add_question(
            petition_id=petition.pk,
            kind=question.kind,
            labels=question.labels,
            options=[OptionWords(labels=labels) for labels in question.options],
            is_required=False,
            now=_OPENED_AT,
            actor=organiser,
        )
        for question in QUESTIONS
    ]


def _quiet_signature(
    petition: Petition, questions: list[PetitionQuestion], consents: list[NewsConsent], number: int, rng: random.Random
) -> Signature:
    proved_at = _OPENED_AT + timedelta(days=1 + rng.expovariate(1 / 60) % 400)
    is_late = proved_at > consents[-1].created_at
    country = rng.choice(("US", "GB", "FR", "DE", "JP", "CA", "BE", "NL", ""))
    said = {str(questions[-1].pk): rng.choice(SHORT_ANSWERS)} if rng.random() < 0.15 else {}
    return _signature(
        petition,
        address=f"notice{number:03}@demo.invalid",
        name=f"Demo supporter {number}",
        country=country,
        language="fr" if country in ("FR", "BE") else "en",
        proved_at=proved_at,
        news_consent=consents[is_late] if rng.random() < 0.4 else None,
        choices=_choices(questions, rng),
        details_sealed=Details(answers=said).sealed(),
    )


def _voiced(
    petition: Petition,
    voice: DemoVoice,
    *,
    questions: list[PetitionQuestion],
    consent: NewsConsent,
    number: int,
    rng: random.Random,
    now: datetime,
) -> Signature:
    return _signature(
        petition,
        address=f"voice{number}@demo.invalid",
        name=voice.name,
        country=voice.country,
        language=voice.language,
        proved_at=now - timedelta(days=20 - 2 * number, hours=number),
        news_consent=consent if number % 2 else None,
        choices=_choices(questions, rng),
        details_sealed=Details(comment=voice.comment).sealed(),
        name_shown=voice.shown,
        comment_state=CommentState.WAITING,
    )


def _signature(
    petition: Petition, *, address: str, name: str, proved_at: datetime, news_consent: NewsConsent | None, **said: Any
) -> Signature:
    identity = identity_of(address=address)
    return Signature(
        petition=petition,
        identity_digest=identity.digest,
        identity_version=identity.version,
        email_sealed=seal(text=address, purpose="signature.email"),
        name_sealed=seal(text=name, purpose="signature.name"),
        wants_news=news_consent is not None,
        news_consent=news_consent,
        channel=Channel.IMPORT,
        signed_at=proved_at - timedelta(minutes=4),
        verified_at=proved_at,
        **{"name_shown": NameShown.HIDDEN, **said},
    )


def _choices(questions: list[PetitionQuestion], rng: random.Random) -> dict[str, str]:
    chosen = {}
    for question, words in zip(questions, QUESTIONS, strict=True):
        keys = [option["key"] for option in question.options]
        silent = 100 - sum(words.weights)
        key = rng.choices([*keys, ""], [*words.weights, silent])[0] if keys else ""
        if key:
            chosen[str(question.pk)] = key
    return chosen


def _decide(signature: Signature, voice: DemoVoice, organiser: User, now: datetime) -> None:
    if voice.decision:
        decide_comment(
            petition_id=signature.petition_id,
            signature_id=signature.pk,
            publish=voice.decision == "publish",
            seen=comment_mark(signature),
            now=min(signature.verified_at + timedelta(hours=7), now),
            actor=organiser,
        )
