"""
Whatever is sent to whichever address, the site answers with a page and the right status, and never with a 500.

The tests walk the URLconf and the forms that its pages hold, so an address or a field that somebody adds tomorrow is
attacked tomorrow. Django's admin, whose forms are Django's, is left out.
"""

import copy
import itertools
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client

from tests.hostile_world import HOSTILE, LANGUAGES, VALID, World, world  # noqa: F401 - a fixture
from tests.web_forms import WebForm, forms_of

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=x"
SIGN, STORY, LOGIN = "/fr/petitions/x/sign/", "/fr/campaigns/x/stories/new/", "/fr/accounts/login/"
IN_ADDRESSES = ("nothing", "too much", "a NUL", "no UTF-8", "overrides", "markup", "a huge number", "a path", "no zone")
IN_WHOLE_FORMS = ("nothing", "a NUL", "no UTF-8", "too much", "a huge number", "the last minute")
QUERY_NAMES = ("page", "from", "to", "tz", "by", "unit", "series", "format", "language", "next", "to", "saved", "q")
PATH_NAMES = (
    "slug",
    "key",
    "token",
    "language",
    "purpose",
    "testimonial_id",
    "name",
    "membership_id",
    "token_id",
    "pk",
    "case_id",
)
_LANGUAGE = re.compile(r"<html[^>]* lang=\"(\w+)")


def send(client: Client, method: str, path: str, **options: Any) -> HttpResponse:
    """One request by a visitor of their own, which leaves nothing in the database."""
    visitor = copy.copy(client)
    visitor.cookies = copy.copy(client.cookies)
    visitor.raise_request_exception = False  # what is asked for is what a visitor sees
    with transaction.atomic():
        answer: HttpResponse = visitor.generic(method, path, **options)
        if answer.streaming:  # read here, as a browser would, while the rows are there
            answer = HttpResponse(answer.getvalue(), status=answer.status_code, headers=answer.headers)
        transaction.set_rollback(True)
    return answer


def fault_of(path: str, answer: HttpResponse) -> str | None:
    """What is wrong with an answer, whatever was asked."""
    is_explained = answer.status_code == 502 and "/oidc/" in path and "<h1" in answer.text  # the provider is away
    if answer.status_code >= 500 and not is_explained:
        return f"{answer.status_code} {getattr(answer, 'exc_info', '')}"
    language = path.split("/")[1]
    said = _LANGUAGE.search(answer.content.decode(errors="replace"))  # a picture is no text
    if said and language in LANGUAGES and said[1] != language:
        return f"{answer.status_code} in the language {said[1]}"
    return None


def faults(client: Client, method: str, paths: list[str], query: str = "") -> list[str]:
    answers = ((path, send(client, method, path + query)) for path in paths if not path.startswith("/admin/"))
    return [f"{path}: {fault}" for path, answer in answers if (fault := fault_of(path, answer))]


def test_the_walk_meets_real_pages(world: World) -> None:  # noqa: F811
    found = {path for path in world.paths("fr") if send(world.staff, "GET", path).status_code == 200}

    assert {"/fr/petitions/x/", "/fr/campaigns/x/", "/fr/organise/petitions/x/", "/fr/accounts/2fa/"} <= found
    assert len(found) > 60


@pytest.mark.parametrize(
    ("visitor", "method"),
    [("stranger", "HEAD"), ("stranger", "POST"), ("stranger", "TRACE"), ("staff", "POST"), ("staff", "PUT")],
)
def test_no_method_breaks_an_address(world: World, visitor: str, method: str) -> None:  # noqa: F811
    assert not faults(getattr(world, visitor), method, world.paths("fr"))


@pytest.mark.parametrize("bad", IN_ADDRESSES)
def test_no_query_breaks_an_address(world: World, bad: str) -> None:  # noqa: F811
    query = urlencode(dict.fromkeys(QUERY_NAMES, HOSTILE[bad][:2_000]))

    assert not faults(world.staff, "GET", world.paths("fr"), query=f"?{query}")


@pytest.mark.parametrize("bad", IN_ADDRESSES)
def test_no_name_in_a_path_breaks_an_address(world: World, bad: str) -> None:  # noqa: F811
    value = HOSTILE[bad][:2_000]

    assert not faults(world.staff, "GET", world.paths("fr", **dict.fromkeys(PATH_NAMES, value)))


def all_forms(world: World) -> Iterator[tuple[Client, WebForm]]:  # noqa: F811
    """Each form that a page of the site holds, with the visitor who finds it there."""
    seen = set()
    for client, path in itertools.product((world.staff, world.stranger), world.paths("fr")):
        page = None if path.startswith("/admin/") else send(client, "GET", path)
        if page is None or page.status_code != 200 or not page.headers["Content-Type"].startswith("text/html"):
            continue
        for form in forms_of(page.text, page_path=path):
            key = (client is world.staff, form.path, *form.fields)
            if key not in seen:
                seen.add(key)
                yield client, form


