"""What machines ask of the site."""

from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

TEXT = "text/plain; charset=utf-8"


def test_healthz_answers_without_the_database(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}  # no db fixture: a query would fail the test


@pytest.mark.django_db
def test_readyz_asks_the_database(client: Client) -> None:
    assert client.get("/readyz").json() == {"status": "ready"}


@pytest.mark.django_db
def test_metrics_are_read_on_loopback(client: Client) -> None:
    response = client.get("/metrics")

    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/plain")


@pytest.mark.django_db
@pytest.mark.parametrize("headers", [{"REMOTE_ADDR": "198.51.100.7"}, {"HTTP_X_FORWARDED_FOR": "198.51.100.7"}])
def test_metrics_do_not_exist_for_strangers(client: Client, headers: dict[str, str]) -> None:
    assert client.get("/metrics", **headers).status_code == 404


@pytest.mark.django_db
def test_metrics_ask_for_the_token_where_one_is_set(client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN = "t" * 40

    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"authorization": f"Bearer {'t' * 40}"}).status_code == 200


def test_security_txt_has_contact_and_expiry(client: Client) -> None:
    response = client.get("/.well-known/security.txt")

    assert response.headers["Content-Type"] == TEXT
    assert "Contact: mailto:" in response.text
    assert "Expires: " in response.text


def test_robots_stay_off_personal_links(client: Client) -> None:
    assert "Disallow: /*/verify/" in client.get("/robots.txt").text


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/.well-known/security.txt", "/robots.txt"])
def test_machine_pages_only_answer_questions(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405


@pytest.mark.django_db
def test_a_server_that_is_about_to_stop_says_so_and_goes_on_answering(
    client: Client, settings: Settings, tmp_path: Path
) -> None:
    settings.LEAVING_FILE = tmp_path / "leaving"
    ready = client.get("/readyz")

    settings.LEAVING_FILE.touch()
    leaving = client.get("/readyz")

    assert (ready.status_code, leaving.status_code) == (200, 503)
    assert leaving.json() == {"status": "leaving"}
    assert client.get("/en/").status_code == 200
