"""A real OpenID Connect provider on loopback, and somebody who signs in by it."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import requests
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from keep4o_site.stack.ports import any_free_port

PROVIDER_ID = "example"
_START_S = 20


@dataclass(frozen=True, kw_only=True)
class OpenIdProvider:
    """The provider's address; each person there has a number and says what they please about themselves."""

    url: str

    def knows(self, sub: str, **claims: Any) -> None:
        """This function will let the provider know somebody with these claims."""
        requests.put(f"{self.url}/users/{sub}", json=claims, timeout=5).raise_for_status()

    def offer(self, settings: Settings) -> None:
        """This function will set the site up for this provider, as the environment would."""
        facts = {"server_url": self.url, "scope": ["openid", "email"], "oauth_pkce_enabled": True}
        app = {
            "client_id": "keep4o",
            "secret": "s",
            "provider_id": PROVIDER_ID,
            "name": "Example ID",
            "settings": facts,
        }
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
        settings.SOCIAL_SIGN_IN_ORIGINS = [self.url]


@contextmanager
def running_provider() -> Iterator[OpenIdProvider]:
    port = any_free_port()
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_for(url)
        yield OpenIdProvider(url=url)
    finally:
        process.kill()
        process.wait()


def leave_for_provider(client: Client, *, language: str = "en", process: str = "login", next_url: str = "") -> str:
    """This function will press the button on the site and return where the browser is sent."""
    query = {"language": language, "process": process, **({"next": next_url} if next_url else {})}
    answer = client.post(reverse("openid_connect_login", args=[PROVIDER_ID]) + "?" + urlencode(query))
    assert answer.status_code == 302, answer.content
    return str(answer.headers["Location"])


def consent(provider_page: str, sub: str) -> str:
    """This function will say there who one is, and return where the provider sends the browser back to."""
    answer = requests.post(provider_page, data={"sub": sub}, allow_redirects=False, timeout=5)
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"]


def refuse(provider_page: str) -> str:
    """This function will cancel there; a provider answers with the state that it was given (RFC 6749, 4.1.2.1)."""
    asked = parse_qs(urlsplit(provider_page).query)
    return f"{asked['redirect_uri'][0]}?" + urlencode({"error": "access_denied", "state": asked["state"][0]})


def come_back(client: Client, address: str) -> HttpResponse:
    """This function will follow the provider's redirect, on this site as it is reached by the test."""
    parts = urlsplit(address)
    return client.get(f"{parts.path}?{parts.query}")


def sign_in_elsewhere(client: Client, sub: str, **way: str) -> HttpResponse:
    """This function will go the whole way as somebody that the provider knows."""
    return come_back(client, consent(leave_for_provider(client, **way), sub))


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + _START_S
    while True:
        try:
            requests.get(f"{url}/.well-known/openid-configuration", timeout=1).raise_for_status()
        except requests.ConnectionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
