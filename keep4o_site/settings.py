"""
Every setting of the site, safe by default: production is what you get when nothing is said.

`DEVELOPMENT=1` (set by ./run) allows plain HTTP on loopback, keeps mail in files and shows /dev/ pages. It never
turns on Django's DEBUG, so that a newcomer sees the same pages and errors as a visitor.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from keep4o_site import logs
from keep4o_site.env import (
    read_bool,
    read_database,
    read_encryption_keys,
    read_int,
    read_list,
    read_secret,
    read_text,
)

BASE_DIR = Path(__file__).resolve().parent.parent
DEVELOPMENT = read_bool("DEVELOPMENT", default=False)
DEBUG = read_bool("DEBUG", default=False)
VAR_DIR = Path(read_text("VAR_DIR", str(BASE_DIR / "var")))

# --- Identity of the site -------------------------------------------------------------------------------------------
SITE_NAME = read_text("SITE_NAME", "Keep4o")
SITE_URL = read_text("SITE_URL", "http://127.0.0.1:8000" if DEVELOPMENT else None).rstrip("/")
_SITE_HOST = urlsplit(SITE_URL).hostname or ""
ALLOWED_HOSTS = read_list("ALLOWED_HOSTS", [_SITE_HOST, *(["127.0.0.1", "localhost", "[::1]"] if DEVELOPMENT else [])])
SOURCE_CODE_URL = read_text("SOURCE_CODE_URL", "")
CONTACT_EMAIL = read_text("CONTACT_EMAIL", f"contact@{_SITE_HOST}")

# --- Secrets ----------------------------------------------------------------------------------------------------------
SECRET_KEY = read_secret("SECRET_KEY")
# Keys the digests that tell whether two addresses are one person; changing it means re-keying (docs/operating.md).
IDENTITY_KEY = read_secret("IDENTITY_KEY")
# id -> AES-256 key; the first seals, all of them open.
ENCRYPTION_KEYS = read_encryption_keys("ENCRYPTION_KEYS")

# --- Applications -------------------------------------------------------------------------------------------------------
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
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "keep4o_site.middleware.one_answer_for_programs",
    "keep4o_site.middleware.heads_for_programs",
    # Before whatever may refuse a request: a refusal is read too.
    "django.middleware.locale.LocaleMiddleware",
    "keep4o_site.middleware.refuse_unreadable_requests",
    "keep4o_site.middleware.answer_when_database_is_away",
    "keep4o_site.middleware.log_faults",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "keep4o_site.middleware.keep_personal_answers_private",
    "django.middleware.common.CommonMiddleware",  # outside of the next, since it says how long an answer is
    "keep4o_site.middleware.explain_refused_methods",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
ROOT_URLCONF = "keep4o_site.urls"
WSGI_APPLICATION = "keep4o_site.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "keep4o_site.context_processors.site",
            ],
        },
    },
]

# --- Engines ------------------------------------------------------------------------------------------------------------
# The web server sets its thread count here; elsewhere each process keeps one connection of its own.
_POOL_SIZE = read_int("DATABASE_POOL_SIZE", default=0)
DATABASES: dict[str, dict[str, Any]] = {"default": {**read_database("DATABASE_URL"), "CONN_HEALTH_CHECKS": True}}
if _POOL_SIZE:
    # A pool that grows on demand answers its first visitors in up to a second: min = max.
    DATABASES["default"].setdefault("OPTIONS", {})["pool"] = {
        "min_size": _POOL_SIZE,
        "max_size": _POOL_SIZE,
        "timeout": 2,  # there is a connection for each thread: whoever waits for one waits for a lost database
        # Else the pool asks a lost database ever more rarely, and the site stays away a minute longer than it.
        "reconnect_timeout": 2,
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = read_text("REDIS_URL")
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "keep4o_site.cache.ForgivingRedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "keep4o",
        "OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 1},
    }
}

# --- Celery: late acknowledgement, so that a killed worker loses no task; every task may run twice -------------------
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://").replace("?db=", "?virtual_host=")
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    "socket_timeout": 30,
    "socket_connect_timeout": 2,
}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 10
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")

# --- Languages, time and numbers ----------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("fr", _("French"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
USE_THOUSAND_SEPARATOR = True

# --- Static files -------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = Path(read_text("STATIC_ROOT", str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]
_STATIC_STORAGE = (
    "django.contrib.staticfiles.storage.StaticFilesStorage"
    if DEVELOPMENT
    else "whitenoise.storage.CompressedManifestStaticFilesStorage"
)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _STATIC_STORAGE},
}
WHITENOISE_USE_FINDERS = DEVELOPMENT
WHITENOISE_AUTOREFRESH = DEVELOPMENT

# --- Mail ---------------------------------------------------------------------------------------------------------------
DEFAULT_FROM_EMAIL = read_text("DEFAULT_FROM_EMAIL", f"{SITE_NAME} <no-reply@{_SITE_HOST}>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
MAIL_DIR = VAR_DIR / "mail"
# A development site without an SMTP host keeps its mail in files, shown at /dev/mailbox/.
EMAIL_HOST = read_text("EMAIL_HOST", "" if DEVELOPMENT else "localhost")
EMAIL_PORT = read_int("EMAIL_PORT", default=25)
EMAIL_HOST_USER = read_text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = read_text("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = read_bool("EMAIL_USE_TLS", default=False)
EMAIL_USE_SSL = read_bool("EMAIL_USE_SSL", default=False)
EMAIL_TIMEOUT = read_int("EMAIL_TIMEOUT_S", default=10)
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend" if EMAIL_HOST else "outbox.mailbox.FileBackend"

# --- Accounts -----------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "accounts:overview"
ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = int(timedelta(minutes=15).total_seconds())  # mail may take some of it
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_NOTIFICATIONS = True  # whoever owns an account learns of each change to its locks
ACCOUNT_MAX_EMAIL_ADDRESSES = 3
ACCOUNT_FORMS = {
    "login": "accounts.forms.LoginForm",
    "signup": "accounts.forms.SignupForm",
    "add_email": "accounts.forms.AddEmailForm",
    "change_password": "accounts.forms.ChangePasswordForm",
    "set_password": "accounts.forms.SetPasswordForm",
    "reset_password": "accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "accounts.forms.ResetPasswordKeyForm",
    "reauthenticate": "accounts.forms.ReauthenticateForm",
    "request_login_code": "accounts.forms.RequestLoginCodeForm",
    "confirm_login_code": "accounts.forms.ConfirmLoginCodeForm",
    "confirm_email_verification_code": "accounts.forms.ConfirmEmailVerificationCodeForm",
}
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"  # public pages show no messages, this one says "signed out"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = urlsplit(SITE_URL).scheme
MFA_ADAPTER = "accounts.adapters.MFAAdapter"
MFA_FORMS = {
    "authenticate": "accounts.forms.AuthenticateForm",
    "reauthenticate": "accounts.forms.ReauthenticateByCodeForm",
    "activate_totp": "accounts.forms.ActivateTOTPForm",
    "add_webauthn": "accounts.forms.AddPasskeyForm",
    "edit_webauthn": "accounts.forms.EditPasskeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEVELOPMENT
MFA_TOTP_ISSUER = SITE_NAME
# Behind the proxy the visitor's address is the last one in X-Forwarded-For; else everyone would share one rate limit.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if read_bool("BEHIND_PROXY", default=False) else 0
# Staff hold other people's stories and exports: a second factor is required wherever strangers can reach the site.
STAFF_MFA_REQUIRED = read_bool("STAFF_MFA_REQUIRED", default=not DEVELOPMENT)

# --- Security -----------------------------------------------------------------------------------------------------------
_HTTPS = not DEVELOPMENT
SECURE_SSL_REDIRECT = read_bool("SECURE_SSL_REDIRECT", default=_HTTPS)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]  # asked on loopback, without TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if read_bool("BEHIND_PROXY", default=False) else None
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds()) if _HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _HTTPS
SECURE_HSTS_PRELOAD = _HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = _HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = int(timedelta(days=14).total_seconds())
CSRF_COOKIE_SECURE = _HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "keep4o_site.views.csrf_failure"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 100
DATA_UPLOAD_MAX_NUMBER_FILES = 0  # no form takes one; without this, anybody could fill the disk
METRICS_TOKEN = read_text("METRICS_TOKEN", "")

# --- Logs: JSON lines on standard error, never an address, a name or a token --------------------------------------
LOGGING = logs.configuration(level=read_text("LOG_LEVEL", "INFO"))

# --- Rules of the product that an operator may tune -----------------------------------------------------------------
PENDING_SIGNATURE_LIFETIME = timedelta(days=14)
SIGNING_GRACE_AFTER_CLOSING = timedelta(hours=24)
ADDRESS_RETENTION_AFTER_CLOSING = timedelta(days=180)
DELIVERED_MESSAGE_RETENTION = timedelta(days=7)
