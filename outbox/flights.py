"""
Several statements in one round trip, each of them planned once a second at most.

A driver that takes statements one by one waits for each answer, and looks anew at each text and value. Here they are
known beforehand: they travel together through libpq's pipeline, as numbered parameters of prepared statements.
"""

import hashlib
import json
import re
import select
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import psycopg
from psycopg.adapt import Dumper, PyFormat, Transformer
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus
from psycopg.types.datetime import TimestamptzLoader
from psycopg.types.json import set_json_dumps
from psycopg.types.numeric import IntDumper

from outbox.silence import await_answer

# A plan fits the tables as they were when it was made. While a table was empty it may read the whole of it, and a rush
# fills it within seconds, long before it is analysed: for so long a plan is kept at most.
PLANS_LIVE_S = 1.0
_LINE = "keep4o_line"
_PLACEHOLDER = re.compile(r"%\((\w+)\)s")
Row = tuple[Any, ...]


class Statement:
    """A constant text with named placeholders, and the same as the database knows it: numbered, under a name of its own."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.placeholders = tuple(dict.fromkeys(_PLACEHOLDER.findall(text)))
        numbers = {name: f"${number}" for number, name in enumerate(self.placeholders, start=1)}
        self.numbered = _PLACEHOLDER.sub(lambda found: numbers[found[1]], text).encode()
        self.name = b"keep4o_" + hashlib.blake2b(self.numbered, digest_size=8).hexdigest().encode()
        self.formats = [PyFormat.AUTO] * len(self.placeholders)


Asked = tuple[Statement, Mapping[str, Any]]
_Written = tuple[Statement, Any, Any]  # with parameters and their formats
_DONE = (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK)
_BEGIN, _COMMIT, _PLAN_ANEW = Statement("BEGIN"), Statement("COMMIT"), Statement("DISCARD PLANS")


class Line:
    """
    A connection of the driver as flights use it.

    Args: keeps_plans: False behind a pooler that gives each transaction another connection of the database.
    """

    def __init__(self, driver: psycopg.Connection[Any], *, keeps_plans: bool) -> None:
        self._driver, self._pgconn = driver, driver.pgconn
        self._transformer: Any = _transformer_of(driver)
        self._keeps_plans = keeps_plans
        self._prepared: set[bytes] = set()
        self._begins = False
        self._planned_at = time.monotonic()
        self._readable, self._writable = select.poll(), select.poll()
        self._readable.register(self._pgconn.socket, select.POLLIN)
        self._writable.register(self._pgconn.socket, select.POLLOUT)

    def run(self, asked: Sequence[Asked], *, commits: bool) -> list[Row | None]:
        """
        This function will run statements in their order and return the first row of each; JSON arrives as text.

        The transaction that the driver owes is begun with them, and with `commits` ended. After one that fails none runs.
        Raises: psycopg.Error.
        """
        before = self._owed_before()
        whole = [*before, *asked, (_COMMIT, {})] if commits else [*before, *asked]
        written = [self._written(statement, values) for statement, values in whole]
        try:
            results = self._fly(written)
        except BaseException:
            self._driver.close()  # what still comes would be taken for the answer to the next question
            raise
        rows = self._rows_in(results)
        return rows[len(before) : len(before) + len(asked)]

    @property
    def has_begun(self) -> bool:
        """Whether what flies is in a transaction of the line's own."""
        return self._begins

    def begin(self) -> None:
        """This function will have the next statements begin a transaction; nothing flies for that alone."""
        self._begins = True

    def end(self, *, keeps: bool) -> None:
        """
        This function will end the transaction that was begun, unless its COMMIT has flown.

        Raises: psycopg.Error if what was to be kept is not.
        """
        self._begins = False
        if self._driver.closed and keeps:
            raise psycopg.OperationalError("the connection is lost")
        if self._driver.closed or self._pgconn.transaction_status == TransactionStatus.IDLE:
            return
        try:
            self._driver.commit() if keeps else self._driver.rollback()
        except psycopg.Error:
            # A COMMIT that a constraint refuses has ended it all the same.
            if self._pgconn.transaction_status != TransactionStatus.IDLE:
                self._driver.close()
            if keeps:  # otherwise the database undoes it by itself
                raise

    def _owed_before(self) -> list[Asked]:
        owed: list[Asked] = []
        is_owed = self._begins or not self._driver.autocommit
        if is_owed and self._pgconn.transaction_status == TransactionStatus.IDLE:
            owed.append((_BEGIN, {}))
        if self._keeps_plans and time.monotonic() - self._planned_at > PLANS_LIVE_S:
            self._planned_at = time.monotonic()
            owed.append((_PLAN_ANEW, {}))
        return owed

    def _written(self, statement: Statement, values: Mapping[str, Any]) -> _Written:
        """This function will write values as the database reads them. It infers their types from where they stand."""
        if not statement.placeholders:
            return statement, None, None
        in_order = [values[name] for name in statement.placeholders]
        parameters = self._transformer.dump_sequence(in_order, statement.formats)
        return statement, parameters, self._transformer.formats

    def _fly(self, written: Sequence[_Written]) -> list[tuple[bytes | None, Any]]:
        """This function will return all results, those that answer no statement with the name that they prepared."""
        self._pgconn.enter_pipeline_mode()
        prepared = [name for each in written for name in self._send(*each)]
        self._pgconn.pipeline_sync()
        while self._pgconn.flush():
            await_answer(self._writable, self._driver)
        results = self._results()
        self._pgconn.exit_pipeline_mode()
        # What constraints say that wait for the end, of a transaction that is ended by no statement.
        of_the_end = [None] * (len(results) - len(prepared))
        return list(zip([*prepared, *of_the_end], results, strict=True))

    def _send(self, statement: Statement, parameters: Any, formats: Any) -> tuple[bytes | None, ...]:
        """This function will put a statement into the pipeline and say what comes back: what it prepares, then None."""
        if not self._keeps_plans:
            self._pgconn.send_query_params(statement.numbered, parameters, param_formats=formats)
            return (None,)
        is_new = statement.name not in self._prepared
        if is_new:
            self._pgconn.send_prepare(statement.name, statement.numbered)
            self._prepared.add(statement.name)
        self._pgconn.send_query_prepared(statement.name, parameters, param_formats=formats)
        return (statement.name, None) if is_new else (None,)

    def _results(self) -> list[Any]:
        """This function will wait for the results of all that was sent."""
        results: list[Any] = []
        while True:
            while self._pgconn.is_busy():
                await_answer(self._readable, self._driver)
                self._pgconn.consume_input()
            result = self._pgconn.get_result()
            if result is None and self._pgconn.status == ConnStatus.BAD:
                raise psycopg.OperationalError("the connection is lost")
            if result is not None and result.status == ExecStatus.PIPELINE_SYNC:
                return results
            if result is not None:
                results.append(result)

    def _rows_in(self, results: Sequence[tuple[bytes | None, Any]]) -> list[Row | None]:
        rows = []
        for at, (prepared, result) in enumerate(results):
            if result.status not in _DONE:
                self._prepared.difference_update(name for name, _ in results[at:] if name)
                raise psycopg.errors.error_from_result(result, encoding="utf-8")
            if prepared is None:
                rows.append(self._first_row(result))
        return rows

    def _first_row(self, result: Any) -> Row | None:
        if not result.ntuples:
            return None
        self._transformer.set_pgresult(result)
        row: Row = self._transformer.load_row(0, tuple)
        return row


