"""The environment that every process of a development or test site gets."""

import os

from keep4o_site.stack.dev_secrets import development_secrets
from keep4o_site.stack.places import Places

_FOREIGN = ("PYTHONHOME", "PYTHONPATH", "DEBUG")


def site_environment(*, places: Places, database_url: str, redis_url: str, site_url: str) -> dict[str, str]:
    """This function will return the caller's environment with ours over it; secrets that the caller set stay."""
    inherited = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
    return {
        **development_secrets(places),
        **inherited,
        "DJANGO_SETTINGS_MODULE": "keep4o_site.settings",
        "DEVELOPMENT": "1",
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "VAR_DIR": str(places.var),
        "SITE_URL": site_url,
    }
