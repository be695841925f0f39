"""How a supporter's comment is signed, and when it has to be looked at again. Plain Python."""

import re
import unicodedata

_SHOWS_MORE = {"hidden": 0, "initials": 1, "full": 2}  # of models.NameShown
_PARTS = re.compile(r"[\s\-\u2010\u2011\u2012\u2013·・]+")
# Small words that belong to the name after them and are left out of initials, as a signature leaves them out.
_PARTICLES = frozenset(
    [
        "af",
        "al",
        "ap",
        "av",
        "bar",
        "ben",
        "bin",
        "bint",
        "da",
        "das",
        "de",
        "dei",
        "del",
        "della",
        "den",
        "der",
        "des",
        "di",
        "do",
        "dos",
        "du",
        "el",
        "ibn",
        "la",
        "las",
        "le",
        "les",
        "lo",
        "los",
        "mac",
        "of",
        "ter",
        "the",
        "van",
        "vom",
        "von",
        "y",
        "zu",
        "zum",
        "zur",
    ]
)
MOST_INITIALS = 4


def initials(name: str) -> str:
    """
    This function will shorten a name of any script to its initials: "Jean-Luc de la Tour" → "J.-L. T.", "山田太郎" → "山.".

    Particles in small letters are left out, unless there is nothing else; a letter keeps its accents and vowel signs. At
    most MOST_INITIALS letters; "" for a name without a letter or digit.
    """
    words = [word for word in name.split() if _first_sign(word)]
    weighty = [word for word in words if word not in _PARTICLES] or words
    shortened: list[str] = []
    letters_left = MOST_INITIALS
    for word in weighty:
        parts = [sign for part in _PARTS.split(word) if (sign := _first_sign(part))][:letters_left]
        letters_left -= len(parts)
        if parts:
            shortened.append("-".join(f"{sign}." for sign in parts))
    return " ".join(shortened)


def shown_name(*, name: str, name_shown: str) -> str:
    """This function will give the name as its owner lets it be shown, "" where they do not."""
    if name_shown == "full":
        return name
    return initials(name) if name_shown == "initials" else ""


def state_after_change(
    *, state: str, old_comment: str, comment: str, old_name: str, name: str, old_name_shown: str, name_shown: str
) -> str:
    """
    This function will say how a comment stands after its owner has changed something: nobody sees what nobody has reviewed.

    Returns: "none" without a comment; "waiting" for other words, or for a name that is shown and is not the one that was
             reviewed, or shown in fuller form; else the state as it was. Showing less of a name needs nobody's leave.
    """
    if not comment:
        return "none"
    shows_other_name = name_shown != "hidden" and name != old_name
    shows_more = _SHOWS_MORE[name_shown] > _SHOWS_MORE[old_name_shown]
    return "waiting" if comment != old_comment or shows_other_name or shows_more or state == "none" else state


def _first_sign(word: str) -> str:
    """This function will find the first letter or digit of a word, with the marks that are written on it."""
    start = next((at for at, sign in enumerate(word) if unicodedata.category(sign)[0] in "LN"), None)
    if start is None:
        return ""
    end = start + 1
    while end < len(word) and unicodedata.category(word[end])[0] == "M":
        end += 1
    sign = unicodedata.normalize("NFC", word[start:end])
    upper = sign.upper()
    return upper if len(upper) == len(sign) else sign  # ß has no capital of one letter
