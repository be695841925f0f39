"""The statements of a real request, taken down where Django hands them to the database."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

_LOGGER = "django.db.backends"
_TRANSACTION_WORDS = ("BEGIN", "COMMIT")


@dataclass(frozen=True)
class Statement:
    """One statement as the driver gets it: text with placeholders, and what they stand for."""

    sql: str
    parameters: tuple[Any, ...] | dict[str, Any] = ()

    def values(self) -> list[Any]:
        if isinstance(self.parameters, dict):
            return list(self.parameters.values())
        return list(self.parameters)


@dataclass
class _Taken(logging.Handler):
    """Takes down statements, and from Django's log the words around them that go past the statements' own path."""

    statements: list[Statement] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(level=logging.DEBUG)

    __hash__ = object.__hash__

    def emit(self, record: logging.LogRecord) -> None:
        sql = getattr(record, "sql", "")
        if sql in _TRANSACTION_WORDS:
            self.statements.append(Statement(sql))

    def execute(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if sql not in _TRANSACTION_WORDS:
            self.statements.append(Statement(sql, _copied(params)))
        return execute(sql, params, many, context)


def statements_of(request: Callable[[], None]) -> list[Statement]:
    """This function will return what a request asks of the database, BEGIN and COMMIT included, in its order."""
    taken = _Taken()
    with _logging_transactions(taken), connection.execute_wrapper(taken.execute):
        request()
    return taken.statements


@contextmanager
def _logging_transactions(taken: _Taken) -> Iterator[None]:
    logger = logging.getLogger(_LOGGER)
    level, was_forced = logger.level, connection.force_debug_cursor
    propagates = logger.propagate
    logger.addHandler(taken)
    logger.setLevel(logging.DEBUG)
    logger.propagate, connection.force_debug_cursor = False, True
    try:
        yield
    finally:
        logger.removeHandler(taken)
        logger.setLevel(level)
        logger.propagate, connection.force_debug_cursor = propagates, was_forced


def _copied(params: Any) -> tuple[Any, ...] | dict[str, Any]:
    if isinstance(params, dict):
        return {name: plain(value) for name, value in params.items()}
    return tuple(plain(value) for value in params or ())


def plain(value: Any) -> Any:
    """This function will unwrap what a driver's own type holds, so that values can be compared."""
    if type(value).__name__ == "Binary":
        value = value.obj
    if isinstance(value, memoryview | bytearray):
        return bytes(value)
    return [plain(each) for each in value] if isinstance(value, list | tuple) else value
