"""What authors are written. A letter says what happened and where to act; it never contains the story."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import override

from accounts.tokens import make_token
from outbox.models import MessagePriority
from outbox.queue import queue_email
from outbox.sealing import unseal
from testimonials.models import AuthorContact, Decision, Testimonial
from testimonials.models.stories import EMAIL_PURPOSE
from testimonials.queries.campaigns import campaign_title
from testimonials.queries.crisis import crisis_resources
from testimonials.queries.moderation import reason_text
from testimonials.rules.stories import UNVERIFIED_LIFETIME

CONFIRM_PURPOSE = "testimonial.confirm"
MANAGE_PURPOSE = "testimonial.manage"


def owe_confirmation_letter(*, contact: AuthorContact, now: datetime) -> None:
    """This function will owe the mail whose link puts the story before the moderators."""
    token = make_token(purpose=CONFIRM_PURPOSE, fields=(contact.testimonial_id.hex,), now=now)
    confirm_url = _link("testimonials:confirm-story", contact.language, token=token)
    context = {"confirm_url": confirm_url, "lifetime_days": UNVERIFIED_LIFETIME.days}
    _owe(contact=contact, kind="story_confirm", context=context, now=now, priority=MessagePriority.VERIFICATION)


def owe_publication_letter(*, testimonial: Testimonial, now: datetime) -> None:
    """This function will owe the author the news that their story is public, and where."""
    contact = AuthorContact.objects.select_related("testimonial__campaign").get(testimonial=testimonial)
    story_url = _link(
        "testimonials:story", contact.language, slug=testimonial.campaign.slug, testimonial_id=testimonial.pk
    )
    _owe(contact=contact, kind="story_published", context={"story_url": story_url}, now=now)


def owe_decline_letter(*, testimonial: Testimonial, decision: Decision, now: datetime) -> None:
    """This function will owe the author what was decided, why, in the moderator's words, and how to object."""
    contact = AuthorContact.objects.select_related("testimonial__campaign").get(testimonial=testimonial)
    text = reason_text(code=decision.reason_id or "", language=contact.language)
    context = {
        "reason_title": text.title,
        "reason_explanation": text.explanation,
        "message": decision.message or "",
        "contact_email": settings.CONTACT_EMAIL,
    }
    _owe(contact=contact, kind="story_declined", context=context, now=now)


def my_story_token(*, testimonial: Testimonial, now: datetime) -> str:
    """This function will make the key to an author's own page; it opens for as long as the story exists."""
    return make_token(purpose=MANAGE_PURPOSE, fields=(testimonial.pk.hex,), now=now)


def _owe(
    *,
    contact: AuthorContact,
    kind: str,
    context: dict[str, Any],
    now: datetime,
    priority: MessagePriority = MessagePriority.NOTICE,
) -> None:
    testimonial = contact.testimonial
    token = my_story_token(testimonial=testimonial, now=now)
    queue_email(
        kind=kind,
        unique_key=f"{message_prefix(testimonial)}{testimonial.version}:{kind}",
        recipient=unseal(sealed=bytes(contact.email_sealed), purpose=EMAIL_PURPOSE),
        language=contact.language,
        context={
            **context,
            "campaign_title": campaign_title(campaign=testimonial.campaign, language=contact.language),
            "my_story_url": _link("testimonials:my-story", contact.language, token=token),
            "crisis_resources": _help_lines(language=contact.language),
        },
        now=now,
        priority=priority,
    )


def message_prefix(testimonial: Testimonial) -> str:
    """This function will give the start of the unique key of every message owed about one story."""
    return f"testimonial:{testimonial.pk.hex}:"


def _help_lines(*, language: str) -> list[dict[str, str]]:
    return [
        {"name": line.name, "phone": line.phone, "url": line.url, "note": line.note}
        for line in crisis_resources(language=language)
    ]


def _link(route: str, language: str, **kwargs: object) -> str:
    with override(language):
        return settings.SITE_URL + reverse(route, kwargs=kwargs)
