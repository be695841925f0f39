"""What a team's programs are told of its petitions: thin, public, and nothing about a person."""

from datetime import datetime
from typing import Any

from accounts.webhook_actions import owe_team_event
from outbox.webhook_queue import instant
from petitions.models import Milestone, Petition
from petitions.queries.counts import published_count
from petitions.queries.links import absolute_url, milestone_url

MILESTONE_REACHED = "petition.milestone_reached"
OPENED, CLOSED = "petition.opened", "petition.closed"  # as the audit trail calls them


def owe_milestone_event(*, milestone: Milestone, now: datetime) -> None:
    """
    This function will owe one event to each webhook of the team, in the transaction of the fold.

    A milestone is never taken back, so its number names the event for ever: folds that race, withdrawals that cross
    back and recounts owe it once.
    """
    owe_team_event(
        team_id=milestone.petition.team_id,
        event_type=MILESTONE_REACHED,
        event_key=f"milestone:{milestone.pk}",
        occurred_at=milestone.reached_at,
        data=lambda: _about_milestone(milestone),
        now=now,
    )


def owe_state_event(*, petition: Petition, event_type: str, now: datetime) -> None:
    """This function will owe that a petition opened or closed, in the caller's transaction; nothing for other changes."""
    if event_type in (OPENED, CLOSED):
        owe_team_event(
            team_id=petition.team_id,
            event_type=event_type,
            event_key=f"{event_type}:{petition.pk}",
            occurred_at=now,
            data=lambda: {"petition": petition.slug, "url": _page(petition)},
            now=now,
        )


def _about_milestone(milestone: Milestone) -> dict[str, Any]:
    return {
        "petition": milestone.petition.slug,
        "threshold": milestone.threshold,
        "reached_at": instant(milestone.reached_at),
        "count": published_count(petition_id=milestone.petition_id),
        "url": milestone_url(milestone=milestone, language=milestone.petition.default_language),
    }


def _page(petition: Petition) -> str:
    return absolute_url(view="petition-detail", language=petition.default_language, slug=petition.slug)