def submit(client: Client, form: WebForm, values: dict[str, str | bytes]) -> HttpResponse:
    body = urlencode(values)
    if form.method == "get":
        return send(client, "GET", f"{form.path}?{body}")
    return send(client, "POST", form.path, data=body, content_type=FORM)


def attacks(form: WebForm, pick: Iterator[str]) -> Iterator[dict[str, str | bytes]]:
    """The form filled with one evil throughout, then well filled but for one field at a time."""
    names = [name for name in form.fields if name != "csrfmiddlewaretoken"]
    for bad in IN_WHOLE_FORMS:
        yield dict.fromkeys(names, HOSTILE[bad])
    usual = {name: VALID.get(name, form.fields[name]) for name in names}
    for name in names:
        yield {**usual, name: HOSTILE[next(pick)]}


def test_no_value_breaks_a_form(world: World) -> None:  # noqa: F811
    pick = itertools.cycle(HOSTILE)  # each field meets one of them, each of them some fields
    forms = list(all_forms(world))

    broken = [
        f"{form.path} {name}: {fault}"
        for client, form in forms
        for values in attacks(form, pick)
        if (fault := fault_of(form.path, submit(client, form, values))) and (name := repr(values)[:300])
    ]

    assert len(forms) > 30
    assert not broken


BODIES: dict[str, tuple[str, bytes]] = {
    "no type": ("", b"name=Alice"),
    "JSON": ("application/json", b'{"name": "Alice"}'),
    "another charset": (f"{FORM}; charset=utf-7", b"name=Alice"),
    "no charset": (f"{FORM}; charset=nothing", b"name=Alice"),
    "too many fields": (FORM, b"&".join(b"f%d=1" % n for n in range(5_000))),
    "one name a thousand times": (FORM, b"name=Alice&" * 99),
    "ten megabytes": (FORM, b"name=" + b"a" * 10_000_000),
    "no boundary": ("multipart/form-data", b"--x"),
    "another boundary": (MULTIPART, b'--y\r\nContent-Disposition: form-data; name="name"\r\n\r\nAlice'),
    "cut": (MULTIPART, b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\nAli'),
    "a file": (MULTIPART, b'--x\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\nz\r\n--x--\r\n'),
}


@pytest.mark.parametrize("path", [SIGN, STORY, LOGIN])
@pytest.mark.parametrize("shape", BODIES)
def test_a_body_of_the_wrong_shape_is_refused_with_a_page(world: World, path: str, shape: str) -> None:  # noqa: F811
    content_type, body = BODIES[shape]
    client = Client()

    answer = send(client, "POST", path, data=body, content_type=content_type)

    assert fault_of(path, answer) is None
    assert answer.status_code in (
        (200, 400, 413, 422) if path == LOGIN else (400, 413, 422)
    )  # allauth's forms answer 200
    assert "<h1" in answer.text


@pytest.mark.parametrize("path", [SIGN, STORY, LOGIN])
def test_far_too_much_is_called_so(world: World, path: str) -> None:  # noqa: F811
    content_type, body = BODIES["ten megabytes"]

    assert send(Client(), "POST", path, data=body, content_type=content_type).status_code == 413


HEADERS: list[tuple[str, str]] = [
    ("accept-language", ",,;;q=x"),
    ("accept-language", "fr" * 3_000),
    ("cookie", "sessionid=<script>; csrftoken=\x7f; =;;"),
    ("if-modified-since", "Thu, 99 Foo 99999"),
    ("if-none-match", '"' * 3_000),
    ("range", "bytes=9-1,x"),
    ("x-forwarded-for", "<script>, ::g"),
    ("x-forwarded-proto", "javascript"),
    ("authorization", "Bearer \u00ff"),
    ("host", "evil.example"),
    ("host", "a b<script>"),
]


@pytest.mark.parametrize(("header", "value"), HEADERS)
@pytest.mark.parametrize("path", ["/fr/petitions/x/", "/fr/organise/", "/api/v1/petitions/x/counts", "/metrics"])
def test_no_header_breaks_an_address(world: World, path: str, header: str, value: str) -> None:  # noqa: F811
    assert fault_of(path, send(Client(), "GET", path, headers={header: value})) is None


@pytest.mark.parametrize("path", [SIGN, STORY])
@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://[::1"},
        {"referer": "http://[bad"},
        {"referer": "https://evil.example/"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_a_form_from_elsewhere_is_refused(world: World, path: str, headers: dict[str, str]) -> None:  # noqa: F811
    answer = send(Client(), "POST", path, data="name=Alice", content_type=FORM, headers=headers)

    assert answer.status_code == 403
    assert fault_of(path, answer) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_refusal_speaks_the_language_of_its_address(client: Client, world: World, language: str) -> None:  # noqa: F811
    other = next(code for code in LANGUAGES if code != language)
    client.get(f"/{other}/")

    assert f'<html lang="{language}"' in client.get(f"/{language}/?q=%ff").text


def test_the_page_of_a_refused_method_arrives_whole(world: World) -> None:  # noqa: F811
    answer = send(world.stranger, "POST", "/fr/petitions/x/")

    assert answer.status_code == 405
    assert int(answer.headers["Content-Length"]) == len(answer.content) > 0
