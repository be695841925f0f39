"""
Every staff address is closed: to strangers, to signed-in people without a role, and to each wrong role.

The tests walk the URLconf, so an address that somebody adds tomorrow is tested tomorrow. A staff address must be
named in `OPEN_TO` below with the roles that it is for; one that is missing there fails here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils.translation import override

from accounts.models import Role, Team, User
from accounts.roles import MANAGE_TEAM, MANAGE_TOKENS, MANAGE_WEBHOOKS, MODERATE, READ_EXPORTS, RUN_PETITIONS
from tests.factories import make_membership, make_petition, make_user

pytestmark = pytest.mark.django_db

STAFF_PATH = re.compile(r"^/(?:[a-z-]+/)?(?:organise|moderate|admin)(?:/|$)")
SAMPLES = {
    "slug": "x",
    "str": "x",
    "int": 1,
    "uuid": "00000000-0000-4000-8000-000000000000",
    "path": "x",
    "threshold": 100,
}

# Which roles each address is for, by view name. A name that ends in "*" stands for all that begin so.
OPEN_TO: dict[str, frozenset[Role]] = {
    "accounts:team*": MANAGE_TEAM,
    "accounts:grant-role": MANAGE_TEAM,
    "accounts:revoke-role": MANAGE_TEAM,
    "accounts:tokens*": MANAGE_TOKENS,
    "accounts:revoke-token": MANAGE_TOKENS,
    "accounts:webhook*": MANAGE_WEBHOOKS,
    "accounts:*-webhook": MANAGE_WEBHOOKS,
    "accounts:*-webhook-secret": MANAGE_WEBHOOKS,
    "petitions:organise": READ_EXPORTS,
    "petitions:export-counts": READ_EXPORTS,
    "petitions:organise-petition": RUN_PETITIONS,
    "petitions:new-petition": RUN_PETITIONS,
    "petitions:open-petition": RUN_PETITIONS,
    "petitions:schedule-petition": RUN_PETITIONS,
    "petitions:unschedule-petition": RUN_PETITIONS,
    "petitions:pause-petition": RUN_PETITIONS,
    "petitions:resume-petition": RUN_PETITIONS,
    "petitions:close-petition": RUN_PETITIONS,
    "petitions:change-closing": RUN_PETITIONS,
    "petitions:change-ladder": RUN_PETITIONS,
    "petitions:edit-text": RUN_PETITIONS,
    "petitions:integrity-*": RUN_PETITIONS,
    "petitions:release-held": RUN_PETITIONS,
    "petitions:*-case": RUN_PETITIONS,
    "petitions:petition-settings": RUN_PETITIONS,
    "petitions:change-asked": RUN_PETITIONS,
    "petitions:change-eligibility": RUN_PETITIONS,
    "petitions:publish-news-consent": RUN_PETITIONS,
    "petitions:new-question": RUN_PETITIONS,
    "petitions:edit-question": RUN_PETITIONS,
    "petitions:retire-question": RUN_PETITIONS,
    "petitions:move-question-up": RUN_PETITIONS,
    "petitions:petition-answers": READ_EXPORTS,
    "petitions:petition-texts": RUN_PETITIONS,
    "petitions:export-answers": RUN_PETITIONS,
    "petitions:ask-for-rows": RUN_PETITIONS,
    "petitions:download-rows": RUN_PETITIONS,
    "petitions:review-comments": RUN_PETITIONS | MODERATE,
    "petitions:decide-on-comment": RUN_PETITIONS | MODERATE,
    "petitions:deliverability": RUN_PETITIONS,
    "forgotten": RUN_PETITIONS,
    "petitions:allow-mail-again": frozenset(),  # for the site's staff
    "petitions:switches": frozenset(),  # these five are for the site's staff, never for a role
    "petitions:turn-switch-*": frozenset(),
    "petitions:begin-hold": frozenset(),
    "petitions:end-hold": frozenset(),
    "campaigns:organise-*": RUN_PETITIONS,
    "testimonials:moderat*": MODERATE,
    "admin:*": frozenset(),  # for the operator's staff, never for a role
}


@dataclass(frozen=True, kw_only=True)
class StaffUrl:
    name: str
    path: str

    @property
    def open_to(self) -> frozenset[Role]:
        return next(roles for pattern, roles in OPEN_TO.items() if fnmatchcase(self.name, pattern))


def all_patterns(resolver: URLResolver, route: str = "", spaces: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """Every view as (name, route): `petitions:sign`, `/en/petitions/<slug:slug>/sign/`."""
    for pattern in resolver.url_patterns:
        here = route + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inside = (*spaces, pattern.namespace) if pattern.namespace else spaces
            yield from all_patterns(pattern, here, inside)
        elif isinstance(pattern, URLPattern):
            yield ":".join((*spaces, pattern.name or "?")), here


def sample_path(route: str) -> str:
    """A path that the route matches; an unknown converter fails the test until SAMPLES names a value for it."""
    path = re.sub(r"\(\?P<\w+>[^)]*\)", "x", route).replace("^", "").replace("$", "").replace("\\Z", "")
    return "/" + re.sub(r"<(?:(\w+):)?\w+>", lambda match: str(SAMPLES[match[1] or "str"]), path)


def urls_in(language: str) -> list[StaffUrl]:
    with override(language):
        return [StaffUrl(name=name, path=sample_path(route)) for name, route in all_patterns(get_resolver())]


def staff_urls() -> list[StaffUrl]:
    found = [url for language in ("en", "fr") for url in urls_in(language) if STAFF_PATH.match(url.path)]
    return sorted(set(found), key=lambda url: url.path)


def role_urls(*languages: str) -> list[StaffUrl]:
    """The addresses that roles open; in one language where a language cannot make a difference."""
    prefixes = tuple(f"/{language}/" for language in languages or ("en", "fr"))
    return [url for url in staff_urls() if url.path.startswith(prefixes)]


def person_with_every_role(team: Team) -> User:
    user = make_user()
    for role in Role:
        make_membership(team=team, role=role, user=user)
    return user


def is_closed(status: int, location: str) -> bool:
    if status in (HTTPStatus.FOUND, HTTPStatus.MOVED_PERMANENTLY):
        return location.startswith(("/en/accounts/login/", "/fr/accounts/login/", "/admin/"))
    return status in (HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN)


def answers(client: Client, url: StaffUrl) -> Iterator[tuple[str, int, str]]:
    for method in ("get", "post"):
        answer = getattr(client, method)(url.path)
        yield f"{method} {url.name} {url.path}", answer.status_code, answer.headers.get("Location", "")


def test_there_are_staff_urls_to_walk() -> None:
    names = {url.name for url in staff_urls()}

    assert {"accounts:team", "admin:index"} <= names
    assert {url.path[:3] for url in role_urls()} == {"/en", "/fr"}


def test_each_staff_url_says_whom_it_is_for() -> None:
    missing = {url.name for url in staff_urls() if not any(fnmatchcase(url.name, pattern) for pattern in OPEN_TO)}

    assert not missing, f"name them in OPEN_TO: {sorted(missing)}"


def test_strangers_are_sent_to_sign_in() -> None:
    client = Client()

    open_urls = [
        (what, status) for url in staff_urls() for what, status, to in answers(client, url) if not is_closed(status, to)
    ]

    assert not open_urls


def test_people_without_a_role_are_refused() -> None:
    client = Client()
    client.force_login(make_user())

    open_urls = [
        (what, status)
        for url in role_urls()
        for what, status, _ in answers(client, url)
        if status not in (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
    ]

    assert not open_urls


@pytest.mark.parametrize("role", list(Role))
def test_each_role_reaches_only_what_is_meant_for_it(team: Team, role: Role) -> None:
    client = Client()
    client.force_login(make_membership(team=team, role=role).user)

    open_urls = [
        (what, status)
        for url in role_urls("en")
        if role not in url.open_to
        for what, status, _ in answers(client, url)
        if status not in (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
    ]
    closed_urls = [
        url.name
        for url in role_urls("en")
        if role in url.open_to and client.get(url.path).status_code == HTTPStatus.FORBIDDEN
    ]

    assert not open_urls
    assert not closed_urls


def test_no_role_opens_the_admin(team: Team) -> None:
    client = Client()
    client.force_login(person_with_every_role(team))

    open_urls = [
        (what, status)
        for url in staff_urls()
        if url.path.startswith("/admin")
        for what, status, to in answers(client, url)
        if not is_closed(status, to)
    ]

    assert not open_urls
    assert client.get(reverse("admin:index"), follow=True).status_code == HTTPStatus.FORBIDDEN


def test_what_a_staff_url_answers_is_never_kept(team: Team) -> None:
    client = Client()
    client.force_login(person_with_every_role(team))

    for url in role_urls("en"):
        answer = client.get(url.path)
        kept = "no-store" not in answer.headers.get("Cache-Control", "")
        assert not kept or answer.status_code == HTTPStatus.NOT_FOUND, url


def test_public_pages_know_no_visitor(charlie_client: Client) -> None:
    """What everyone may cache sets no cookie, varies by none and is the same for somebody who is signed in."""
    not_public = re.compile(r"^/(?:[a-z-]+/)?(?:organise|moderate|admin|accounts|dev|api|metrics)(?:/|$)")
    personal = {"petitions:sign-with-account"}
    urls = [url for url in urls_in("en") + urls_in("fr") if url.name not in personal]
    public = [url for url in urls if not not_public.match(url.path)]
    make_petition(slug=str(SAMPLES["slug"]))
    assert charlie_client.get(reverse("petitions:petition-detail", args=[SAMPLES["slug"]])).status_code == HTTPStatus.OK

    for url in public:
        for client in (Client(), charlie_client):
            answer = client.get(url.path)
            assert not answer.cookies, url
            assert "cookie" not in answer.headers.get("Vary", "").lower(), url
