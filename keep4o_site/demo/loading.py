"""Loads the demonstration through the actions that everybody else uses."""

import json
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction

from accounts.models import Team, User
from campaigns.actions.loading import load_chronology
from campaigns.models import Campaign
from keep4o_site.demo.accounts import create_accounts
from keep4o_site.demo.attack import stage_attack
from keep4o_site.demo.notice import found_notice_petition
from keep4o_site.demo.signatures import OPENED_AT, copy_signatures
from keep4o_site.demo.stories import DEMO_STORIES, DemoStory
from keep4o_site.demo.texts import PETITION_TEXTS
from outbox.models import OutgoingMessage
from petitions.actions.tally import recount
from petitions.models import Petition, PetitionState, PetitionText
from testimonials.actions.deciding import Seen, approve_testimonial
from testimonials.actions.submitting import confirm_testimonial, submit_testimonial
from testimonials.rules.stories import StoryDraft

_TEAM_SLUG = "keep4o"
_CHRONOLOGY = Path("campaigns", "data", "keep4o_events.json")


@transaction.atomic
def load_demo(*, now: datetime) -> bool:
    """
    This function will load the whole demonstration, or do nothing where its team exists already.

    Returns: whether it was loaded.
    Writes:  all of it or nothing: one transaction. Its mails are dropped, for their readers do not exist.
    """
    team, is_new = Team.objects.get_or_create(slug=_TEAM_SLUG, defaults={"name": "Keep4o"})
    if not is_new:
        return False
    create_accounts(team=team)
    petition = _create_petition(team=team)
    copy_signatures(petition=petition)
    stage_attack(petition=petition, organiser=User.objects.get(email="bob@example.org"), now=now)
    recount(petition_id=petition.pk, now=now)
    data = json.loads((settings.BASE_DIR / _CHRONOLOGY).read_text(encoding="utf-8"))
    campaign = load_chronology(data=data, team=team, petitions=[petition], now=now)
    found_notice_petition(team=team, organiser=User.objects.get(email="bob@example.org"), now=now)
    _tell_stories(campaign=campaign, now=now)
    OutgoingMessage.objects.all().delete()
    return True


def _create_petition(*, team: Team) -> Petition:
    petition = Petition.objects.create(
        team=team,
        slug="keep-gpt-4o",
        state=PetitionState.OPEN,
        addressee="OpenAI",
        opens_at=OPENED_AT,
        created_at=OPENED_AT,
    )
    PetitionText.objects.bulk_create(
        PetitionText(
            petition=petition,
            language=text.language,
            version=1,
            title=text.title,
            summary=text.summary,
            body=text.body,
            created_at=OPENED_AT,
        )
        for text in PETITION_TEXTS
    )
    return petition


def _tell_stories(*, campaign: Campaign, now: datetime) -> None:
    moderator = User.objects.get(email="mona@example.org")
    for number, story in enumerate(DEMO_STORIES, start=1):
        # What still waits came in lately: nothing is overdue on the first day.
        age = timedelta(days=10 - number, hours=3 * number) if story.published else timedelta(hours=30 - 4 * number)
        _tell_story(campaign=campaign, story=story, number=number, moderator=moderator, told_at=now - age)


def _tell_story(*, campaign: Campaign, story: DemoStory, number: int, moderator: User, told_at: datetime) -> None:
    draft = StoryDraft(
        body=story.body,
        language=story.language,
        display_name=story.display_name,
        content_labels=(story.label,) if story.label else (),
        consents=frozenset({"publish"}),
    )
    address = f"author{number}@demo.invalid"
    told = submit_testimonial(campaign=campaign, draft=draft, email=address, page_language=story.language, now=told_at)
    told = confirm_testimonial(testimonial_id=told.pk, now=told_at)
    if story.published:
        seen = Seen(version=told.version, revision_id=told.current_revision_id)
        approve_testimonial(testimonial=told, seen=seen, moderator=moderator, now=told_at + timedelta(hours=5))
