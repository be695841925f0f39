"""Stories in each state, made by the site's own actions so that their history is whole."""

import itertools
from datetime import datetime, timedelta

from accounts.models import Role, Team, User
from campaigns.models import Campaign, CampaignState, CampaignText
from testimonials.actions.deciding import Seen, approve_testimonial, decline_testimonial
from testimonials.actions.submitting import confirm_testimonial, submit_testimonial
from testimonials.models import ReasonCode, Testimonial
from testimonials.rules.stories import StoryDraft
from tests.factories import NOW, make_membership, make_team, make_user

BODY = "It helped me through a winter in which I spoke to nobody else. Then, one morning, it was gone.\n\nI miss it."
MESSAGE = "Your text names your neighbour in full. Would you tell it again without the name?"

_numbers = itertools.count(1)


def make_campaign(*, team: Team | None = None, slug: str | None = None, is_public: bool = True) -> Campaign:
    """A campaign with a title in both languages."""
    campaign = Campaign.objects.create(
        team=team or make_team(),
        slug=slug or f"movement-{next(_numbers)}",
        state=CampaignState.PUBLIC if is_public else CampaignState.DRAFT,
        created_at=NOW - timedelta(days=30),
    )
    for language, title in (("en", "A movement"), ("fr", "Un mouvement")):
        CampaignText.objects.create(campaign=campaign, language=language, title=title)
    return campaign


def make_draft(
    *,
    body: str = BODY,
    language: str = "en",
    display_name: str = "",
    content_labels: tuple[str, ...] = (),
    consents: frozenset[str] = frozenset({"publish"}),
) -> StoryDraft:
    return StoryDraft(
        body=body,
        language=language,
        display_name=display_name,
        content_labels=content_labels,
        consents=consents,
    )


def make_unverified(
    *,
    campaign: Campaign | None = None,
    draft: StoryDraft | None = None,
    email: str | None = None,
    page_language: str = "en",
    now: datetime = NOW,
) -> Testimonial:
    return submit_testimonial(
        campaign=campaign or make_campaign(),
        draft=draft or make_draft(),
        email=email or f"author{next(_numbers)}@example.org",
        page_language=page_language,
        now=now,
    )


def make_pending(
    *,
    campaign: Campaign | None = None,
    draft: StoryDraft | None = None,
    email: str | None = None,
    page_language: str = "en",
    now: datetime = NOW,
) -> Testimonial:
    story = make_unverified(campaign=campaign, draft=draft, email=email, page_language=page_language, now=now)
    confirm_testimonial(testimonial_id=story.pk, now=now)
    return reloaded(story)


def make_published(
    *,
    campaign: Campaign | None = None,
    draft: StoryDraft | None = None,
    email: str | None = None,
    page_language: str = "en",
    now: datetime = NOW,
    moderator: User | None = None,
) -> Testimonial:
    story = make_pending(campaign=campaign, draft=draft, email=email, page_language=page_language, now=now)
    approve_testimonial(
        testimonial=story, seen=seen(story), moderator=moderator or make_moderator(story.campaign.team), now=now
    )
    return reloaded(story)


def make_declined(
    *, campaign: Campaign | None = None, page_language: str = "en", now: datetime = NOW, moderator: User | None = None
) -> Testimonial:
    story = make_pending(campaign=campaign, page_language=page_language, now=now)
    decline_testimonial(
        testimonial=story,
        seen=seen(story),
        reason=ReasonCode.objects.get(code="other_people"),
        message=MESSAGE,
        moderator=moderator or make_moderator(story.campaign.team),
        now=now,
    )
    return reloaded(story)


def make_moderator(team: Team) -> User:
    user = make_user()
    make_membership(user=user, team=team, role=Role.MODERATOR)
    return user


def seen(story: Testimonial) -> Seen:
    """What a screen loaded now would show of the story."""
    return Seen(revision_id=story.current_revision_id, version=story.version)


def reloaded(story: Testimonial) -> Testimonial:
    return Testimonial.objects.select_related("campaign__team", "current_revision", "published_revision").get(
        pk=story.pk
    )
