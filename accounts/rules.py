"""What makes two e-mail addresses one person. Plain Python; the data below is the whole policy."""

import re
import unicodedata
from dataclasses import dataclass

import idna


@dataclass(frozen=True, kw_only=True)
class MailDomainRule:
    """How one provider reads the part before the @."""

    ignores_dots: bool = False
    tag_signs: str = "+"
    same_as: str = ""


DEFAULT_RULE = MailDomainRule()
MAIL_DOMAIN_RULES: dict[str, MailDomainRule] = {
    "gmail.com": MailDomainRule(ignores_dots=True),
    "googlemail.com": MailDomainRule(same_as="gmail.com"),
    "protonmail.com": MailDomainRule(same_as="proton.me"),
    "pm.me": MailDomainRule(same_as="proton.me"),
    "proton.me": MailDomainRule(ignores_dots=True),
    "yahoo.com": MailDomainRule(tag_signs="-"),
    "yahoo.fr": MailDomainRule(tag_signs="-"),
    "hotmail.com": DEFAULT_RULE,
    "outlook.com": DEFAULT_RULE,
}


def canonical_address(address: str) -> str:
    """
    This function will reduce an address to the form that stands for its owner.

    Args:    address: already validated as an e-mail address; mail itself always goes to what was typed.
    Returns: lower case, IDNA domain, without what the provider ignores: `A.Lice+x@GoogleMail.com` → `alice@gmail.com`.
    """
    local, _, domain = address.strip().rpartition("@")
    domain = _ascii_domain(domain)
    rule = MAIL_DOMAIN_RULES.get(domain, DEFAULT_RULE)
    if rule.same_as:
        domain = rule.same_as
        rule = MAIL_DOMAIN_RULES[domain]
    return f"{_canonical_local(local.casefold(), rule)}@{domain}"


def _canonical_local(local: str, rule: MailDomainRule) -> str:
    for sign in rule.tag_signs:
        base = local.split(sign, 1)[0]
        local = base or local
    return local.replace(".", "") if rule.ignores_dots else local


def _ascii_domain(domain: str) -> str:
    domain = domain.rstrip(".").casefold()
    return domain if domain.isascii() else idna.encode(domain, uts46=True).decode()


# What no reader sees and what turns the direction of the text around it: controls, surrogates, and the format
# characters (zero-width, soft hyphens, bidirectional overrides and isolates, tags). Hangul fillers look empty too.
_INVISIBLE_CATEGORIES = frozenset({"Cc", "Cf", "Cs"})
_BLANK_LETTERS = frozenset("\u3164\uffa0")
_JOINERS = frozenset("\u200c\u200d")
_LAST_LATIN_OR_ACCENT = "\u036f"
_LINE_ENDS = re.compile("\r\n?|[\u2028\u2029\x85\x0b\x0c]")
_BLANKS_IN_A_LINE = re.compile(r"[^\S\n\u00a0\u202f]+")  # French puts no-break spaces before its punctuation
_BLANK_LINES = re.compile(r"\n{3,}")


def clean_text(text: str, *, multiline: bool = False) -> str:
    """
    This function will make a person's text safe to keep, compare and show, without changing what a reader sees.

    Returns: NFC, without control, zero-width and direction-override characters; runs of blanks are one space and
             both ends are bare. Lines survive only if `multiline`, at most one of them empty in a row.
             Joiners stay between two letters of a script that needs them (Persian, Hindi) and inside emoji.
    """
    text = unicodedata.normalize("NFC", _LINE_ENDS.sub("\n", text))
    visible = "".join(sign for at, sign in enumerate(text) if not _is_invisible(text, at))
    visible = unicodedata.normalize("NFC", visible)  # again: an accent may have waited behind something unseen
    if not multiline:
        return " ".join(visible.split())
    lines = (line.strip() for line in _BLANKS_IN_A_LINE.sub(" ", visible).split("\n"))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def _is_invisible(text: str, at: int) -> bool:
    sign = text[at]
    if sign in "\n\t":
        return False
    if sign in _JOINERS:
        return not (_takes_joiner(text[at - 1 : at]) and _takes_joiner(text[at + 1 : at + 2]))
    return sign in _BLANK_LETTERS or unicodedata.category(sign) in _INVISIBLE_CATEGORIES


def _takes_joiner(sign: str) -> bool:
    return (
        sign > _LAST_LATIN_OR_ACCENT and not sign.isspace() and unicodedata.category(sign) not in _INVISIBLE_CATEGORIES
    )
