"""What organisers do to a petition: found it, word it, open, pause and close it, and set its ladder. All of it audited."""

from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.actions import record_audit
from accounts.models import Team, User
from petitions.actions.tally import record_passed_milestones
from petitions.models import Petition, PetitionState, PetitionText
from petitions.rules.ladder import LADDER_MAX_STEPS, LADDER_MAX_THRESHOLD, STATES_BEFORE


class EditingError(Exception):
    """What these actions refuse."""


class SlugTaken(EditingError):
    """Another petition has this address already."""


class IllegalTransition(EditingError):
    """The petition is in a state from which this step does not lead; perhaps somebody was quicker."""


class TextMissing(EditingError):
    """A petition needs a text in its default language before it can open."""


class StaleText(EditingError):
    """Another version was published since this one was begun; nothing was written."""


class ImpossibleTime(EditingError):
    """The opening or closing would lie in the past, or the closing before the opening."""


class BadLadder(EditingError):
    """A ladder has 1 to 40 steps, each a whole number from 1 to 2,000,000,000."""


def create_petition(
    *,
    team: Team,
    slug: str,
    addressee: str,
    default_language: str,
    timezone: str,
    now: datetime,
    actor: User | None = None,
    asks_country: bool = True,
) -> Petition:
    """
    This function will found a petition as a draft that nobody outside the team can see.

    Args:    slug, addressee, default_language, timezone: shape checked by the form.
    Raises:  SlugTaken, also when two are founded at once.
    Writes:  the Petition with the default ladder; an audit row.
    """
    try:
        with transaction.atomic():
            petition = Petition.objects.create(
                team=team,
                slug=slug,
                addressee=addressee,
                default_language=default_language,
                timezone=timezone,
                asks_country=asks_country,
                created_at=now,
            )
            _audit(petition, actor, "petition.created", now)
    except IntegrityError as error:
        if "petition_unique_slug" in str(error):
            raise SlugTaken(slug) from error
        raise
    return petition


@transaction.atomic
def publish_text(
    *,
    petition_id: int,
    language: str,
    title: str,
    summary: str,
    body: str,
    seen_version: int,
    now: datetime,
    actor: User | None = None,
) -> PetitionText:
    """
    This function will publish the next version of a petition's text in one language; earlier ones stay readable.

    Args:    seen_version: the version that the author had before their eyes, 0 for none.
    Raises:  StaleText if it is no longer the newest: the author should see what they would have covered.
    Writes:  one PetitionText; an audit row. Publishing the very same words again writes nothing.
    """
    petition = _locked(petition_id)
    newest = PetitionText.objects.filter(petition=petition, language=language).order_by("-version").first()
    if seen_version != (newest.version if newest else 0):
        raise StaleText(language)
    if newest and (newest.title, newest.summary, newest.body) == (title, summary, body):
        return newest
    text = PetitionText.objects.create(
        petition=petition,
        language=language,
        version=seen_version + 1,
        title=title,
        summary=summary,
        body=body,
        created_at=now,
    )
    _audit(petition, actor, "petition.text-published", now, detail=f"{language} v{text.version}")
    return text


@transaction.atomic
def open_petition(*, petition_id: int, now: datetime, actor: User | None = None) -> Petition:
    """
    This function will open a draft or scheduled petition at once.

    Raises:  IllegalTransition; TextMissing; ImpossibleTime if its closing lies in the past.
    """
    petition = _locked(petition_id)
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
    petition = _locked(petition_id)
    _check_can_become(petition, PetitionState.SCHEDULED)
    _check_has_text(petition)
    if opens_at <= now or (petition.closes_at is not None and petition.closes_at <= opens_at):
        raise ImpossibleTime("opening")
    petition.opens_at = opens_at
    return _become(petition, PetitionState.SCHEDULED, "petition.scheduled", now, actor, fields=["opens_at"])


@transaction.atomic
def unschedule_petition(*, petition_id: int, now: datetime, actor: User | None = None) -> Petition:
    """This function will make a scheduled petition a draft again; raises IllegalTransition."""
    petition = _locked(petition_id)
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
    petition = _locked(petition_id)
    _check_can_become(petition, PetitionState.PAUSED)
    petition.pause_reason = reason
    return _become(petition, PetitionState.PAUSED, "petition.paused", now, actor, fields=["pause_reason"])


@transaction.atomic
def resume_petition(*, petition_id: int, now: datetime, actor: User | None = None) -> Petition:
    """This function will take signatures again after a pause; raises IllegalTransition unless it is paused."""
    petition = _locked(petition_id)
    _check_can_become(petition, PetitionState.OPEN, come_from={PetitionState.PAUSED})
    petition.pause_reason = ""
    return _become(petition, PetitionState.OPEN, "petition.resumed", now, actor, fields=["pause_reason"])


@transaction.atomic
def close_petition(*, petition_id: int, now: datetime, actor: User | None = None) -> Petition:
    """This function will close an open or paused petition for good, at once; raises IllegalTransition."""
    petition = _locked(petition_id)
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
    petition = _locked(petition_id)
    if petition.state == PetitionState.CLOSED:
        raise IllegalTransition(petition.state)
    if closes_at is not None and closes_at <= max(now, petition.opens_at or now):
        raise ImpossibleTime("closing")
    petition.closes_at = closes_at
    petition.save(update_fields=["closes_at"])
    _audit(petition, actor, "petition.closing-changed", now)
    return petition


@transaction.atomic
def change_ladder(*, petition_id: int, ladder: Iterable[int], now: datetime, actor: User | None = None) -> Petition:
    """
    This function will replace the thresholds of a petition; milestones reached stay reached.

    Raises:  BadLadder.
    Writes:  Petition.ladder, sorted and each step once; a Milestone without a message for each new step that the
             count has passed already, at the instant of its Nth counted signature; an audit row.
    """
    steps = sorted(set(ladder))
    if not 1 <= len(steps) <= LADDER_MAX_STEPS or steps[0] < 1 or steps[-1] > LADDER_MAX_THRESHOLD:
        raise BadLadder
    petition = _locked(petition_id)
    petition.ladder = steps
    petition.save(update_fields=["ladder"])
    record_passed_milestones(petition_id=petition.pk)
    _audit(petition, actor, "petition.ladder-changed", now)
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
        _audit(seen, None, verb, now)
    return moved


def _locked(petition_id: int) -> Petition:
    # NO KEY: signing and folding insert rows that point here, and must wait for no organiser.
    petitions = Petition.objects.select_for_update(of=("self",), no_key=True)
    return petitions.select_related("team").get(pk=petition_id)


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
    _audit(petition, actor, verb, now)
    return petition


def _audit(petition: Petition, actor: User | None, verb: str, now: datetime, *, detail: str = "") -> None:
    record_audit(team=petition.team, actor=actor, verb=verb, subject=f"{petition.slug} {detail}".strip(), now=now)
