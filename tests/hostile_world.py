"""One of everything that has an address, somebody with every right, and what people and programs really send."""

import re
from dataclasses import dataclass
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone
from django.utils.translation import override
from pytest_django import Settings

from accounts.models import Role, Team
from accounts.tokens import make_token
from campaigns.models import Campaign
from outbox.webhook_models import OutgoingWebhook, WebhookState
from petitions.models import Petition
from petitions.queries.links import my_signature_token, news_token, proof_token
from testimonials.actions.letters import CONFIRM_PURPOSE, my_story_token
from testimonials.rules.consents import CURRENT_VERSION
from tests.accounts.webhooks import URL as WEBHOOK_URL
from tests.accounts.webhooks import make_webhook
from tests.campaigns.making import make_event
from tests.factories import (
    PASSWORD,
    make_membership,
    make_pending_signature,
    make_petition,
    make_question,
    make_signature,
    make_user,
)
from tests.outbox.webhook_making import owe_event
from tests.petitions.casework import HELD, make_attempt, make_bots, make_done_case, make_proved
from tests.petitions.saying import say
from tests.test_staff_urls import all_patterns
from tests.testimonials.making import make_campaign, make_pending, make_published, make_unverified

LANGUAGES = ("en", "fr")
# What people and programs really send. Bytes where no text could hold them.
HOSTILE: dict[str, str | bytes] = {
    "nothing": "",
    "blanks": " \t\u00a0\u200b\r\n ",
    "too much": "a" * 30_000,
    "a NUL": "Al\x00ice\x00",
    "no UTF-8": b"\xff\xfeAlice\xe9",
    "a lone surrogate": b"Al\xed\xa0\x80ice",
    "overrides": "\u202eecilA\u202c\u2066x\u2069",
    "nothing visible": "\u200b\u200c\u200d\ufeff\u2060\u00ad",
    "emoji": "😀" * 2_000,
    "markup": "<script>alert('x')</script>\"'><img src=x onerror=y>",
    "template": "{{ settings.SECRET_KEY }}{% debug %}%(name)s%s{0}",
    "a formula": '=HYPERLINK("https://evil.example","x")',
    "a huge number": "9" * 5_000,
    "a padded number": "0000000000019999999999999999",
    "a negative number": "-9223372036854775809",
    "no number": "NaN",
    "the first day": "0001-01-01",
    "the first minute": "0001-01-01T00:00",
    "the last day": "9999-12-31",
    "the last minute": "9999-12-31T23:59",
    "a path": "../../../../etc/passwd",
    "no zone": "Factory",
    "the server's zone": "localtime",
    "no uuid": "00000000-0000-0000-0000-00000000000g",
    "deep JSON": "[" * 20_000,
    "JSON": '{"id": "\\ud800", "type": [1e999]}',
}
# What a field needs so that the others reach the action.
VALID = {
    "action": "decline",
    "addressee": "OpenAI",
    "adult": "on",
    "at": "2025-08-07",
    "body": "A text that is long enough to be a story, and that harms nobody at all. " * 3,
    "by": "day",
    "consent_publish": "on",
    "consent_version": CURRENT_VERSION,
    "country": "FR",
    "default_language": "en",
    "display": "named",
    "display_name": "Alice",
    "email": "alice@example.org",
    "key": "an-event",
    "kind": "launch",
    "label_en": "How do you use it?",
    "ladder": "100\n500",
    "language": "en",
    "message": "Please take the name out.",
    "name": "Alice Example",
    "new_1_en": "Every day",
    "new_2_en": "Never",
    "name_shown": "initials",
    "postcode": "75011",
    "opens_at": "2050-01-01T00:00",
    "closes_at": "2050-02-01T00:00",
    "comment": "It helped me.",
    "reason": "other_people",
    "role": "analyst",
    "slug": "another",
    "summary": "A summary.",
    "sure": "on",
    "title": "A title",
    "title_en": "It happens",
    "title_fr": "Cela arrive",
    "tz": "UTC",
    "url": WEBHOOK_URL,
    "description": "Our newsletter",
    "who_may_sign": "anyone",
    "words_en": "Write to me.",
}


