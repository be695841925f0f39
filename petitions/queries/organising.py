"""What organisers see of their petitions; it finds only what their teams own."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import QuerySet, Sum
from django.utils.timezone import localdate

from accounts.models import Role, User
from accounts.roles import RUN_PETITIONS, teams_of
from petitions.models import Milestone, Petition, PetitionText, TallyBucket
from petitions.queries.counts import count_of, milestone_ahead
from petitions.queries.texts import newest_texts, petition_titles

_TWO_LOCAL_DAYS = timedelta(hours=50)  # with room for the longest of them


@dataclass(frozen=True, kw_only=True)
class OrganisedPetition:
    """A petition as the people see it who run it or read its figures."""

    petition: Petition
    title: str
    count: int
    today: int
    yesterday: int
    next_milestone: int | None
    may_change: bool


@dataclass(frozen=True, kw_only=True)
class LanguageText:
    """The text of a petition in one of the site's languages, if there is one."""

    language: str
    text: PetitionText | None
    is_default: bool


def petitions_for(*, user: User, roles: frozenset[Role]) -> QuerySet[Petition]:
    """This function will find the petitions of the teams in which the user holds one of the roles."""
    teams = teams_of(user=user, roles=roles)
    return Petition.objects.filter(team__in=teams).select_related("team", "tally").order_by("-created_at", "-id")


def organised_petitions(*, user: User, roles: frozenset[Role], language: str, now: datetime) -> list[OrganisedPetition]:
    """This function will list the user's petitions with their figures, newest first, in a fixed number of statements."""
    petitions = list(petitions_for(user=user, roles=roles))
    titles = petition_titles(petitions=petitions, language=language)
    recent = _recent_by_petition(petitions, now=now)
    changeable = set(teams_of(user=user, roles=RUN_PETITIONS).values_list("id", flat=True))
    return [
        OrganisedPetition(
            petition=petition,
            title=titles[petition.pk],
            count=count_of(petition),
            today=_on_local_day(petition, recent, now=now, days_ago=0),
            yesterday=_on_local_day(petition, recent, now=now, days_ago=1),
            next_milestone=milestone_ahead(petition, now=now),
            may_change=petition.team_id in changeable,
        )
        for petition in petitions
    ]


def texts_by_language(*, petition: Petition, languages: list[str]) -> list[LanguageText]:
    """This function will pair the site's languages with the newest text in each, the petition's own language first."""
    texts = newest_texts(petition_id=petition.pk)
    languages = sorted(languages, key=lambda language: language != petition.default_language)
    return [
        LanguageText(language=language, text=texts.get(language), is_default=language == petition.default_language)
        for language in languages
    ]


def milestones_reached(*, petition: Petition) -> list[Milestone]:
    """This function will list the milestones of one petition, lowest first."""
    return list(Milestone.objects.filter(petition=petition).order_by("threshold", "id"))


def _recent_by_petition(petitions: list[Petition], *, now: datetime) -> dict[int, list[tuple[datetime, int]]]:
    buckets = TallyBucket.objects.filter(petition__in=petitions, starts_at__gte=now - _TWO_LOCAL_DAYS, n__gt=0)
    recent: dict[int, list[tuple[datetime, int]]] = {}
    sums = buckets.values_list("petition_id", "starts_at").annotate(signatures=Sum("n")).order_by("starts_at")
    for petition_id, starts_at, signatures in sums:
        recent.setdefault(petition_id, []).append((starts_at, signatures))
    return recent


def _on_local_day(
    petition: Petition, recent: dict[int, list[tuple[datetime, int]]], *, now: datetime, days_ago: int
) -> int:
    tz = ZoneInfo(petition.timezone)
    day = localdate(now, tz) - timedelta(days=days_ago)
    return sum(n for starts_at, n in recent.get(petition.pk, []) if localdate(starts_at, tz) == day)
