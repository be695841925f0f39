"""What changed between two versions of a text. Plain Python."""

import difflib
from dataclasses import dataclass
from enum import StrEnum

_CONTEXT_LINES = 1


class ChangeKind(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    KEPT = "kept"
    SKIPPED = "skipped"


@dataclass(frozen=True, kw_only=True)
class Change:
    """One line of a comparison; a SKIPPED one stands for the unchanged lines between two changes."""

    kind: ChangeKind
    text: str = ""


_KINDS = {"+": ChangeKind.ADDED, "-": ChangeKind.REMOVED, " ": ChangeKind.KEPT, "@": ChangeKind.SKIPPED}


def text_changes(*, old: str, new: str) -> list[Change]:
    """This function will compare two texts line by line, with one unchanged line around each change; [] if equal."""
    diff = difflib.unified_diff(old.splitlines(), new.splitlines(), n=_CONTEXT_LINES, lineterm="")
    changes = [_change(line) for line in list(diff)[2:]]  # the first two lines name files
    first_is_gap = bool(changes) and changes[0].kind is ChangeKind.SKIPPED
    return changes[1:] if first_is_gap else changes


def _change(line: str) -> Change:
    kind = _KINDS[line[0]]
    return Change(kind=kind) if kind is ChangeKind.SKIPPED else Change(kind=kind, text=line[1:])
