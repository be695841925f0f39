"""Everything the launcher prints: short, aligned, and coloured only for a person at a terminal."""

import contextlib
import itertools
import os
import sys
import time
from collections.abc import Iterator
from typing import TextIO

_LABEL_WIDTH = 24
_BOLD, _DIM, _GREEN, _RED = "1", "2", "32", "31"


def say(text: str = "") -> None:
    _write(sys.stdout, text + "\n")


def notice(text: str) -> None:
    say(f"  {_painted('!', _BOLD)} {text}")


def heading(text: str) -> None:
    say(_painted(text, _BOLD))


def fail(sentence: str, details: str = "") -> None:
    """This function will print the sentence, then the details indented below it, to the error stream."""
    _write(sys.stderr, f"{_painted('✗', _RED, sys.stderr)} {sentence}\n")
    if details.strip():
        _write(sys.stderr, "".join(f"    {line}\n" for line in details.rstrip().splitlines()))


def facts(rows: list[tuple[str, str]]) -> None:
    """This function will print name and value in two columns; a value of several lines stays in its column."""
    for name, value in rows:
        first, *rest = value.splitlines() or [""]
        say(f"  {_painted(name.ljust(10), _DIM)} {first}")
        for line in rest:
            say(f"  {' ' * 10} {line}")


def aligned(table: str) -> str:
    """This function will turn cells parted by tabs into columns parted by spaces."""
    rows = [line.split("\t") for line in table.splitlines()]
    widths = [max(map(len, column)) for column in itertools.zip_longest(*rows, fillvalue="")]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


@contextlib.contextmanager
def step(label: str, hint: str = "") -> Iterator[None]:
    """This function will show that something goes on, then how long it took; a failure is left to the caller."""
    started = time.monotonic()
    if _is_terminal(sys.stdout):
        _write(sys.stdout, f"  {_painted('·', _DIM)} {label} … {hint}".rstrip())
    elif hint:
        say(f"  · {label} … {hint}")
    try:
        yield
    except BaseException:
        _write(sys.stdout, "\n" if _is_terminal(sys.stdout) else "")
        raise
    done(label, time.monotonic() - started)


def done(label: str, seconds: float) -> None:
    _finish_line(_painted("✓", _GREEN), label, seconds)


def failed(label: str, seconds: float) -> None:
    _finish_line(_painted("✗", _RED), label, seconds)


def _finish_line(mark: str, label: str, seconds: float) -> None:
    start = "\r\x1b[K" if _is_terminal(sys.stdout) else ""
    say(f"{start}  {mark} {label.ljust(_LABEL_WIDTH)} {_painted(f'{seconds:5.1f} s', _DIM)}")


def _painted(text: str, code: str, stream: TextIO | None = None) -> str:
    if not _is_terminal(stream or sys.stdout) or "NO_COLOR" in os.environ:
        return text
    return f"\x1b[{code}m{text}\x1b[0m"


def _is_terminal(stream: TextIO) -> bool:
    try:
        return stream.isatty()
    except ValueError:  # a closed stream
        return False


def _write(stream: TextIO, text: str) -> None:
    # The terminal may be gone already (its closing is what stops us): the stop must go on without it.
    with contextlib.suppress(OSError, ValueError):
        stream.write(text)
        stream.flush()


def prepare_streams() -> None:
    """This function will make sure that no character of ours can break on a terminal that knows only ASCII."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")
