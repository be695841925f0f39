"""What makes two e-mail addresses one person, by rules that are data; and what is safe to keep of a text. Plain Python."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import idna


@dataclass(frozen=True, kw_only=True)
class MailDomainRule:
    """How one provider reads the part before the @."""

    ignores_dots: bool = False
    tag_signs: str = "+"
    same_as: str = ""


DEFAULT_RULE = MailDomainRule()
MailRules = Mapping[str, MailDomainRule]
_TAG_SIGNS = frozenset("+-=_#")


class RuleProblem(StrEnum):
    """Why a rule cannot be one."""

    NO_DOMAIN = "no_domain"
    TAG_SIGNS = "tag_signs"
    ALIAS_OF_ALIAS = "alias_of_alias"


def canonical_address(address: str, *, rules: MailRules) -> str:
    """
    This function will reduce an address to the form that stands for its owner.

    Args:    address: already validated as an e-mail address; mail itself always goes to what was typed.
             rules: by ASCII domain; a domain without a rule has DEFAULT_RULE.
    Returns: lower case, IDNA domain, without what the provider ignores: `A.Lice+x@GoogleMail.com` → `alice@gmail.com`.
    """
    local, _, domain = address.strip().rpartition("@")
    domain = ascii_domain(domain)
    rule = rules.get(domain, DEFAULT_RULE)
    if rule.same_as:
        domain = rule.same_as
        rule = rules.get(domain, DEFAULT_RULE)
    return f"{_canonical_local(local.casefold(), rule)}@{domain}"


def ascii_domain(domain: str) -> str:
    """This function will write a domain as the name system knows it: `Élan.FR.` → `xn--lan-9la.fr`."""
    domain = domain.strip().rstrip(".").lower()
    return domain if domain.isascii() else idna.encode(domain, uts46=True).decode()


def rules_from_json(stored: Mapping[str, Mapping[str, Any]]) -> dict[str, MailDomainRule]:
    """This function will read the rules of one version as they are kept."""
    return {domain: MailDomainRule(**facts) for domain, facts in stored.items()}


def rules_as_json(rules: MailRules) -> dict[str, dict[str, Any]]:
    """This function will write rules as they are kept."""
    return {domain: asdict(rule) for domain, rule in rules.items()}


def rule_problem(*, domain: str, rule: MailDomainRule, others: Iterable[tuple[str, str]]) -> RuleProblem | None:
    """
    This function will find what keeps a rule from being one, or None.

    Args: others: each other rule's domain and what it is the same as; an alias must lead to a mailbox in one step.
    """
    if not all(_is_ascii_domain(name) for name in (domain, rule.same_as) if name) or not domain:
        return RuleProblem.NO_DOMAIN
    if not _TAG_SIGNS.issuperset(rule.tag_signs):
        return RuleProblem.TAG_SIGNS
    aliases = {name for name, target in others if target}
    targets = {target for _, target in others if target}
    is_chained = rule.same_as and (rule.same_as in aliases or rule.same_as == domain or domain in targets)
    return RuleProblem.ALIAS_OF_ALIAS if is_chained else None


def _is_ascii_domain(domain: str) -> bool:
    return re.fullmatch(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}", domain) is not None


def _canonical_local(local: str, rule: MailDomainRule) -> str:
    for sign in rule.tag_signs:
        local = local.split(sign, 1)[0] or local
    return (local.replace(".", "") or local) if rule.ignores_dots else local


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
    if text.isprintable() and _BLANK_LETTERS.isdisjoint(text):  # most texts: all is seen, and all of it in one line
        return " ".join(unicodedata.normalize("NFC", text).split())
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
