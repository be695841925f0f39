"""Within one process: of all threads that need the same page, one makes it."""

import threading

from keep4o_site.page_cache.memory import Kept
from keep4o_site.page_cache.requests import Question


class Flight:
    """A page that is being made; `kept` is it once it has landed, None if it cannot be everybody's."""

    def __init__(self) -> None:
        self._landed = threading.Event()
        self.kept: Kept | None = None

    def wait(self, seconds: float) -> Kept | None:
        self._landed.wait(seconds)
        return self.kept

    def land(self) -> None:
        self._landed.set()


class Flights:
    """The flights of a process, by question."""

    def __init__(self) -> None:
        self._flying: dict[Question, Flight] = {}
        self._lock = threading.Lock()

    def join(self, question: Question) -> tuple[Flight, bool]:
        """This function will find the flight of a question, or start one: True for whoever has to make the page."""
        with self._lock:
            flight = self._flying.get(question)
            if flight is not None:
                return flight, False
            self._flying[question] = flight = Flight()
            return flight, True

    def land(self, question: Question, flight: Flight) -> None:
        with self._lock:
            del self._flying[question]
        flight.land()
