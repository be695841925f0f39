"""What the team pages show."""

from dataclasses import dataclass

from django.db.models import Q

from accounts.models import ApiToken, Membership, Role, Team, User


@dataclass(frozen=True, kw_only=True)
class Member:
    """A person of a team with the roles held there, in the order in which roles are listed."""

    user: User
    memberships: list[Membership]


def members_of(*, team: Team) -> list[Member]:
    """This function will list the people of a team by address; one query."""
    memberships = Membership.objects.filter(team=team).select_related("user").order_by("user__email", "pk")
    people: dict[int, Member] = {}
    for membership in memberships:
        member = people.setdefault(membership.user_id, Member(user=membership.user, memberships=[]))
        member.memberships.append(membership)
    for member in people.values():
        member.memberships.sort(key=lambda held: Role.values.index(held.role))
    return list(people.values())


def tokens_of(*, team: Team) -> list[ApiToken]:
    """This function will list a team's tokens: those in use first, the newest first; one query."""
    tokens = ApiToken.objects.filter(team=team).select_related("created_by").order_by("-created_at", "-pk")
    return sorted(tokens, key=lambda token: token.revoked_at is not None)


def accounts_with_address(*, address: str) -> int:
    """This function will count the accounts that an address signs in to or that have named it; one query."""
    named = Q(email__iexact=address) | Q(emailaddress__email__iexact=address)
    return User.objects.filter(named).distinct().count()
