"""What the site is, where it keeps things, and its secrets."""

from pathlib import Path
from urllib.parse import urlsplit

from keep4o_site.env import read_bool, read_encryption_keys, read_list, read_secret, read_text

BASE_DIR = Path(__file__).resolve().parent.parent.parent
DEVELOPMENT = read_bool("DEVELOPMENT", default=False)
DEBUG = read_bool("DEBUG", default=False)
VAR_DIR = Path(read_text("VAR_DIR", str(BASE_DIR / "var")))
# While this file is there, /readyz tells balancers to send nobody more (docs/operating.md, «Many machines»).
LEAVING_FILE = Path(read_text("LEAVING_FILE", str(VAR_DIR / "leaving")))

SITE_NAME = read_text("SITE_NAME", "Keep4o")
SITE_URL = read_text("SITE_URL", "http://127.0.0.1:8000" if DEVELOPMENT else None).rstrip("/")
SITE_HOST = urlsplit(SITE_URL).hostname or ""
ALLOWED_HOSTS = read_list("ALLOWED_HOSTS", [SITE_HOST, *(["127.0.0.1", "localhost", "[::1]"] if DEVELOPMENT else [])])
SOURCE_CODE_URL = read_text("SOURCE_CODE_URL", "")
CONTACT_EMAIL = read_text("CONTACT_EMAIL", f"contact@{SITE_HOST}")

SECRET_KEY = read_secret("SECRET_KEY")
# Keys the digests that tell whether two addresses are one person; changing it means re-keying (docs/operating.md).
IDENTITY_KEY = read_secret("IDENTITY_KEY")
# id -> AES-256 key; the first seals, all of them open.
ENCRYPTION_KEYS = read_encryption_keys("ENCRYPTION_KEYS")
