"""
The people of the tests and the rules of their world.

Alice is a supporter without an account, Bob runs the petitions of a team, Mona and Max moderate its stories, and
Charlie is signed in and has nothing to do with any of it. The clock stands at `NOW` wherever a test passes it in.
"""

import uuid
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from django.test import Client
from django.utils import translation
from pytest_django import Settings

from accounts.models import Role, Team, User
from outbox.remembering import forget_everything
from tests.factories import ALICE, NOW, make_membership, make_team, make_user
from tests.flushing import emptying_append_only_tables
from tests.live_site import fresh_demo_site, live_demo_site  # noqa: F401 - fixtures for every folder


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """This hook will let the slow files begin first, each in its random place: at the end short ones fill every core."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(autouse=True, scope="session")
def _tables_can_be_emptied() -> Iterator[None]:
    with emptying_append_only_tables():
        yield


@pytest.fixture(autouse=True)
def _safe_settings(settings: Settings) -> None:
    """Quick passwords, and a cache that no other test and no running site can see."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache = {**settings.CACHES["default"], "KEY_PREFIX": f"test-{uuid.uuid4().hex}"}
    settings.CACHES = {"default": cache}


@pytest.fixture(autouse=True)
def _switches_are_read_anew() -> None:
    """What a process remembers for two seconds would otherwise last into the next test."""
    forget_everything()


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """A test starts in English, whatever language the page of the test before it was read in."""
    with translation.override("en"):
        yield


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def mail_dir(settings: Settings, tmp_path: Path) -> Path:
    """Mail is kept in files of this test's own, as ./run keeps it."""
    settings.MAIL_DIR = tmp_path / "mail"
    settings.EMAIL_BACKEND = "outbox.mailbox.FileBackend"
    return tmp_path / "mail"


# --- People ---------------------------------------------------------------------------------------------------------
@pytest.fixture
def alice() -> str:
    """A supporter: an address, no account."""
    return ALICE


@pytest.fixture
def team(db: None) -> Team:
    return make_team(slug="keep4o")


@pytest.fixture
def bob(team: Team) -> User:
    user = make_user(email="bob@example.org", display_name="Bob")
    make_membership(user=user, team=team, role=Role.OWNER)
    make_membership(user=user, team=team, role=Role.ORGANISER)
    return user


@pytest.fixture
def mona(team: Team) -> User:
    user = make_user(email="mona@example.org", display_name="Mona")
    make_membership(user=user, team=team, role=Role.MODERATOR)
    return user


@pytest.fixture
def max_(team: Team) -> User:
    user = make_user(email="max@example.org", display_name="Max")
    make_membership(user=user, team=team, role=Role.MODERATOR)
    return user


@pytest.fixture
def charlie(db: None) -> User:
    """Signed in, and a member of no team."""
    return make_user(email="charlie@example.org", display_name="Charlie")


# --- Their browsers -------------------------------------------------------------------------------------------------
@pytest.fixture
def bob_client(bob: User) -> Client:
    return _signed_in(bob)


@pytest.fixture
def mona_client(mona: User) -> Client:
    return _signed_in(mona)


@pytest.fixture
def max_client(max_: User) -> Client:
    return _signed_in(max_)


@pytest.fixture
def charlie_client(charlie: User) -> Client:
    return _signed_in(charlie)


def _signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client
