"""The people of the demonstration. Their passwords are public, which is why they exist in development only."""

from dataclasses import dataclass

from allauth.account.models import EmailAddress

from accounts.models import Membership, Role, Team, User


@dataclass(frozen=True, kw_only=True)
class DemoAccount:
    email: str
    name: str
    password: str
    does: str
    roles: tuple[Role, ...] = ()
    is_admin: bool = False


DEMO_ACCOUNTS = (
    DemoAccount(
        email="bob@example.org",
        name="Bob",
        password="bob-organises-keep4o",  # noqa: S106 # shown to everybody by ./run
        does="organises: petitions, timeline, exports, team",
        roles=(Role.OWNER, Role.ORGANISER),
    ),
    DemoAccount(
        email="mona@example.org",
        name="Mona",
        password="mona-moderates-keep4o",  # noqa: S106 # shown to everybody by ./run
        does="moderates stories",
        roles=(Role.MODERATOR,),
    ),
    DemoAccount(
        email="max@example.org",
        name="Max",
        password="max-moderates-keep4o",  # noqa: S106 # shown to everybody by ./run
        does="moderates stories",
        roles=(Role.MODERATOR,),
    ),
    DemoAccount(
        email="ana@example.org",
        name="Ana",
        password="ana-analyses-keep4o",  # noqa: S106 # shown to everybody by ./run
        does="analyst: reads and exports counts",
        roles=(Role.ANALYST,),
    ),
    DemoAccount(
        email="admin@example.org",
        name="Admin",
        password="admin-of-keep4o-demo",  # noqa: S106 # shown to everybody by ./run
        does="opens Django's admin at /admin/",
        is_admin=True,
    ),
)


def create_accounts(*, team: Team) -> None:
    """This function will create the demo accounts with verified addresses and their roles in the team."""
    for account in DEMO_ACCOUNTS:
        user = User.objects.create_user(
            account.email,
            account.password,
            display_name=account.name,
            is_staff=account.is_admin,
            is_superuser=account.is_admin,
        )
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        Membership.objects.bulk_create(Membership(team=team, user=user, role=role) for role in account.roles)
