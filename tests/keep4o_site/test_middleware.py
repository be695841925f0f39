"""What every request passes: ids, log lines without people, and a polite answer to unreadable bytes."""

import io
import json
import logging
from types import ModuleType

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from keep4o_site.logs import JsonFormatter, RequestIdFilter
from keep4o_site.urls import urlpatterns


def test_each_answer_names_its_request(client: Client) -> None:
    first, second = (client.get("/healthz").headers["X-Request-ID"] for _ in range(2))

    assert first != second


def test_a_proxys_request_id_is_kept(client: Client) -> None:
    assert (
        client.get("/healthz", headers={"x-request-id": "proxy-12345678"}).headers["X-Request-ID"] == "proxy-12345678"
    )


def test_a_forged_request_id_is_replaced(client: Client) -> None:
    given = 'x" evil\tlog'

    assert client.get("/healthz", headers={"x-request-id": given}).headers["X-Request-ID"] != given


def test_the_access_line_names_the_route_and_never_the_path(client: Client) -> None:
    lines = _captured_lines(lambda: client.get("/healthz?address=alice@example.org"))

    assert [(line["event"], line["route"], line["status"]) for line in lines] == [("request", "healthz", 200)]
    assert "alice" not in json.dumps(lines)
    assert lines[0]["request_id"] != "-"


@pytest.mark.parametrize("path", ["/en/?q=%ff", "/en/?q=%00", "/en/%00/", "/en/?%ff=1"])
def test_unreadable_addresses_are_a_bad_request(client: Client, path: str) -> None:
    response = client.get(path)

    assert response.status_code == 400
    assert "<h1" in response.text


def test_a_path_of_broken_bytes_is_a_page_that_does_not_exist(client: Client) -> None:
    assert client.get("/en/%ff/").status_code == 404


def test_a_fault_is_logged_with_its_place_and_without_its_words(client: Client) -> None:
    def fail(_request: HttpRequest) -> HttpResponse:
        raise ValueError("alice@example.org typed this")

    client.raise_request_exception = False
    faulty = ModuleType("faulty_urls")
    faulty.urlpatterns = [*urlpatterns, path("fail/", fail)]  # type: ignore[attr-defined]

    with override_settings(ROOT_URLCONF=faulty):
        lines = _captured_lines(lambda: client.get("/fail/"))

    fault = next(line for line in lines if line["event"] == "fault")
    assert fault["error"] == "ValueError"
    assert "test_middleware.py" in str(fault["frames"])
    assert "alice" not in json.dumps(lines)


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/en/", "/en/privacy/", "/en/no-such-page/", "/healthz"])
def test_every_answer_carries_the_security_headers(client: Client, path: str) -> None:
    headers = client.get(path).headers

    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe-inline" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    ("wanted", "path"), [("fr-CA,fr;q=0.9", "/fr/"), ("en", "/en/"), ("ja", "/en/"), ("", "/en/"), ("*;;q=x", "/en/")]
)
def test_the_front_door_opens_in_the_visitors_language(client: Client, wanted: str, path: str) -> None:
    response = client.get("/", headers={"accept-language": wanted})

    assert (response.status_code, response.headers["Location"]) == (302, path)
    assert response.headers["Vary"] == "Accept-Language"


def test_a_refused_method_is_explained_and_names_the_allowed_ones(client: Client) -> None:
    response = client.post("/fr/privacy/")

    assert response.status_code == 405
    assert response.headers["Allow"] == "GET, HEAD"
    assert '<html lang="fr"' in response.text


@pytest.mark.parametrize("language", ["en", "fr"])
def test_an_unknown_page_says_so_in_the_visitors_language(client: Client, language: str) -> None:
    response = client.get(f"/{language}/no-such-page/")

    assert response.status_code == 404
    assert f'<html lang="{language}"' in response.text


def _captured_lines(act: object) -> list[dict[str, object]]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    handler.addFilter(RequestIdFilter())
    access = logging.getLogger("keep4o.access")
    access.addHandler(handler)
    try:
        act()  # type: ignore[operator]
    finally:
        access.removeHandler(handler)
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_the_raw_path_is_kept_out_of_djangos_own_log_lines() -> None:
    assert settings.LOGGING["loggers"]["django.request"]["level"] == "CRITICAL"