@dataclass(frozen=True, kw_only=True)
class World:
    """One of everything, named `x` wherever it can choose its name, and the visitors who look at it."""

    tokens: dict[str, str]
    values: dict[str, str]
    stranger: Client
    staff: Client

    def path(self, view: str, route: str, /, **values: str | bytes) -> str:
        """The address of something that exists, unless `values` say otherwise."""
        known = {**self.values, "token": self.tokens.get(view.rsplit(":", maxsplit=1)[-1], "x"), **values}
        path = re.sub(r"\(\?P<\w+>[^)]*\)", "x-x", route).replace("^", "").replace("$", "").replace("\\Z", "")
        return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda match: quote(known.get(match[1], "1"), safe=""), path)

    def paths(self, *languages: str, **values: str | bytes) -> list[str]:
        """Every address of the site, in these languages or in both."""
        found: set[str] = set()
        for language in languages or LANGUAGES:
            with override(language):
                patterns = list(all_patterns(get_resolver()))
            found |= {self.path(name, route, **values) for name, route in patterns}
        return sorted(found)


@pytest.fixture
def world(settings: Settings, team: Team) -> World:
    settings.ACCOUNT_RATE_LIMITS = False
    petition, campaign = make_petition(team=team, slug="x"), make_campaign(team=team, slug="x")
    campaign.petitions.set([petition])
    make_event(campaign=campaign, key="x")
    pending = make_pending(campaign=campaign)
    values = {"slug": "x", "key": "x", "language": "en", "purpose": "publish", "testimonial_id": str(pending.pk)}
    values |= _what_it_asks(petition) | _what_is_suspicious(petition) | _what_listens(team)
    tokens = _tokens(petition, campaign)
    return World(tokens=tokens, values=values, stranger=Client(enforce_csrf_checks=True), staff=_staff(team))


def _what_it_asks(petition: Petition) -> dict[str, str]:
    """A question and a comment of the petition, so that the pages about them have something to show."""
    question = make_question(petition=petition)
    commented = say(make_signature(petition=petition), comment="It helped me.")
    return {"kind": "choice", "question_id": str(question.pk), "signature_id": str(commented.pk)}


def _what_is_suspicious(petition: Petition) -> dict[str, str]:
    """A case that can be undone, and a held signature and attempt that can be released."""
    make_bots(petition, 1)
    case = make_done_case(petition)
    make_proved(petition, held=HELD)
    make_attempt(petition, held=HELD)
    return {"case_id": str(case.pk)}


def _what_listens(team: Team) -> dict[str, str]:
    """A webhook of the team, with an event that can be sent again."""
    Team.objects.filter(pk=team.pk).update(slug="x")  # the walk knows one slug
    endpoint = make_webhook(team=team).endpoint
    event = owe_event(endpoint, key="x")
    OutgoingWebhook.objects.update(state=WebhookState.FAILED)
    return {"endpoint_id": str(endpoint.pk), "event_id": str(event.pk)}


def _tokens(petition: Petition, campaign: Campaign) -> dict[str, str]:
    """A good link for each page that needs one, by the page's name."""
    now = timezone.now()
    signed = make_signature(petition=petition, wants_news=True).pk
    signature = my_signature_token(signature_id=signed, now=now)
    story = my_story_token(testimonial=make_published(campaign=campaign), now=now)
    unverified = make_unverified(campaign=campaign).pk.hex
    stories = ("my-story", "my-story-data", "withdraw-story", "erase-story", "withdraw-story-consent")
    return {
        **dict.fromkeys(
            ("my-signature", "signature-news", "download-signature", "withdraw-signature", "erase-signature"), signature
        ),
        **dict.fromkeys(stories, story),
        "unsubscribe": news_token(signature_id=signed, now=now),
        **dict.fromkeys(
            ("verify", "renew-link"), proof_token(attempt=make_pending_signature(petition=petition), now=now)
        ),
        "confirm-story": make_token(purpose=CONFIRM_PURPOSE, fields=(unverified,), now=now),
    }


def _staff(team: Team) -> Client:
    """Somebody with every right, signed in as people sign in, so that no page asks them to do it again."""
    user = make_user(email="root@example.org", is_staff=True, is_superuser=True)
    for role in Role:
        make_membership(team=team, role=role, user=user)
    client = Client()
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    return client
