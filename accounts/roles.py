"""What each role may do. The one place that answers «may this person?»; views ask it through accounts.decorators."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from accounts.models import Role, Team, User

RUN_PETITIONS = frozenset({Role.OWNER, Role.ORGANISER})
READ_EXPORTS = frozenset({Role.OWNER, Role.ORGANISER, Role.ANALYST})
MODERATE = frozenset({Role.OWNER, Role.MODERATOR, Role.SAFEGUARDING})
MANAGE_TEAM = frozenset({Role.OWNER})
ANY_ROLE = frozenset(Role)


def has_role(*, user: User | AnonymousUser, roles: frozenset[Role]) -> bool:
    """This function will tell whether the user holds one of the roles in any team."""
    return teams_of(user=user, roles=roles).exists()


def teams_of(*, user: User | AnonymousUser, roles: frozenset[Role]) -> QuerySet[Team]:
    """This function will find the teams in which an active user holds one of the roles."""
    if not isinstance(user, User) or not user.is_active:
        return Team.objects.none()
    return Team.objects.filter(memberships__user=user, memberships__role__in=roles).distinct()
