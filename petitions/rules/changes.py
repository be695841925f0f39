"""What changed between two versions of a text. Plain Python."""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

_CONTEXT_LINES = 1
# Below this likeness two paragraphs are another paragraph each, and marking their common words would only confuse.
_SAME_PARAGRAPH = 0.5
_WORDS = re.compile(r"\s+|\w+|[^\w\s]")


class ChangeKind(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    KEPT = "kept"
    SKIPPED = "skipped"
    REWORDED = "reworded"


@dataclass(frozen=True, kw_only=True)
class Piece:
    """Some words of a reworded line."""

    kind: ChangeKind
    text: str


@dataclass(frozen=True, kw_only=True)
class Change:
    """
    One line of a comparison.

    A SKIPPED one stands for the unchanged lines between two changes; a REWORDED one tells its words apart in `pieces`.
    """

    kind: ChangeKind
    text: str = ""
    pieces: tuple[Piece, ...] = ()


_KINDS = {"+": ChangeKind.ADDED, "-": ChangeKind.REMOVED, " ": ChangeKind.KEPT, "@": ChangeKind.SKIPPED}


def text_changes(*, old: str, new: str) -> list[Change]:
    """
    This function will compare two texts line by line, with one unchanged line around each change; [] if equal.

    A paragraph is one line of Markdown: one that was only reworded is compared word by word.
    """
    diff = difflib.unified_diff(old.splitlines(), new.splitlines(), n=_CONTEXT_LINES, lineterm="")
    changes = [_change(line) for line in list(diff)[2:]]  # the first two lines name files
    first_is_gap = bool(changes) and changes[0].kind is ChangeKind.SKIPPED
    return list(_reworded(changes[1:] if first_is_gap else changes))


def _change(line: str) -> Change:
    kind = _KINDS[line[0]]
    return Change(kind=kind) if kind is ChangeKind.SKIPPED else Change(kind=kind, text=line[1:])


def _reworded(changes: list[Change]) -> Iterator[Change]:
    """This function will join each removed line with the added one that stands in its place, if they are much alike."""
    at = 0
    while at < len(changes):
        removed = _run_of(ChangeKind.REMOVED, changes, at)
        added = _run_of(ChangeKind.ADDED, changes, at + len(removed))
        if not removed or not added:
            yield changes[at]
            at += 1
            continue
        yield from _pairs(removed, added)
        at += len(removed) + len(added)


def _run_of(kind: ChangeKind, changes: list[Change], at: int) -> list[Change]:
    end = at
    while end < len(changes) and changes[end].kind is kind:
        end += 1
    return changes[at:end]


def _pairs(removed: list[Change], added: list[Change]) -> Iterator[Change]:
    if len(removed) != len(added):
        yield from removed
        yield from added
        return
    for old, new in zip(removed, added, strict=True):
        pieces = _pieces(old.text, new.text)
        yield from (old, new) if pieces is None else [Change(kind=ChangeKind.REWORDED, pieces=pieces)]


def _pieces(old: str, new: str) -> tuple[Piece, ...] | None:
    """This function will compare two lines word by word, or return None if they have too little in common."""
    olds, news = _WORDS.findall(old), _WORDS.findall(new)
    matcher = difflib.SequenceMatcher(None, olds, news, autojunk=False)
    if matcher.ratio() < _SAME_PARAGRAPH:
        return None
    pieces = []
    for tag, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if tag == "equal":
            pieces.append(Piece(kind=ChangeKind.KEPT, text="".join(olds[old_from:old_to])))
            continue
        pieces.append(Piece(kind=ChangeKind.REMOVED, text="".join(olds[old_from:old_to])))
        pieces.append(Piece(kind=ChangeKind.ADDED, text="".join(news[new_from:new_to])))
    return tuple(piece for piece in pieces if piece.text)
