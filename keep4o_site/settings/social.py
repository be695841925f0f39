"""Signing in with an account elsewhere: which providers, from the environment alone. None is the default."""

import os
import re
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from keep4o_site.env import read_credential, read_list, read_text
from keep4o_site.settings.site import DEVELOPMENT

_KNOWN: dict[str, tuple[str, str, dict[str, Any]]] = {
    # prefix of the variables: (allauth's name, what its form leads to, what is asked for beside who it is)
    "GOOGLE": ("google", "https://accounts.google.com", {"SCOPE": ["openid", "email"], "OAUTH_PKCE_ENABLED": True}),
    "X": ("twitter_oauth2", "https://x.com", {"SCOPE": ["users.read", "tweet.read"], "FIELDS": ["id"]}),
    "REDDIT": ("reddit", "https://www.reddit.com", {"SCOPE": ["identity"]}),
}
_OIDC_VARIABLE = re.compile(r"OIDC_([A-Z0-9]+)_(?:SERVER_URL|CLIENT_ID|CLIENT_SECRET|TITLE|SIGN_IN_ORIGINS)(?:_FILE)?")
_OIDC_SCOPE = ["openid", "email"]
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def _credentials(prefix: str) -> dict[str, str] | None:
    """This function will read a pair of variables: both or neither, so that half a set-up stops the start."""
    names = (f"{prefix}_CLIENT_ID", f"{prefix}_CLIENT_SECRET")
    if not any(_is_given(name) for name in names):
        return None
    client_id, secret = (read_credential(name, needed_by=f"signing in by {prefix}_…") for name in names)
    return {"client_id": client_id, "secret": secret}


def _oidc_names() -> list[str]:
    found = {match[1] for match in map(_OIDC_VARIABLE.fullmatch, os.environ) if match and os.environ[match[0]]}
    for name in sorted(found & _KNOWN.keys()):
        # Two providers of one name would open each other's accounts.
        raise ImproperlyConfigured(f"OIDC_{name}_…: choose another name than {name}, which is a provider of its own")
    return sorted(found)


def _oidc_app(name: str) -> dict[str, Any]:
    prefix = f"OIDC_{name}"
    url = _server_url(f"{prefix}_SERVER_URL")
    credentials = _credentials(prefix)
    if credentials is None:
        raise ImproperlyConfigured(f"{prefix}_CLIENT_ID is missing, or {prefix}_CLIENT_ID_FILE")
    details = {"server_url": url, "scope": _OIDC_SCOPE, "oauth_pkce_enabled": True}
    title = read_text(f"{prefix}_TITLE", "").strip() or name.capitalize()
    return {**credentials, "provider_id": name.lower(), "name": title[:40], "settings": details}


def _server_url(variable: str) -> str:
    url = read_text(variable, "").strip()
    parts = urlsplit(url)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and DEVELOPMENT and parts.hostname in _LOOPBACK)
    if not is_safe or not parts.hostname:
        raise ImproperlyConfigured(f"{variable} must be the https:// address of an OpenID Connect provider")
    return url.rstrip("/")


def _sign_in_origins(app: dict[str, Any]) -> list[str]:
    """This function will name where a provider's own sign-in pages are: by default, where it describes itself."""
    parts = urlsplit(app["settings"]["server_url"])
    variable = f"OIDC_{app['provider_id'].upper()}_SIGN_IN_ORIGINS"
    origins = read_list(variable, [f"{parts.scheme}://{parts.netloc}"])
    for origin in origins:
        if re.fullmatch(r"https?://[A-Za-z0-9.\[\]:-]+", origin) is None:
            raise ImproperlyConfigured(f"{variable} must be origins such as https://id.example.org, parted by commas")
    return origins


def _is_given(name: str) -> bool:
    return bool(os.environ.get(name) or os.environ.get(f"{name}_FILE"))


_given = {prefix: credentials for prefix in _KNOWN if (credentials := _credentials(prefix)) is not None}
_oidc_apps = [_oidc_app(name) for name in _oidc_names()]

SOCIALACCOUNT_PROVIDERS: dict[str, dict[str, Any]] = {
    **{_KNOWN[prefix][0]: {"APPS": [credentials], **_KNOWN[prefix][2]} for prefix, credentials in _given.items()},
    **({"openid_connect": {"APPS": _oidc_apps}} if _oidc_apps else {}),
}
# Only what is set up is installed: each app is start-up time, and a provider without credentials has no address.
SOCIAL_PROVIDER_APPS = [f"allauth.socialaccount.providers.{name}" for name in SOCIALACCOUNT_PROVIDERS]
# Where the forms of the sign-in pages may lead, by the content security policy; no other page may.
SOCIAL_SIGN_IN_ORIGINS = sorted(
    {_KNOWN[prefix][1] for prefix in _given} | {origin for app in _oidc_apps for origin in _sign_in_origins(app)}
)
SOCIALACCOUNT_ADAPTER = "accounts.adapters.SocialAdapter"
SOCIALACCOUNT_FORMS = {"signup": "accounts.forms.SocialSignupForm", "disconnect": "accounts.forms.DisconnectForm"}
SOCIALACCOUNT_LOGIN_ON_GET = False  # else any page could sign a visitor in by an image
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_QUERY_EMAIL = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True  # the adapter demands that both sides have verified the address
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_REQUESTS_TIMEOUT = 3  # seconds that a visitor, and a thread of ours, wait for a provider
