"""
Several statements in one round trip, each of them planned once a second at most.

A driver that takes statements one by one waits for each answer, and looks anew at each text and value. Here they are
known beforehand: they travel together through libpq's pipeline, as numbered parameters of prepared statements.
"""

import hashlib
import re
import select
import time
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus
from psycopg.types.numeric import IntDumper

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

    def _owed_before(self) -> list[Asked]:
        owed: list[Asked] = []
        if not self._driver.autocommit and self._pgconn.transaction_status == TransactionStatus.IDLE:
            owed.append((_BEGIN, {}))
        if self._keeps_plans and time.monotonic() - self._planned_at > PLANS_LIVE_S:
            self._planned_at = time.monotonic()
            owed.append((_PLAN_ANEW, {}))
        return owed

    def _written(self, statement: Statement, values: Mapping[str, Any]) -> _Written:
        """This function will write values as the database reads them. It infers their types from where they stand."""
        in_order = [values[name] for name in statement.placeholders]
        parameters = self._transformer.dump_sequence(in_order, statement.formats)
        return statement, parameters, self._transformer.formats

    def _fly(self, written: Sequence[_Written]) -> list[tuple[bytes | None, Any]]:
        """This function will return all results, those that answer no statement with the name that they prepared."""
        self._pgconn.enter_pipeline_mode()
        prepared = [name for each in written for name in self._send(*each)]
        self._pgconn.pipeline_sync()
        while self._pgconn.flush():
            self._writable.poll()
        results = self._results()
        self._pgconn.exit_pipeline_mode()
        return list(zip(prepared, results, strict=True))

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
                self._readable.poll()
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


def line_of(driver: Any, *, keeps_plans: bool) -> Line:
    """This function will return the line over a connection of the driver, which keeps it for as long as it lives."""
    line: Line | None = getattr(driver, _LINE, None)
    if line is None:
        line = Line(driver, keeps_plans=keeps_plans)
        setattr(driver, _LINE, line)
    return line


def _transformer_of(driver: psycopg.Connection[Any]) -> Any:
    # The driver would write a small number in two bytes and a greater one in four, and the database has prepared for one.
    context = driver.cursor()
    context.adapters.register_dumper(int, IntDumper)
    return Transformer(context)
