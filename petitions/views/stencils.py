"""Pages that are drawn once for many people, with gaps where the words of one of them go."""

import re
import secrets
from collections.abc import Mapping
from html import escape

# Of this process alone: nothing that a person writes can be taken for a gap.
_MARK = secrets.token_hex(16)
_GAP = re.compile(rf"{_MARK}-(\w+)-")
_IS_MARKUP = re.compile("[&<>\"']")


def gap(name: str) -> str:
    """This function will mark where words go; forms, addresses and templates leave the mark as it is."""
    return f"{_MARK}-{name}-"


class Stencil:
    """A page as it was drawn, each gap of it waiting for its words."""

    def __init__(self, drawn: str) -> None:
        self._parts = _GAP.split(drawn)  # text and names of gaps in turn
        self._names = self._parts[1::2]

    def filled(self, words: Mapping[str, str]) -> str:
        """This function will put words into the gaps; they are escaped, as a template would have done."""
        escaped = {name: escape(said) if _IS_MARKUP.search(said) else said for name, said in words.items()}
        parts = self._parts.copy()
        parts[1::2] = [escaped[name] for name in self._names]
        return "".join(parts)
