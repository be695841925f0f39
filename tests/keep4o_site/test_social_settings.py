"""Signing in by an account elsewhere is set up by the environment alone; half of it stops the start."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHOW = """
import django, json
from django.conf import settings
django.setup()
from django.test import Client
from django.urls import get_resolver, reverse, NoReverseMatch
from django.core.management import call_command
call_command("check")
names = {name for name in get_resolver().reverse_dict if isinstance(name, str)}
print(json.dumps({
    "apps": settings.SOCIAL_PROVIDER_APPS, "origins": settings.SOCIAL_SIGN_IN_ORIGINS,
    "providers": settings.SOCIALACCOUNT_PROVIDERS,
    "routes": sorted(name for name in names if name.endswith("_login") or name.startswith("socialaccount")),
}))
"""
GOOGLE = {"GOOGLE_CLIENT_ID": "google-id", "GOOGLE_CLIENT_SECRET": "google-secret"}
OIDC = {
    "OIDC_UNION_SERVER_URL": "https://id.union.example",
    "OIDC_UNION_CLIENT_ID": "union-id",
    "OIDC_UNION_CLIENT_SECRET": "union-secret",
}


def start(**variables: str) -> subprocess.CompletedProcess[str]:
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("OIDC_", "GOOGLE_", "X_", "REDDIT_"))
    }
    command = [sys.executable, "-c", SHOW]
    env = {**kept, "DJANGO_SETTINGS_MODULE": "keep4o_site.settings", **variables}
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False)


def settings_with(**variables: str) -> dict[str, object]:
    run = start(**variables)
    assert run.returncode == 0, run.stderr
    shown: dict[str, object] = json.loads(run.stdout.splitlines()[-1])
    return shown


@pytest.mark.slow
def test_nothing_is_there_until_it_is_set_up() -> None:
    assert settings_with() == {"apps": [], "origins": [], "providers": {}, "routes": ["account_login"]}


@pytest.mark.slow
def test_only_what_is_set_up_is_installed(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("from-a-file\n")
    found = settings_with(
        **GOOGLE,
        **OIDC,
        X_CLIENT_ID="x-id",
        X_CLIENT_SECRET_FILE=str(secret),
        REDDIT_CLIENT_ID="r",
        REDDIT_CLIENT_SECRET="r",
        OIDC_UNION_TITLE="The Union",
    )

    assert [str(app).rpartition(".")[2] for app in found["apps"]] == [  # type: ignore[attr-defined]
        "google", "twitter_oauth2", "reddit", "openid_connect",
    ]  # fmt: skip
    assert found["origins"] == [
        "https://accounts.google.com", "https://id.union.example", "https://www.reddit.com", "https://x.com",
    ]  # fmt: skip
    providers: dict[str, dict[str, list[dict[str, str]]]] = found["providers"]  # type: ignore[assignment]
    assert providers["twitter_oauth2"]["APPS"][0]["secret"] == "from-a-file"
    assert providers["openid_connect"]["APPS"][0]["name"] == "The Union"
    assert {"google_login", "twitter_oauth2_login", "reddit_login"} <= set(found["routes"])  # type: ignore[call-overload]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"GOOGLE_CLIENT_ID": "id"}, "GOOGLE_CLIENT_SECRET"),
        ({"X_CLIENT_SECRET": "secret"}, "X_CLIENT_ID"),
        ({**GOOGLE, "GOOGLE_CLIENT_SECRET": "two words"}, "GOOGLE_CLIENT_SECRET"),
        ({"OIDC_UNION_TITLE": "The Union"}, "OIDC_UNION_SERVER_URL"),
        ({"OIDC_UNION_SERVER_URL": "https://id.union.example"}, "OIDC_UNION_CLIENT_ID"),
        ({**OIDC, "OIDC_UNION_CLIENT_SECRET": ""}, "OIDC_UNION_CLIENT_SECRET"),
        ({**OIDC, "OIDC_UNION_SERVER_URL": "http://id.union.example"}, "OIDC_UNION_SERVER_URL"),
        ({**OIDC, "OIDC_UNION_SIGN_IN_ORIGINS": "id.union.example; script-src *"}, "OIDC_UNION_SIGN_IN_ORIGINS"),
        ({"OIDC_GOOGLE_SERVER_URL": "https://id.example"}, "OIDC_GOOGLE_"),
    ],
)
def test_half_a_set_up_stops_the_start_and_is_named(variables: dict[str, str], named: str) -> None:
    run = start(**variables)

    assert run.returncode != 0
    assert named in run.stderr.splitlines()[-1]