def line_of(driver: Any, *, keeps_plans: Callable[[], bool]) -> Line:
    """This function will return the line over a connection of the driver, made once and kept for as long as that lives."""
    line: Line | None = getattr(driver, _LINE, None)
    if line is None:
        line = Line(driver, keeps_plans=keeps_plans())
        setattr(driver, _LINE, line)
    return line


class _ListDumper(Dumper):
    """Writes a list of texts, of bytes or of numbers. The driver's own goes through each list twice to learn what it holds."""

    def dump(self, obj: list[Any]) -> bytes:
        return f"{{{','.join([_element(each) for each in obj])}}}".encode() if obj else b"{}"


def _element(value: str | bytes | int) -> str:
    if isinstance(value, str):
        if "\\" in value or '"' in value:
            value = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{value}"'
    return rf'"\\x{value.hex()}"' if isinstance(value, bytes) else str(value)


def _transformer_of(driver: psycopg.Connection[Any]) -> Any:
    context = driver.cursor()
    # The driver would write a small number in two bytes and a greater one in four, and the database has prepared for one.
    context.adapters.register_dumper(int, IntDumper)
    context.adapters.register_dumper(list, _ListDumper)
    set_json_dumps(json.JSONEncoder().encode, context)  # json.dumps asks each time whether to make another encoder
    # Django's reads each instant in Python to name its zone anew; the connection's is UTC already.
    context.adapters.register_loader("timestamptz", TimestamptzLoader)
    return Transformer(context)
