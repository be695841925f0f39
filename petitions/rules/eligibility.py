"""Who may sign a petition, as far as a form can tell. Each rule is public. Plain Python."""

from collections.abc import Collection
from enum import StrEnum

import idna


class EligibilityProblem(StrEnum):
    """Why what was typed does not meet the petition's rule."""

    DOMAIN = "domain"
    COUNTRY = "country"
    COUNTRY_UNTOLD = "country_untold"


def eligibility_problem(
    *, who_may_sign: str, domains: Collection[str], countries: Collection[str], address: str, country: str
) -> EligibilityProblem | None:
    """This function will find what keeps somebody from signing under the petition's rule, or None."""
    if who_may_sign == "domains":
        allowed = {ascii_domain(domain) for domain in domains}
        return None if ascii_domain(address.rpartition("@")[2]) in allowed else EligibilityProblem.DOMAIN
    if who_may_sign == "countries" and country not in countries:
        return EligibilityProblem.COUNTRY if country else EligibilityProblem.COUNTRY_UNTOLD
    return None


def ascii_domain(domain: str) -> str:
    """This function will write a domain in the one form by which two are compared."""
    plain = domain.strip().rstrip(".").casefold()
    try:
        return plain if plain.isascii() else idna.encode(plain, uts46=True).decode()
    except idna.IDNAError:
        return plain
