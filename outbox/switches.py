"""The site-wide switches of staff, as every process sees them at most two seconds later."""

from dataclasses import dataclass

from outbox.models import Switch, SwitchName
from outbox.remembering import Remembered


@dataclass(frozen=True, kw_only=True)
class SwitchState:
    """How a switch stands. `level` says how far; 0 while it is off."""

    is_on: bool
    level: int
    reason: str


OFF = SwitchState(is_on=False, level=0, reason="")


def switch_state(name: SwitchName) -> SwitchState:
    """This function will tell how a switch stands, with at most one statement per process in two seconds."""
    return _switches.value().get(name, OFF)


def forget_switches() -> None:
    """This function will make this process read the switches anew: after it changed one, and between tests."""
    _switches.forget()


def _read_switches() -> dict[str, SwitchState]:
    return {
        switch.name: SwitchState(is_on=True, level=switch.level, reason=switch.reason)
        for switch in Switch.objects.filter(is_on=True)
    }


_switches: Remembered[dict[str, SwitchState]] = Remembered(read=_read_switches, unknown={})
