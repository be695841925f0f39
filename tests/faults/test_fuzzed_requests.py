"""
Whatever bytes come as a form, the forms around signing answer with a page and a status that they are meant to have.

Hypothesis makes fields, encodings, sizes, types and headers, and shrinks what breaks something to the least that does.
"""

import copy
import http.client
from typing import Any
from urllib.parse import quote_from_bytes, urlsplit

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.hostile_world import HOSTILE, World, world  # noqa: F401 - a fixture
from tests.live_site import LiveSite
from tests.web_forms import forms_of

FORM = "application/x-www-form-urlencoded"
MANY, SOME = 40, 12
EXAMPLES = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
REFUSALS = {400, 403, 404, 413, 422}
# name -> where it is found, and what a POST to it may be answered with
TARGETS = {
    "sign": ("/en/petitions/x/sign/", "/fr/petitions/x/", REFUSALS | {303, 409}),
    "verify": ("/fr/verify/{verify}/", "/fr/verify/{verify}/", REFUSALS | {303, 409, 410}),
    "renew-link": ("/fr/verify/{verify}/renew/", "", REFUSALS | {303, 409, 410}),
    "my-signature": (
        "/fr/my-signature/{my-signature}/",
        "/fr/my-signature/{my-signature}/",
        REFUSALS | {303, 409, 410},
    ),
    "news": ("/fr/my-signature/{my-signature}/news/", "", REFUSALS | {303, 409, 410}),
    "withdraw": ("/en/my-signature/{my-signature}/withdraw/", "", REFUSALS | {303, 410}),
    "erase": ("/en/my-signature/{my-signature}/erase/", "", REFUSALS | {303, 410}),
    "unsubscribe": ("/fr/unsubscribe/{unsubscribe}/", "", REFUSALS | {200, 303, 410}),
}
KNOWN_NAMES = ["name", "email", "country", "wants_news", "postcode", "comment", "name_shown", "form_token", "work"]
GOOD = [("name", b"Ada"), ("email", b"ada@example.org"), ("name_shown", b"hidden"), ("country", b"FR")]
hostile = st.sampled_from([text if isinstance(text, bytes) else text.encode() for text in HOSTILE.values()])
plausible = st.sampled_from([b"Ada", b"ada@example.org", b"FR", b"on", b"a", b"full", b"hidden", b"1"])
values = st.one_of(plausible, hostile, st.binary(max_size=40), st.text(max_size=40).map(lambda t: t.encode("utf-8", "replace")))  # fmt: skip
headers = st.dictionaries(
    st.sampled_from(
        ["Origin", "Referer", "Accept-Language", "Cookie", "X-Forwarded-For", "X-Request-ID", "Range", "Accept",
         "Sec-Purpose", "Content-Encoding", "Transfer-Encoding", "If-None-Match", "X-HTTP-Method-Override", "Expect"]
    ),
    st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=60),
    max_size=3,
)  # fmt: skip


@st.composite
def bodies(draw: Any, names: list[str]) -> tuple[str, bytes]:
    """A content type, and bytes that may or may not be of it."""
    name = st.one_of(st.sampled_from(names), st.text(max_size=12))
    # A name that comes twice means its last value: half of the bodies are a good form with something done to it.
    fields = draw(st.sampled_from([[], GOOD])) + draw(st.lists(st.tuples(name, values), max_size=12))
    encoded = b"&".join(quote(name.encode("utf-8", "replace")) + b"=" + quote(value) for name, value in fields)
    parts = b"".join(
        b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (name.encode("utf-8", "replace"), value)
        for name, value in fields
    )
    return draw(
        st.sampled_from(
            [
                (FORM, encoded),
                (FORM, encoded),
                (f"{FORM}; charset=utf-16", encoded),
                ("multipart/form-data; boundary=x", parts + b"--x--\r\n"),
                ("multipart/form-data; boundary=x", parts),
                ("application/json", b"{" + encoded),
                ("text/plain", encoded),
                ("", encoded),
            ]
        )
    )


def quote(value: bytes) -> bytes:
    return quote_from_bytes(value).encode()


def send(path: str, *, content_type: str, body: bytes, sent: dict[str, str]) -> HttpResponse:
    client = Client(raise_request_exception=False)
    with transaction.atomic():
        answer: HttpResponse = client.generic("POST", path, data=body, content_type=content_type, headers=sent)
        transaction.set_rollback(True)
    return answer


@pytest.mark.django_db
@pytest.mark.parametrize("target", TARGETS)
def test_no_form_around_signing_can_be_broken(world: World, target: str) -> None:  # noqa: F811
    path, page, allowed = TARGETS[target]
    tokens = {name: world.tokens.get(name, "x") for name in ("verify", "my-signature", "unsubscribe")}
    path, page = path.format(**tokens), page.format(**tokens)
    on_page = [
        name for form in forms_of(_page(page), page_path=page) for name in form.fields if form.path == path
    ] if page else []  # fmt: skip

    @settings(EXAMPLES, max_examples=MANY if page else SOME)
    @given(body=bodies(sorted({*KNOWN_NAMES, *on_page})), sent=headers)
    @example(body=(FORM, b""), sent={})
    @example(body=(FORM, b"name=" + b"%00" * 90_000), sent={})
    @example(body=(FORM, b"&".join(b"f%d=1" % n for n in range(3_000))), sent={})
    def attack(body: tuple[str, bytes], sent: dict[str, str]) -> None:
        answer = send(path, content_type=body[0], body=body[1], sent=copy.copy(sent))

        assert answer.status_code in allowed
        if answer.status_code not in (303, 304):
            assert "<h1" in answer.text
            assert "Traceback" not in answer.text

    attack()


def _page(path: str) -> str:
    return Client().get(path).text


@pytest.mark.slow
def test_no_bytes_on_the_wire_get_more_than_a_refusal(live_demo_site: LiveSite) -> None:
    address = urlsplit(live_demo_site.url).netloc
    paths = st.one_of(
        st.sampled_from(["/en/", "/api/v1/petitions/keep-gpt-4o/count", "/fr/petitions/keep-gpt-4o/sign/", "*", "//x"]),
        st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=50).map("/{}".format),
    )
    methods = st.sampled_from(["GET", "HEAD", "POST", "PUT", "OPTIONS", "PROPFIND", "TRACE", "X" * 40])

    @settings(max_examples=60, deadline=None)
    @given(method=methods, path=paths, sent=headers, body=st.binary(max_size=200))
    def ask(method: str, path: str, sent: dict[str, str], body: bytes) -> None:
        connection = http.client.HTTPConnection(address, timeout=10)
        try:
            connection.putrequest(method, path, skip_accept_encoding=True)
            for name, value in sent.items():
                if name not in ("Transfer-Encoding", "Expect"):  # they speak of a body that http.client would not send
                    connection.putheader(name, value.encode("latin-1"))
            connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            status = connection.getresponse().status
        except (ConnectionError, http.client.BadStatusLine):
            return  # the server hung up on what was no HTTP
        finally:
            connection.close()
        assert status < 500

    ask()
