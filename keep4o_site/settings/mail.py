"""How mail leaves."""

from keep4o_site.env import read_bool, read_int, read_text
from keep4o_site.settings.site import DEVELOPMENT, SITE_HOST, SITE_NAME, VAR_DIR

DEFAULT_FROM_EMAIL = read_text("DEFAULT_FROM_EMAIL", f"{SITE_NAME} <no-reply@{SITE_HOST}>")
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
