"""The limit of a page: a WSGI function that returns the same bytes and headers, and does nothing else."""

import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

_ANSWER = json.loads(Path(os.environ["BARE_ANSWER"]).read_text())
_HEADERS = [(str(name), str(value)) for name, value in _ANSWER["headers"]]
_BODY = bytes.fromhex(_ANSWER["body"])


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:  # noqa: ARG001 # WSGI
    start_response("200 OK", _HEADERS)
    return [_BODY]
