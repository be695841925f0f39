"""The settings of the measured site: those of production, on loopback without TLS."""

from collections.abc import Mapping
from pathlib import Path

from keep4o_site.stack.ports import HOST, any_free_port

MAIL_DOMAINS = tuple(f"m{number}.example.org" for number in range(64))


def production(env: Mapping[str, str]) -> dict[str, str]:
    """
    This function will return the environment of a site in production, with ports of its own.

    The defence of the form must not hold the load, which comes from one machine: so the calm rate is raised, and the
    load's mail domains are declared as big ones, both by documented settings. Staff need no second factor here, since
    no person holds one.
    """
    return {
        **env,
        "DEVELOPMENT": "0",
        "SITE_URL": f"http://{HOST}:{any_free_port()}",
        "ALLOWED_HOSTS": HOST,
        "SECURE_SSL_REDIRECT": "0",
        "STAFF_MFA_REQUIRED": "0",
        "STATIC_ROOT": str(Path(env["VAR_DIR"]) / "static"),
        "EMAIL_HOST": HOST,
        "EMAIL_PORT": str(any_free_port()),
        "WORK_CALM_RATE": "1000000000",
        "BIG_MAIL_DOMAINS": ",".join(MAIL_DOMAINS),
    }
