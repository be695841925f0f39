"""Words on a picture: which typeface can write them, how large they may be, and where their lines break."""

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from PIL import ImageFont
from PIL.ImageFont import FreeTypeFont

HOUSE_FACE = settings.BASE_DIR / "static" / "vendor" / "newsreader" / "newsreader-display.woff2"
_NO_CHARACTER = "\uffff"  # never assigned: every typeface shows its sign for what it lacks
_PROBE_SIZE = 24
_ELLIPSIS = "…"
# Signs without which a title says the same: pictograms, modifiers, joiners and what nobody sees.
_ORNAMENTS = frozenset({"So", "Sk", "Cf", "Cc", "Co", "Cn", "Cs"})
_ORNAMENTAL_SELECTORS = frozenset(chr(code) for code in range(0xFE00, 0xFE10))


@lru_cache(maxsize=64)
def typeface(path: Path, size: int) -> FreeTypeFont:
    """This function will load a typeface at a size in pixels."""
    return ImageFont.truetype(str(path), size)


def writable(text: str) -> tuple[str, Path] | None:
    """
    This function will find the typeface that can write a text, ornaments left out where it has none for them.

    Returns: the text as it can be written, and the typeface; None where no typeface here knows the script: rather no
             title than a row of empty boxes.
    """
    for face in (HOUSE_FACE, *settings.SHARE_PICTURE_FONTS):
        kept = "".join(sign for sign in text if _is_written(face, sign) or not _is_ornament(sign))
        if kept.strip() and all(_is_written(face, sign) for sign in kept):
            return " ".join(filter(None, kept.split(" "))), face
    return None


def fitting(text: str, *, face: Path, widest: int, sizes: Sequence[int]) -> FreeTypeFont:
    """This function will take the first of some sizes, largest first, at which a line fits; the last one if none does."""
    return next(
        (font for font in (typeface(face, size) for size in sizes) if font.getlength(text) <= widest),
        typeface(face, sizes[-1]),
    )


def broken(text: str, *, font: FreeTypeFont, widest: int, most_lines: int) -> list[str]:
    """
    This function will break a text into lines that fit, and end it with an ellipsis where there are too many.

    A word that is wider than a line is broken behind a hyphen of its own or, without one, anywhere, as is a script that
    puts no spaces between its words.
    """
    lines: list[str] = []
    rest = text
    while rest and len(lines) < most_lines:
        end = _line_end(rest, font=font, widest=widest)
        lines.append(rest[:end].strip(" "))
        rest = rest[end:].strip(" ")
    if rest:
        lines[-1] = _shortened(lines[-1], font=font, widest=widest)
    return lines


def _line_end(text: str, *, font: FreeTypeFont, widest: int) -> int:
    end = _longest_fitting(text, font=font, widest=widest)
    if end == len(text):
        return end
    space = text.rfind(" ", 0, end + 1)  # not isspace: a no-break space holds its words together
    return space if space > 0 else text.rfind("-", 0, end) + 1 or end


def _longest_fitting(text: str, *, font: FreeTypeFont, widest: int) -> int:
    """This function will count how many signs fit into a line, at least one, never parting a sign from its accents."""
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if font.getlength(text[:middle]) <= widest else (low, middle - 1)
    while low < len(text) and low > 1 and unicodedata.combining(text[low]):
        low -= 1
    return low


def _shortened(line: str, *, font: FreeTypeFont, widest: int) -> str:
    words = line
    while words and font.getlength(words + _ELLIPSIS) > widest:
        words = words[:-1].rstrip(" ,;:.–-")
    return words.rstrip(" ,;:.–-") + _ELLIPSIS


def _is_ornament(sign: str) -> bool:
    return unicodedata.category(sign) in _ORNAMENTS or sign in _ORNAMENTAL_SELECTORS


@lru_cache(maxsize=4_096)
def _is_written(face: Path, sign: str) -> bool:
    if sign in " \u00a0":
        return True
    font = typeface(face, _PROBE_SIZE)
    drawn, lacking = font.getmask(sign), font.getmask(_NO_CHARACTER)
    is_lacking = drawn.size == lacking.size and bytes(drawn) == bytes(lacking)
    return not is_lacking and drawn.getbbox() is not None
