"""
Celery's clock by the time that only goes on, whatever is done to the clock on the wall.

Celery's own asks when a task ran last: set back by an hour, it asks for nothing for an hour, and a machine that once
started in a wrong year remembers that in a file and stays silent. Here nothing is remembered and no file is needed,
so a full disk does not stop it either. Each task is asked for at once after a start: all of them look for owed work.

Any number of clocks may run: one of them leads and sends, the others wait for their turn (keep4o_site/leadership.py).
"""

import time
from typing import Any

from celery.beat import ScheduleEntry, Scheduler, SchedulingError
from celery.schedules import schedstate

from keep4o_site.leadership import STANDBY_S, Leadership


class SteadyEntry(ScheduleEntry):
    """A task that is due whenever its turn has come; the order of turns says when that is."""

    def is_due(self) -> schedstate:
        schedule: Any = self.schedule
        return schedstate(is_due=True, next=schedule.seconds)


class SteadyScheduler(Scheduler):
    """Orders the turns by the monotonic clock, and takes them only while it leads."""

    Entry = SteadyEntry

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._leadership = Leadership()
        super().__init__(*args, **kwargs)

    def tick(self, *args: Any, **kwargs: Any) -> float:
        if self._leadership.is_held():
            return min(super().tick(*args, **kwargs), STANDBY_S)
        self._heap = None  # a new leader asks for everything at once, not an hour after it began to wait
        return STANDBY_S

    def apply_entry(self, entry: ScheduleEntry, producer: Any = None) -> None:
        # Getting hold of the broker may have taken as long as it was away.
        if self._leadership.is_held():
            super().apply_entry(entry, producer=producer)

    def apply_async(self, entry: ScheduleEntry, producer: Any = None, advance: bool = True, **kwargs: Any) -> Any:
        try:
            return super().apply_async(entry, producer=producer, advance=advance, **kwargs)
        except SchedulingError:
            self._leadership.resign()
            raise

    def close(self) -> None:
        self._leadership.close()
        super().close()

    def _when(self, entry: ScheduleEntry, next_time_to_run: Any, mktime: Any = None) -> float:  # noqa: ARG002 # Celery passes it
        return time.monotonic() + (self.adjust(next_time_to_run) or 0)
