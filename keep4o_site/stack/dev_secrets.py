"""The development site's secrets: made once, kept in a file that only its owner can read."""

import base64
import os
import secrets

from keep4o_site.stack.places import Places

_ENCRYPTION_KEY_BYTES = 32  # AES-256


def development_secrets(places: Places) -> dict[str, str]:
    """This function will return the secrets by the name of their variable, making them if there are none yet."""
    if not places.secrets.exists():
        _write(places, _new_secrets())
    lines = places.secrets.read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def _new_secrets() -> dict[str, str]:
    encryption_key = base64.b64encode(secrets.token_bytes(_ENCRYPTION_KEY_BYTES)).decode()
    return {
        "SECRET_KEY": secrets.token_urlsafe(64),
        "IDENTITY_KEY": secrets.token_urlsafe(48),
        "ENCRYPTION_KEYS": f"dev:{encryption_key}",
    }


def _write(places: Places, values: dict[str, str]) -> None:
    # Renamed when whole: half a file would lock every address of the database away.
    unfinished = places.secrets.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.writelines(f"{name}={value}\n" for name, value in values.items())
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(places.secrets)
