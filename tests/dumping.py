"""Everything that the site holds, as text that can be searched: the database with its seals opened, Valkey, files, logs."""

import base64
import json
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db import connection
from redis import Redis

from keep4o_site.logs import JsonFormatter
from keep4o_site.sealed_tables import ALL_SEALED_TABLES
from outbox.sealing import CannotUnseal, key_id_of, unseal


@dataclass(frozen=True, kw_only=True)
class Find:
    """A text that was found, and where: "petitions_signature", "petitions_signature, opened", "Valkey" …"""

    text: str
    place: str


def disguises(text: str) -> set[str]:
    """A text as a dump may hold it: plain, in an address, in JSON, as hexadecimal digits, inside of base64 at any offset."""
    found = set()
    for spelling in {text, text.lower()}:
        data = spelling.encode()
        found |= {spelling, quote(spelling), json.dumps(spelling)[1:-1], data.hex()}
        found |= {base64.b64encode(b"\0" * shift + data).decode()[(0, 2, 3)[shift] : -4] for shift in range(3)}
    return {form.lower() for form in found}


def find_in(dump: dict[str, str], texts: Iterable[str]) -> list[Find]:
    """Each of the texts that a dump holds in any disguise, with the place."""
    wanted = {text: disguises(text) for text in texts}
    return [
        Find(text=text, place=place)
        for place, held in dump.items()
        for text, forms in wanted.items()
        if any(form in held for form in forms)
    ]


def dump_everything(*, records: Iterable[logging.LogRecord], files: Path, apart_from: Path) -> dict[str, str]:
    """All of it, in lower case, by place."""
    return {
        **dump_database(),
        "Valkey": dump_valkey(),
        "files": dump_files(files, apart_from=apart_from),
        "log": dump_log(records),
    }


def dump_database() -> dict[str, str]:
    """Every row of every table as PostgreSQL writes it, and beside it whatever in its binary columns opens."""
    dump: dict[str, str] = {}
    for table in _tables():
        dump[table] = "\n".join(str(row[0]) for row in _rows(f'SELECT t::text FROM "{table}" t')).lower()
        dump[f"{table}, opened"] = "\n".join(_opened(table)).lower()
    return dump | {f"{table.label}, opened": "\n".join(_opened_as_listed(table)).lower() for table in ALL_SEALED_TABLES}


def dump_valkey() -> str:
    """Every key and value, whatever its type."""
    valkey = Redis.from_url(settings.REDIS_URL)
    try:
        return "\n".join(f"{_text(key)} {_valkey_value(valkey, key)}" for key in valkey.scan_iter(count=1000)).lower()
    finally:
        valkey.close()


def dump_files(folder: Path, *, apart_from: Path) -> str:
    """Every file's name and content below a folder, but for one folder in it."""
    files = [file for file in folder.rglob("*") if file.is_file() and apart_from not in file.parents]
    return "\n".join(f"{file} {_text(file.read_bytes())}" for file in sorted(files)).lower()


def dump_log(records: Iterable[logging.LogRecord]) -> str:
    """Every line as the site writes it. Django's own log of statements is off outside of tests."""
    formatter = JsonFormatter()
    return "\n".join(formatter.format(record) for record in records if not record.name.startswith("django.db")).lower()


def _tables() -> list[str]:
    return [row[0] for row in _rows("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")]


def _binary_columns(table: str) -> list[str]:
    found = _rows(
        "SELECT column_name FROM information_schema.columns"
        f" WHERE table_schema = 'public' AND table_name = '{table}' AND data_type = 'bytea'"
    )
    return [row[0] for row in found]


def _opened(table: str) -> Iterator[str]:
    """The values of all binary columns that any purpose of the site opens; a value of our key that none opens fails."""
    for column in _binary_columns(table):
        for (value,) in _rows(f'SELECT "{column}" FROM "{table}" WHERE "{column}" IS NOT NULL'):
            yield _open(bytes(value), f"{table}.{column}")


def _open(value: bytes, where: str) -> str:
    if not _is_sealed(value):
        return _text(value)
    for purpose in {column.purpose for table in ALL_SEALED_TABLES for column in table.columns}:
        try:
            return unseal(sealed=value, purpose=purpose)
        except CannotUnseal:
            continue
    raise AssertionError(f"{where} is sealed for a purpose that SEALED_TABLES does not name")


def _is_sealed(value: bytes) -> bool:
    try:
        return value[:1] == b"\x01" and key_id_of(sealed=value) in settings.ENCRYPTION_KEYS
    except CannotUnseal:
        return False


def _opened_as_listed(table: Any) -> Iterator[str]:
    """What the app itself says is sealed in a table, in JSON, too."""
    for row in table.rows.all():
        for column in table.columns:
            sealed = column.read(row)
            if sealed is not None:
                yield unseal(sealed=sealed, purpose=column.purpose)


def _rows(statement: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def _valkey_value(valkey: Any, key: bytes) -> str:
    readers = {
        b"string": lambda: valkey.get(key),
        b"list": lambda: valkey.lrange(key, 0, -1),
        b"set": lambda: valkey.smembers(key),
        b"hash": lambda: valkey.hgetall(key),
        b"zset": lambda: valkey.zrange(key, 0, -1, withscores=True),
        b"stream": lambda: valkey.xrange(key),
        b"none": lambda: b"",  # it expired meanwhile
    }
    return _text(readers[valkey.type(key)]())


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    if isinstance(value, dict):
        return " ".join(f"{_text(key)} {_text(held)}" for key, held in value.items())
    if isinstance(value, list | set | tuple):
        return " ".join(_text(held) for held in value)
    return str(value)
