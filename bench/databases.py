"""Databases of the bench's own beside the site's: each a copy of the empty one, filled with so many signatures."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.db import connection
from psycopg import sql

from bench import filling
from bench.insisting import insist

_BYTES_EACH = 1_000  # a signature with its indexes is half of that, and what writes them ahead about as much


def keep_empty_copy() -> None:
    """This function will copy the site's database while nobody uses it, for `filled` to begin from."""
    connection.close()
    _run("CREATE DATABASE {} TEMPLATE {}", _empty(), _own())


def drop_copies() -> None:
    """This function will drop all that this module has made."""
    for name in (_empty(), *_made):
        _run("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


@cache
def filled(count: int) -> str:
    """This function will return the address of a database whose petition has so many signatures, made once in a run."""
    _insist_on_room(count)
    name = f"{_own()}_{count}"
    _made.append(name)
    _run("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", name, _empty())
    with connected_to(name):
        filling.fill_signatures(petition=filling.make_petition(ladder=_ladder(count)), count=count)
    return url_of(name)


def _ladder(count: int) -> list[int]:
    """This function will part any count in ten milestones: a page that tells of ten is longer than one that tells of one."""
    return [*(count * step // 10 for step in range(1, 11)), 2 * count]


@contextmanager
def connected_to(database: str) -> Iterator[None]:
    """This function will let this process speak with another database meanwhile."""
    own = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = database
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = own


def name_in(url: str) -> str:
    return urlsplit(url).path.removeprefix("/")


def url_of(database: str) -> str:
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{database}"))


_made: list[str] = []


def _insist_on_room(count: int) -> None:
    needed_gb, free_gb = count * _BYTES_EACH / 1e9, shutil.disk_usage(os.environ["VAR_DIR"]).free / 1e9
    insist(free_gb > needed_gb, f"{count:,} signatures need {needed_gb:.0f} GB of disk and {free_gb:.0f} GB are free")


def _own() -> str:
    return name_in(os.environ["DATABASE_URL"])


def _empty() -> str:
    return f"{_own()}_empty"


def _run(statement: str, *names: str) -> None:
    with psycopg.connect(url_of("postgres"), autocommit=True) as server:
        server.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
