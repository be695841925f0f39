"""What makes two e-mail addresses one person. Plain Python; the data below is the whole policy."""

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
