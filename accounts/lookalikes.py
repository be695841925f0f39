"""
Addresses that look like others: letters of one alphabet standing for those of another. Plain Python.

A domain may be of any script, but of one script in each of its parts (Unicode UTS 39, «Highly Restrictive»), must not
be made only of letters that look Latin under a Latin top-level domain, and must not read like a well-known mail provider.
"""

import unicodedata
from collections.abc import Iterator
from enum import StrEnum

import idna

_SCRIPTS_THAT_GO_TOGETHER = (
    frozenset({"LATIN", "CJK", "HIRAGANA", "KATAKANA"}),
    frozenset({"LATIN", "CJK", "BOPOMOFO"}),
    frozenset({"LATIN", "CJK", "HANGUL"}),
)
# Small letters that a reader takes for a Latin one, after Unicode's confusables.txt: Cyrillic, Greek, Armenian; and Latin
# letters that differ from a plain one by little.
_FOREIGN = {
    "a": "\u0430\u03b1", "b": "\u0432\u044c", "c": "\u0441", "d": "\u0501", "e": "\u0435", "g": "\u0581",
    "h": "\u04bb\u0570", "i": "\u0456\u03b9", "j": "\u0458\u0575", "k": "\u043a\u03ba", "l": "\u04cf", "m": "\u043c",
    "n": "\u03b7\u0578", "o": "\u043e\u03bf\u0585", "p": "\u0440\u03c1", "q": "\u051b\u0566", "r": "\u0433",
    "s": "\u0455", "t": "\u0442\u03c4", "u": "\u03c5\u057d", "v": "\u0475\u03bd", "w": "\u051d", "x": "\u0445\u03c7",
    "y": "\u0443\u03b3",
}  # fmt: skip
_VARIANTS = {
    "a": "\u0251", "d": "\u0111", "g": "\u0261", "h": "\u0127", "i": "\u0131\u0269\u026a", "l": "\u0142",
    "o": "\u00f8", "t": "\u0167",
}  # fmt: skip
_LOOKS_LATIN = {sign: plain for plain, signs in _FOREIGN.items() for sign in signs}
_READ_AS = {**_LOOKS_LATIN, **{sign: plain for plain, signs in _VARIANTS.items() for sign in signs}}
_WELL_KNOWN = frozenset(
    {
        "aol.com", "fastmail.com", "free.fr", "gmail.com", "gmx.de", "gmx.net", "googlemail.com", "hotmail.com",
        "hotmail.fr", "icloud.com", "laposte.net", "live.com", "mac.com", "mail.com", "mail.ru", "me.com", "msn.com",
        "naver.com", "orange.fr", "outlook.com", "pm.me", "posteo.de", "proton.me", "protonmail.com", "qq.com", "sfr.fr",
        "t-online.de", "web.de", "yahoo.co.jp", "yahoo.co.uk", "yahoo.com", "yahoo.fr", "yandex.com", "yandex.ru",
    }
)  # fmt: skip


class AddressProblem(StrEnum):
    """Why an address is not what it looks like."""

    LOCAL_LETTERS = "local_letters"
    MIXED_SCRIPTS = "mixed_scripts"
    LOOKS_LIKE_ANOTHER = "looks_like_another"


def address_problem(address: str) -> AddressProblem | None:
    """This function will find what makes an address look like another one, or None; whether it is one is not asked."""
    if address.isascii() and "xn--" not in address.lower():
        return None  # of one alphabet, and none of its letters stands for another one
    local, _, domain = address.rpartition("@")
    if any(_is_letter(sign) for sign in local if not sign.isascii()):
        return AddressProblem.LOCAL_LETTERS
    labels = [_readable(label) for label in domain.lower().rstrip(".").split(".")]
    if any(not _goes_together(frozenset(_scripts(label))) for label in labels):
        return AddressProblem.MIXED_SCRIPTS
    if labels[-1].isascii() and any(_looks_latin(label) for label in labels):
        return AddressProblem.LOOKS_LIKE_ANOTHER
    read_as = _as_read(".".join(labels))
    is_forged = read_as in _WELL_KNOWN and read_as != ".".join(labels)
    return AddressProblem.LOOKS_LIKE_ANOTHER if is_forged else None


def _readable(label: str) -> str:
    """This function will write a part of a domain as browsers show it: `xn--lan-9la` → `élan`."""
    label = unicodedata.normalize("NFKC", label)
    if not label.startswith("xn--"):
        return label
    try:
        return idna.decode(label)
    except idna.IDNAError:
        return label


def _scripts(label: str) -> Iterator[str]:
    for sign in label:
        if _is_letter(sign):
            yield unicodedata.name(sign, "UNKNOWN").replace("-", " ").split()[0]


def _is_letter(sign: str) -> bool:
    category = unicodedata.category(sign)
    return category[0] == "L" or (category[0] == "N" and not sign.isascii())


def _goes_together(scripts: frozenset[str]) -> bool:
    return len(scripts) <= 1 or any(scripts <= together for together in _SCRIPTS_THAT_GO_TOGETHER)


def _looks_latin(label: str) -> bool:
    letters = [sign for sign in label if _is_letter(sign)]
    return bool(letters) and all(sign in _LOOKS_LATIN for sign in letters)


def _as_read(domain: str) -> str:
    bare = (sign for sign in unicodedata.normalize("NFKD", domain) if not unicodedata.combining(sign))
    return "".join(_READ_AS.get(sign, sign) for sign in bare)
