"""Reads settings from the environment or from NAME_FILE; a bad value stops the start and names the variable."""

import base64
import binascii
import json
import re
from collections.abc import Collection
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from django.core.exceptions import ImproperlyConfigured
from environ import FileAwareEnv

_environ = FileAwareEnv()
ENCRYPTION_KEY_BYTES = 32  # AES-256
MIN_SECRET_CHARS = 32
MIN_PASSWORD_CHARS = 16


def read_text(name: str, default: str | None = None) -> str:
    if default is None:
        return str(_environ.str(name))
    return str(_environ.str(name, default=default))


def read_bool(name: str, default: bool) -> bool:
    return bool(_read(name, _environ.bool, default))


def read_int(name: str, default: int) -> int:
    return int(_read(name, _environ.int, default))


def read_list(name: str, default: list[str]) -> list[str]:
    return list(_read(name, _environ.list, default))


def read_secret(name: str) -> str:
    secret = read_text(name)
    if len(secret) < MIN_SECRET_CHARS:
        raise ImproperlyConfigured(f"{name} must have at least {MIN_SECRET_CHARS} characters")
    return secret


def read_choice(name: str, choices: Collection[str]) -> str:
    """This function will read one of some words, or "" when nothing is said."""
    word = read_text(name, "").strip().lower()
    if word and word not in choices:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(sorted(choices))}, or be left out")
    return word


def read_credential(name: str, *, needed_by: str) -> str:
    """This function will read what a provider gave its customer: visible ASCII, as a header can carry it."""
    credential = read_text(name, "").strip()
    if not credential:
        raise ImproperlyConfigured(f"{name} is missing, or {name}_FILE: {needed_by} needs it")
    if not re.fullmatch(r"[!-~]+", credential):
        raise ImproperlyConfigured(f"{name} holds a character that no credential has")
    return credential


def read_basic_auth(name: str) -> str:
    """This function will read `user:password` as a caller shall send it, or "" when nothing is said."""
    pair = read_text(name, "").strip()
    user, _, password = pair.partition(":")
    if pair and not (user and len(password) >= MIN_PASSWORD_CHARS and re.fullmatch(r"[!-~]+", pair)):
        raise ImproperlyConfigured(
            f"{name} must be user:password without spaces, the password {MIN_PASSWORD_CHARS} characters or longer"
        )
    return pair


def read_json_object(name: str) -> dict[str, Any]:
    """This function will read a JSON object, {} when nothing is said."""
    try:
        read = json.loads(read_text(name, "") or "{}")
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is no JSON") from error
    if not isinstance(read, dict):
        raise ImproperlyConfigured(f"{name} must be a JSON object")
    return read


def read_files(name: str) -> tuple[Path, ...]:
    """This function will read the paths of files, parted by commas; each of them must be there."""
    paths = tuple(Path(path.strip()) for path in read_list(name, default=[]))
    missing = next((path for path in paths if not path.is_file()), None)
    if missing is not None:
        raise ImproperlyConfigured(f"{name} names {missing}, and there is no such file")
    return paths


def read_database(name: str) -> dict[str, Any]:
    """This function will parse a postgresql:// address; any other scheme is refused, for there is one dialect."""
    address = read_text(name)
    if not address.startswith(("postgresql://", "postgres://")):
        raise ImproperlyConfigured(f"{name} must start with postgresql://")
    config: dict[str, Any] = _read(name, _environ.db_url_config, address, parse=True)
    config["HOST"] = unquote(config["HOST"])  # a socket folder is written with %2F
    return config


def read_encryption_keys(name: str) -> dict[str, bytes]:
    """This function will parse `id:base64,id:base64`; the first key encrypts, all of them decrypt."""
    keys: dict[str, bytes] = {}
    for pair in read_text(name).split(","):
        key_id, _, encoded = pair.strip().partition(":")
        keys[key_id] = _decode_key(name, encoded)
    return keys


def _decode_key(name: str, encoded: str) -> bytes:
    try:
        key = base64.b64decode(encoded, validate=True)
    except binascii.Error as error:
        raise ImproperlyConfigured(f"{name} must be id:base64 pairs parted by commas") from error
    if len(key) != ENCRYPTION_KEY_BYTES:
        raise ImproperlyConfigured(f"{name}: each key must be {ENCRYPTION_KEY_BYTES} bytes long")
    return key


def _read(name: str, reader: Any, default: Any, *, parse: bool = False) -> Any:
    try:
        return reader(default) if parse else reader(name, default=default)
    except (ValueError, TypeError) as error:
        raise ImproperlyConfigured(f"{name} has a value that cannot be read: {error}") from error
