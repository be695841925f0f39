"""Opening, pausing and closing a petition, by hand and by the clock."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from petitions.actions.editing.common import audit, locked_petition
from petitions.actions.editing.errors import IllegalTransition, ImpossibleTime, TextMissing
from petitions.actions.webhook_events import owe_state_event
from petitions.models import Petition, PetitionState
from petitions.rules.ladder import STATES_BEFORE


@transaction.atomic
def open_petition(*, petition_id: int, now: datetime, actor: User | None = None) -> Petition:
    """
    This function will open a draft or scheduled petition at once.

    Raises:  IllegalTransition; TextMissing; ImpossibleTime if its closing lies in the past.
    """
    petition = locked_petition(petition_id=petition_id)
    _check_can_become(petition, PetitionState.OPEN, come_from={PetitionState.DRAFT, PetitionState.SCHEDULED})
    _check_has_text(petition)
    if petition.closes_at is not None and petition.closes_at <= now:
        raise ImpossibleTime("closing")
    petition.opens_at = now
    return _become(petition, PetitionState.OPEN, "petition.opened", now, actor, fields=["opens_at"])


@transaction.atomic
def schedule_petition(*, petition_id: int, opens_at: datetime, now: datetime, actor: User | None = None) -> Petition:
    """
    This function will let a draft open by itself at an instant; a scheduled petition gets the new instant.

    Raises:  IllegalTransition; TextMissing; ImpossibleTime unless now < opens_at < closing.
    """
    petition = locked_petition(petition_id=petition_id)
    _check_can_become(petition, PetitionState.SCHEDULED)
    _check_has_text(petition)
    if opens_at <= now or (petition.closes_at is not None and petition.closes_at <= opens_at):
        raise ImpossibleTime("opening")
    petition.opens_at = opens_at
    return _become(petition, PetitionState.SCHEDULED, "petition.scheduled", now, actor, fields=["opens_at"])


@transaction.atomic
def unschedule_petition(*, petition_id: int, now: datetime, actor: User | None = None) -> Petition:
    """This function will make a scheduled petition a draft again; raises IllegalTransition."""
    petition = locked_petition(petition_id=petition_id)
    _check_can_become(petition, PetitionState.DRAFT)
    petition.opens_at = None
    return _become(petition, PetitionState.DRAFT, "petition.unscheduled", now, actor, fields=["opens_at"])


@transaction.atomic
def pause_petition(*, petition_id: int, reason: str, now: datetime, actor: User | None = None) -> Petition:
    """
    This function will stop new signing attempts; links that were mailed keep proving.

    Args:    reason: one public sentence, shown on the petition's page.
    Raises:  IllegalTransition unless the petition is open.
    """
    petition = locked_petition(petition_id=petition_id)
    _check_can_become(petition, PetitionState.PAUSED)
    petition.pause_reason = reason
    return _become(petition, PetitionState.PAUSED, "petition.paused", now, actor, fields=["pause_reason"])


@transaction.atomic
def resume_petition(*, petition_id: int, now: datetime, actor: User | None = None) -> Petition:
    """This function will take signatures again after a pause; raises IllegalTransition unless it is paused."""
    petition = locked_petition(petition_id=petition_id)
    _check_can_become(petition, PetitionState.OPEN, come_from={PetitionState.PAUSED})
    petition.pause_reason = ""
    return _become(petition, PetitionState.OPEN, "petition.resumed", now, actor, fields=["pause_reason"])


@transaction.atomic
def close_petition(*, petition_id: int, now: datetime, actor: User | None = None) -> Petition:
    """This function will close an open or paused petition for good, at once; raises IllegalTransition."""
    petition = locked_petition(petition_id=petition_id)
    _check_can_become(petition, PetitionState.CLOSED)
    if petition.closes_at is None or petition.closes_at > now:
        petition.closes_at = now
    return _become(petition, PetitionState.CLOSED, "petition.closed", now, actor, fields=["closes_at"])


@transaction.atomic
def change_closing(
    *, petition_id: int, closes_at: datetime | None, now: datetime, actor: User | None = None
) -> Petition:
    """
    This function will set the instant at which a petition closes by itself, or None for no such instant.

    Raises:  IllegalTransition once it is closed; ImpossibleTime unless it lies after now and after the opening.
    """
    petition = locked_petition(petition_id=petition_id)
    if petition.state == PetitionState.CLOSED:
        raise IllegalTransition(petition.state)
    if closes_at is not None and closes_at <= max(now, petition.opens_at or now):
        raise ImpossibleTime("closing")
    petition.closes_at = closes_at
    petition.save(update_fields=["closes_at"])
    audit(petition=petition, actor=actor, verb="petition.closing-changed", now=now)
    return petition


def open_due_petitions(*, now: datetime) -> int:
    """This function will open the scheduled petitions whose instant has come, each for itself; returns how many."""
    due = Petition.objects.filter(state=PetitionState.SCHEDULED, opens_at__lte=now).order_by("id")
    return sum(_move_if_still_due(petition, PetitionState.OPEN, "petition.opened", now) for petition in due)


def close_due_petitions(*, now: datetime) -> int:
    """This function will close the open and paused petitions whose closing has come; returns how many."""
    running = [PetitionState.OPEN, PetitionState.PAUSED]
    due = Petition.objects.filter(state__in=running, closes_at__lte=now).order_by("id")
    return sum(_move_if_still_due(petition, PetitionState.CLOSED, "petition.closed", now) for petition in due)


@transaction.atomic
def _move_if_still_due(seen: Petition, state: PetitionState, verb: str, now: datetime) -> int:
    # Organisers may have moved it since it was read: only the petition that was seen, in the state and with the times
    # that were seen, is moved.
    unchanged = Petition.objects.filter(pk=seen.pk, state=seen.state, opens_at=seen.opens_at, closes_at=seen.closes_at)
    moved = unchanged.update(state=state)
    if moved:
        audit(petition=seen, actor=None, verb=verb, now=now)
        owe_state_event(petition=seen, event_type=verb, now=now)
    return moved


def _check_can_become(petition: Petition, state: PetitionState, *, come_from: set[PetitionState] | None = None) -> None:
    if petition.state not in (come_from or STATES_BEFORE[state]):
        raise IllegalTransition(petition.state)


def _check_has_text(petition: Petition) -> None:
    if not petition.texts.filter(language=petition.default_language).exists():
        raise TextMissing(petition.default_language)


def _become(
    petition: Petition, state: PetitionState, verb: str, now: datetime, actor: User | None, *, fields: list[str]
) -> Petition:
    petition.state = state
    petition.save(update_fields=["state", *fields])
    audit(petition=petition, actor=actor, verb=verb, now=now)
    owe_state_event(petition=petition, event_type=verb, now=now)
    return petition
