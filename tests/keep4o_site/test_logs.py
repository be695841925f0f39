"""Log lines: JSON, and nothing in them that a person typed."""

import io
import json
import logging
import sys
from collections.abc import Callable

from keep4o_site.logs import JsonFormatter, RequestIdFilter, TaskFaultFilter

TYPED = "alice@example.org"


def _lines_of(name: str, write: Callable[[logging.Logger], None]) -> list[dict[str, object]]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    handler.addFilter(RequestIdFilter())
    handler.addFilter(TaskFaultFilter())
    logger = logging.getLogger(name)
    logger.addHandler(handler)
    try:
        write(logger)
    finally:
        logger.removeHandler(handler)
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def _fail() -> None:
    raise ValueError(f"duplicate key: {TYPED}")


def test_an_exception_is_told_by_its_type_and_place_only() -> None:
    def write(logger: logging.Logger) -> None:
        try:
            _fail()
        except ValueError:
            logger.exception("it_failed")

    (line,) = _lines_of("keep4o.test", write)

    assert line["event"] == "it_failed"
    assert str(line["exc_info"]).startswith("ValueError < ")
    assert "test_logs.py" in str(line["exc_info"])
    assert TYPED not in json.dumps(line)


def test_a_failed_task_is_named_without_its_words() -> None:
    def write(logger: logging.Logger) -> None:
        try:
            _fail()
        except ValueError as error:
            data = {"name": "petitions.tasks.fold_owed_tallies", "exc": repr(error), "args": TYPED}
            logger.error("Task %(name)s raised: %(exc)s", data, exc_info=sys.exc_info(), extra={"data": data})

    (line,) = _lines_of("celery.app.trace", write)

    assert (line["event"], line["task"]) == ("task_failed", "petitions.tasks.fold_owed_tallies")
    assert TYPED not in json.dumps(line)
