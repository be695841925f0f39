"""How mail leaves: to a provider's API, to a mail server, or into the files of a development site."""

from typing import Any, NamedTuple

from django.core.exceptions import ImproperlyConfigured

from keep4o_site.env import read_basic_auth, read_bool, read_choice, read_credential, read_int, read_text
from keep4o_site.settings.site import BASE_DIR, DEVELOPMENT, SITE_HOST, SITE_NAME, VAR_DIR


class _Provider(NamedTuple):
    """What django-anymail needs to know of one; the names are its own, and those of the environment."""

    credentials: tuple[str, ...]
    options: tuple[str, ...]
    defaults: dict[str, Any]


# Nothing that we send reports back who opened or clicked it.
_UNTRACKED = {"track_opens": False, "track_clicks": False}
# Only those that keep our Message-ID, report one event a request and need no further package (decision 0017).
_PROVIDERS = {
    # Brevo's API has no switch for tracking: it is turned off in the account (docs/operating.md).
    "brevo": _Provider(("BREVO_API_KEY",), ("BREVO_API_URL",), {}),
    "mailgun": _Provider(
        ("MAILGUN_API_KEY", "MAILGUN_WEBHOOK_SIGNING_KEY"), ("MAILGUN_API_URL", "MAILGUN_SENDER_DOMAIN"), _UNTRACKED
    ),
    "postmark": _Provider(
        ("POSTMARK_SERVER_TOKEN",),
        ("POSTMARK_API_URL", "POSTMARK_MESSAGE_STREAM"),
        # Else Postmark puts a Message-ID of its own in place of ours.
        {**_UNTRACKED, "extra_headers": {"X-PM-KeepID": "true"}},
    ),
}

DEFAULT_FROM_EMAIL = read_text("DEFAULT_FROM_EMAIL", f"{SITE_NAME} <no-reply@{SITE_HOST}>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
MAIL_TEMPLATE_DIRS = [BASE_DIR / "templates"]
MAIL_DIR = VAR_DIR / "mail"
# A development site without an SMTP host keeps its mail in files, shown at /dev/mailbox/.
EMAIL_HOST = read_text("EMAIL_HOST", "" if DEVELOPMENT else "localhost")
EMAIL_PORT = read_int("EMAIL_PORT", default=25)
EMAIL_HOST_USER = read_text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = read_text("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = read_bool("EMAIL_USE_TLS", default=False)
EMAIL_USE_SSL = read_bool("EMAIL_USE_SSL", default=False)
EMAIL_TIMEOUT = read_int("EMAIL_TIMEOUT_S", default=10)
# How many mails may be under way at a time, each over a connection and in a worker of its own.
MAIL_DELIVERERS = read_int("MAIL_DELIVERERS", default=1)
EMAIL_BACKEND = "outbox.smtp.EmailBackend" if EMAIL_HOST else "outbox.mailbox.FileBackend"

# One setting hands the mail to a provider instead; its credentials are read under their documented names.
MAIL_PROVIDER = read_choice("MAIL_PROVIDER", choices=_PROVIDERS)
ANYMAIL: dict[str, Any] = {}
if MAIL_PROVIDER:
    if read_text("EMAIL_HOST", ""):
        raise ImproperlyConfigured("MAIL_PROVIDER and EMAIL_HOST exclude each other: say one of the two")
    _provider = _PROVIDERS[MAIL_PROVIDER]
    EMAIL_BACKEND = f"anymail.backends.{MAIL_PROVIDER}.EmailBackend"
    ANYMAIL = {
        "REQUESTS_TIMEOUT": EMAIL_TIMEOUT,
        "SEND_DEFAULTS": _provider.defaults,
        # What the provider's webhook must show; without it the webhook is closed.
        "WEBHOOK_SECRET": read_basic_auth("ANYMAIL_WEBHOOK_SECRET"),
        **{name: read_credential(name, needed_by=f"MAIL_PROVIDER={MAIL_PROVIDER}") for name in _provider.credentials},
        **{name: value for name in _provider.options if (value := read_text(name, ""))},
    }
