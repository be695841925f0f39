"""
Celery's clock by the time that only goes on, whatever is done to the clock on the wall.

Celery's own asks when a task ran last: set back by an hour, it asks for nothing for an hour, and a machine that once
started in a wrong year remembers that in a file and stays silent. Here nothing is remembered and no file is needed,
so a full disk does not stop it either. Each task is asked for at once after a start: all of them look for owed work.
"""

import time
from typing import Any

from celery.beat import ScheduleEntry, Scheduler
from celery.schedules import schedstate


class SteadyEntry(ScheduleEntry):
    """A task that is due whenever its turn has come; the order of turns says when that is."""

    def is_due(self) -> schedstate:
        schedule: Any = self.schedule
        return schedstate(is_due=True, next=schedule.seconds)


class SteadyScheduler(Scheduler):
    """Orders the turns by the monotonic clock."""

    Entry = SteadyEntry

    def _when(self, entry: ScheduleEntry, next_time_to_run: Any, mktime: Any = None) -> float:  # noqa: ARG002 # Celery passes it
        return time.monotonic() + (self.adjust(next_time_to_run) or 0)
