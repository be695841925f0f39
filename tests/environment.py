"""
What the settings need before they can be read, so that `DATABASE_URL` and `REDIS_URL` alone are enough to test.

pytest-django reads the settings before any conftest.py: pyproject.toml loads this module first, with `-p`.
"""

import os
import tempfile

os.environ.setdefault("DEVELOPMENT", "1")
os.environ.setdefault("SITE_URL", "http://127.0.0.1:8000")
os.environ.setdefault("SECRET_KEY", "tests-only-0123456789abcdefghijklmnopqrstuvwxyz-0123456789")
os.environ.setdefault("IDENTITY_KEY", "tests-only-identity-key-0123456789abcdef")
os.environ.setdefault("ENCRYPTION_KEYS", "test:" + "A" * 43 + "=")
# One provider to sign in with, so that its pages exist; the tests that use it put a real one of their own there.
os.environ.setdefault("OIDC_EXAMPLE_SERVER_URL", "https://127.0.0.1:9")
os.environ.setdefault("OIDC_EXAMPLE_CLIENT_ID", "keep4o-tests")
os.environ.setdefault("OIDC_EXAMPLE_CLIENT_SECRET", "0123456789abcdef")
os.environ.setdefault("OIDC_EXAMPLE_TITLE", "Example ID")
if "VAR_DIR" not in os.environ:
    os.environ["VAR_DIR"] = tempfile.mkdtemp(prefix="keep4o-tests-")
# A pool would keep connections open that the test database must lose before it can be dropped.
os.environ["DATABASE_POOL_SIZE"] = "0"
