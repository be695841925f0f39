"""The first wish to stop unwinds the launcher in order; the second kills what has not stopped yet."""

import contextlib
import signal
from collections.abc import Callable, Iterator
from types import FrameType

from keep4o_site.stack.trouble import Stopped

_WISHES = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def raise_on_wish_to_stop() -> None:
    """This function will turn Ctrl-C, a polite kill and a closed terminal into the exception Stopped."""
    for wish in _WISHES:
        if signal.getsignal(wish) is not signal.SIG_IGN or wish is signal.SIGINT:  # nohup wants SIGHUP ignored
            signal.signal(wish, _raise_stopped)


def _raise_stopped(signal_number: int, _frame: FrameType | None) -> None:
    raise Stopped(signal_number)


@contextlib.contextmanager
def undisturbed(hurry: Callable[[], None]) -> Iterator[None]:
    """This function will keep a clean-up from being interrupted: a signal in the meantime calls `hurry` instead."""
    handlers = {wish: signal.signal(wish, lambda _number, _frame: hurry()) for wish in _WISHES}
    try:
        yield
    finally:
        for wish, handler in handlers.items():
            signal.signal(wish, handler)


@contextlib.contextmanager
def ctrl_c_left_to_the_child() -> Iterator[None]:
    """This function will leave Ctrl-C to a child in the foreground, which the terminal tells as well."""
    # A function, not SIG_IGN: what is ignored stays ignored in the child.
    handler = signal.signal(signal.SIGINT, lambda _number, _frame: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
