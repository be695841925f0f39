"""
The limit of signing and proving: the statements of a real request, sent by pgbench with nothing around them.

Two requests of two people are compared. What is the same in both is a constant of the script; what differs is made anew
in each transaction from one key `:k`: numbers, digests and unique keys stay as long and as random as the site's own. What
is sealed stays that of the first person, since nothing looks into it.
"""

import os
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import takewhile
from pathlib import Path
from typing import Any

from psycopg import sql
from psycopg.types.json import Json, Jsonb

from bench.capture import Statement
from keep4o_site.stack.postgres import binaries
from keep4o_site.stack.trouble import Trouble

_PLACEHOLDER = re.compile(r"%(?:%|s|\((\w+)\)s)")
# What a clock says: it differs between two requests on either side of a full second, and is no number of a sequence.
_OF_A_CLOCK = frozenset({"form_age_s"})
_LONGEST_DIGEST_BYTES = 32
_KEY_HEX = 16
# A number that the site takes from a sequence: so far from each other, and from the sequence, that none comes twice.
_APART = 10**12
_TPS = re.compile(r"^tps = ([\d.]+)", re.MULTILINE)
_DONE = re.compile(r"transactions actually processed: (\d+)")
_FAILED = re.compile(r"number of failed transactions: (\d+)")


@dataclass(frozen=True, kw_only=True)
class Script:
    """What pgbench is to run, and the texts that it is to pass as parameters."""

    text: str
    definitions: dict[str, str]

    def defining(self, **words: str) -> "Script":
        """This function will return the script with further variables set at its start."""
        return Script(text=self.text, definitions={**self.definitions, **words})

    @property
    def statement_count(self) -> int:
        return sum(1 for line in self.text.splitlines() if line.endswith(";"))


@dataclass(frozen=True, kw_only=True)
class Transactions:
    """What pgbench says of a run."""

    done: int
    per_s: float


@dataclass
class _Writer:
    known: dict[Any, str]
    definitions: dict[str, str] = field(default_factory=dict)
    made: dict[Any, str] = field(default_factory=dict)

    def expression(self, value: Any, other: Any) -> str:
        """This function will write a value: as a constant, or made from the key if the other request had another."""
        if isinstance(value, list) and isinstance(other, list) and len(value) == len(other):
            members = [self.expression(each, of_other) for each, of_other in zip(value, other, strict=True)]
            return f"ARRAY[{', '.join(members)}]" if members else "'{}'"
        if value == other and type(value) is type(other):
            return self.constant(value)
        if value in self.known:
            return self.known[value]
        return self._varying(value, other)

    def constant(self, value: Any) -> str:
        if isinstance(value, datetime | date):
            return self._defined(value.isoformat()) + ("::timestamptz" if isinstance(value, datetime) else "::date")
        if isinstance(value, Json | Jsonb):
            return _literal(value)
        text = self._defined(value) if isinstance(value, str) else _literal(value)
        if not isinstance(value, str) and re.search(r"(?<!:):[A-Za-z_]", text.replace("::", "")):
            raise Trouble(f"pgbench would take a part of {type(value).__name__} for a variable.")
        return text

    def _defined(self, text: str) -> str:
        if not text:
            return "''"  # pgbench takes no empty definition
        name = next((name for name, known in self.definitions.items() if known == text), None)
        if name is None:
            name = f"c{len(self.definitions)}"
            self.definitions[name] = text
        return f":{name}"

    def _varying(self, value: Any, other: Any) -> str:
        is_sealed = isinstance(value, bytes) and len(value) > _LONGEST_DIGEST_BYTES
        if is_sealed or isinstance(value, datetime | date | Json | Jsonb):
            return self.constant(value)
        if value not in self.made:
            self.made[value] = self._made_from_key(value, other, salt=len(self.made) + 1)
        return self.made[value]

    def _made_from_key(self, value: Any, other: Any, *, salt: int) -> str:
        if isinstance(value, bool) or not isinstance(value, int | bytes | str):
            raise Trouble(f"pgbench cannot make a {type(value).__name__} anew in each transaction.")
        if isinstance(value, int):
            return f"(:k::bigint + {salt * _APART})"
        if isinstance(value, bytes):
            return f"substr(sha256(int8send(:k::bigint + {salt})), 1, {len(value)})"
        shared = _shared_beginning(value, other)
        tail = value[len(shared) + _KEY_HEX :]
        digits = f"substr(encode(sha256(int8send(:k::bigint + {salt})), 'hex'), 1, {_KEY_HEX})"
        return f"({self._defined(shared)}::text || {digits} || {self._defined(tail)}::text)"


def script_of(
    *, first: Sequence[Statement], second: Sequence[Statement], key: str, known: dict[Any, str] | None = None
) -> Script:
    """
    This function will write the script of the first request; the second one tells what is not constant in it.

    Args:   key: pgbench's own commands that set `:k`.  known: values of the first request, and what stands for them.
    Raises: Trouble if the two requests did not ask the same.
    """
    if [statement.sql for statement in first] != [statement.sql for statement in second]:
        raise Trouble("Two equal requests asked the database different things.")
    writer = _Writer(known=known or {})
    lines = [_written(one, another, writer) for one, another in zip(first, second, strict=True)]
    return Script(text="\n".join([key, *lines]) + "\n", definitions=writer.definitions)


def run_pgbench(*, script: Script, seconds: float, clients: int, folder: Path) -> Transactions:
    """This function will run a script against the site's own database, prepared, and insist that nothing failed."""
    file = folder / "script.pgbench"
    file.write_text(script.text)
    options = [f"-T{max(1, round(seconds))}", f"-c{clients}", "-j1", "-Mprepared", "-n", f"-f{file}"]
    words = [f"-D{name}={text}" for name, text in script.definitions.items()]
    command: list[str | Path] = [
        binaries() / "pgbench",
        *options,
        *words,
        f"-Dclients={clients}",
        os.environ["DATABASE_URL"],
    ]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=seconds + 60)
    return _read(run)


def _read(run: subprocess.CompletedProcess[str]) -> Transactions:
    done, per_s, failed = (pattern.search(run.stdout) for pattern in (_DONE, _TPS, _FAILED))
    if run.returncode or not (done and per_s) or (failed and int(failed[1])):
        raise Trouble("pgbench did not do the request's work.", details=f"{run.stdout}\n{run.stderr}")
    return Transactions(done=int(done[1]), per_s=float(per_s[1]))


def _written(one: Statement, another: Statement, writer: _Writer) -> str:
    pairs = iter(zip(one.values(), another.values(), strict=True))
    named = dict(zip(one.parameters, pairs, strict=True)) if isinstance(one.parameters, dict) else {}

    def replaced(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return "%"
        value, other = named[found[1]] if found[1] else next(pairs)
        return writer.constant(value) if found[1] in _OF_A_CLOCK else writer.expression(value, other)

    text = _PLACEHOLDER.sub(replaced, one.sql) if one.parameters else one.sql
    return " ".join(text.split()) + ";"


def _shared_beginning(one: str, another: str) -> str:
    return "".join(char for char, _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, another, strict=False)))


def _literal(value: Any) -> str:
    if isinstance(value, bytes):
        return rf"'\x{value.hex()}'::bytea"
    return sql.Literal(value).as_string(None)
