"""
Every setting of the site, safe by default: production is what you get when nothing is said.

`DEVELOPMENT=1` (set by ./run) allows plain HTTP on loopback, keeps mail in files and shows /dev/ pages. It never
turns on Django's DEBUG, so that a newcomer sees the same pages and errors as a visitor.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _

from keep4o_site import logs
from keep4o_site.env import read_text
from keep4o_site.settings.accounts import *
from keep4o_site.settings.caching import *
from keep4o_site.settings.engines import *
from keep4o_site.settings.files import *
from keep4o_site.settings.mail import *
from keep4o_site.settings.product import *
from keep4o_site.settings.security import *
from keep4o_site.settings.site import *
from keep4o_site.settings.social import *
from keep4o_site.settings.webhooks import *

# --- Applications ----------------------------------------------------------------------------------------------------
# Each one is start-up time for the web server, the worker and the tests: keep the list short.
INSTALLED_APPS = [
    "keep4o_site",
    "testimonials",
    "campaigns",
    "petitions",
    "accounts",
    "outbox",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    *SOCIAL_PROVIDER_APPS,
    "accounts.apps.StaffAdminConfig",  # django.contrib.admin behind the site's own login
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "ninja",
]
MIDDLEWARE = [
    "keep4o_site.middleware.request_log",
    "django.middleware.security.SecurityMiddleware",
    "keep4o_site.content_policy.content_security_policy",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "keep4o_site.middleware.one_answer_for_programs",
    "keep4o_site.middleware.heads_for_programs",
    # Before whatever may refuse a request: a refusal is read too.
    "keep4o_site.languages.speak_as_the_address_says",
    "keep4o_site.middleware.refuse_unreadable_requests",
    "keep4o_site.lost_database.answer_when_database_is_away",
    "keep4o_site.middleware.log_faults",
    "django.middleware.common.CommonMiddleware",  # outside of the next, since it says how long an answer is
    "keep4o_site.middleware.explain_refused_methods",
    "keep4o_site.strangers.strangers_go_past",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "keep4o_site.middleware.keep_personal_answers_private",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "keep4o_site.middleware.MessagesWhenAsked",
    "allauth.account.middleware.AccountMiddleware",
    "keep4o_site.sign_in_middleware.signing_in_elsewhere",
    "keep4o_site.strangers.strangers_arrive",
]
ROOT_URLCONF = "keep4o_site.urls"
WSGI_APPLICATION = "keep4o_site.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "keep4o_site.template_loading.Loader",
                    ["django.template.loaders.filesystem.Loader", "django.template.loaders.app_directories.Loader"],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "keep4o_site.context_processors.site",
            ],
        },
    },
]

FORM_RENDERER = "keep4o_site.form_controls.FormControls"

# --- Languages, time and numbers -------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("fr", _("French"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
USE_THOUSAND_SEPARATOR = True

# --- Logs: JSON lines on standard error, never an address, a name or a token -----------------------------------------
LOGGING = logs.configuration(level=read_text("LOG_LEVEL", "INFO"))
