"""Structured log lines with a request id; what could name a person never reaches them."""

import json
import logging
from contextvars import ContextVar
from traceback import extract_tb
from typing import Any

request_id: ContextVar[str] = ContextVar("request_id", default="-")
# What logging itself says of a line; whatever else a record holds are the event's own fields.
_OF_EACH_RECORD = frozenset({*logging.makeLogRecord({}).__dict__, "message", "asctime", "request_id", "taskName"})
_as_json = json.JSONEncoder(default=str).encode
# No line says from which line of code, thread or process it comes: logging need not find out (logging HOWTO, «Optimization»).
logging._srcfile = None  # noqa: SLF001 # as the HOWTO says
logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False


class RequestIdFilter(logging.Filter):
    """Adds the id of the request that is being answered, `-` outside of one."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        return True


class TaskFaultFilter(logging.Filter):
    """Names the task that failed, in place of Celery's sentence, which quotes the exception and the task's arguments."""

    def filter(self, record: logging.LogRecord) -> bool:
        context = record.__dict__.pop("data", None) if record.name == "celery.app.trace" else None
        if context is not None:
            record.msg, record.args, record.task = "task_failed", None, context.get("name", "-")
        return True


class JsonFormatter(logging.Formatter):
    """
    One JSON object a line: time, level, logger, request id, message and the event's own fields.

    Of an exception it tells the type and the way through the code. Never its message: a database's quotes the row that
    it refused, and with it what somebody typed.
    """

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": self.formatTime(record),
            "level": record.levelname,
            "logger": record.name,
            "request_id": getattr(record, "request_id", "-"),
            "event": record.getMessage(),
        }
        line |= {name: value for name, value in vars(record).items() if name not in _OF_EACH_RECORD}
        if record.exc_info:
            line["exc_info"] = self.formatException(record.exc_info)
        return _as_json(line)

    def formatException(self, ei: Any) -> str:  # noqa: N802 # logging calls it so
        frames = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in extract_tb(ei[2])]
        return " < ".join([ei[0].__name__, *reversed(frames)])


def configuration(*, level: str) -> dict[str, Any]:
    """This function will configure logging: JSON lines on standard error; standard output belongs to what commands print."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {
            "request_id": {"()": "keep4o_site.logs.RequestIdFilter"},
            "task_fault": {"()": "keep4o_site.logs.TaskFaultFilter"},
        },
        "formatters": {"json": {"()": "keep4o_site.logs.JsonFormatter"}},
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "stream": "ext://sys.stderr",
                "formatter": "json",
                "filters": ["request_id", "task_fault"],
            }
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Their records carry the raw path, which holds signed links; request_log writes the route's name instead.
            "django.request": {"level": "CRITICAL"},
            "django.security": {"level": "CRITICAL"},
            "django.server": {"level": "CRITICAL"},
            "celery.beat": {"level": "WARNING"},
            "psycopg.pool": {"level": "WARNING"},  # three lines for each request that had a connection
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.app.trace": {"level": "WARNING"},
        },
    }
