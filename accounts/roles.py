"""What each role may do. The one place that answers «may this person?»; views ask it through accounts.decorators."""

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from accounts.models import Membership, Role, Team, User

RUN_PETITIONS = frozenset({Role.OWNER, Role.ORGANISER})
READ_EXPORTS = frozenset({Role.OWNER, Role.ORGANISER, Role.ANALYST})
MODERATE = frozenset({Role.OWNER, Role.MODERATOR, Role.SAFEGUARDING})
MANAGE_TEAM = frozenset({Role.OWNER})
MANAGE_TOKENS = frozenset({Role.OWNER, Role.ORGANISER})
MANAGE_WEBHOOKS = RUN_PETITIONS
ANY_ROLE = frozenset(Role)


@dataclass(frozen=True, kw_only=True)
class StaffAreas:
    """Which parts of the staff pages a person may enter."""

    organise: bool
    moderate: bool
    team: bool
    tokens: bool

    @property
    def any(self) -> bool:
        return self.organise or self.moderate or self.team or self.tokens


def has_role(*, user: User | AnonymousUser, roles: frozenset[Role]) -> bool:
    """This function will tell whether the user holds one of the roles in any team."""
    return teams_of(user=user, roles=roles).exists()


def teams_of(*, user: User | AnonymousUser, roles: frozenset[Role]) -> QuerySet[Team]:
    """This function will find the teams in which an active user holds one of the roles."""
    if not isinstance(user, User) or not user.is_active:
        return Team.objects.none()
    return Team.objects.filter(memberships__user=user, memberships__role__in=roles).distinct()


def roles_of(*, user: User | AnonymousUser) -> frozenset[Role]:
    """This function will collect the roles that an active user holds, in whichever team."""
    if not isinstance(user, User) or not user.is_active:
        return frozenset()
    held = Membership.objects.filter(user=user).values_list("role", flat=True).distinct()
    return frozenset(Role(role) for role in held)


def areas_of(*, user: User | AnonymousUser) -> StaffAreas:
    """This function will tell which staff areas a user may enter, with one query."""
    held = roles_of(user=user)
    return StaffAreas(
        organise=bool(held & READ_EXPORTS),
        moderate=bool(held & MODERATE),
        team=bool(held & MANAGE_TEAM),
        tokens=bool(held & MANAGE_TOKENS),
    )
