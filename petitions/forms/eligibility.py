"""The words for who may sign, beside the field where it is not so."""

from collections.abc import Sequence

from django.utils.translation import get_language, gettext

from petitions.rules.countries import country_names
from petitions.rules.eligibility import EligibilityProblem

FIELD_OF_PROBLEM = {
    EligibilityProblem.DOMAIN: "email",
    EligibilityProblem.COUNTRY: "country",
    EligibilityProblem.COUNTRY_UNTOLD: "country",
}


def eligibility_sentence(problem: EligibilityProblem, *, domains: Sequence[str], countries: Sequence[str]) -> str:
    """This function will say, in the active language, why somebody cannot sign under the petition's rule."""
    if problem is EligibilityProblem.DOMAIN:
        return gettext("Only people with an address at one of these domains can sign: %(domains)s.") % {
            "domains": ", ".join(sorted(domains))
        }
    names = ", ".join(country_list(countries))
    if problem is EligibilityProblem.COUNTRY_UNTOLD:
        return gettext("Please name your country: only people of these countries can sign: %(countries)s.") % {
            "countries": names
        }
    return gettext("Only people of these countries can sign: %(countries)s.") % {"countries": names}


def country_list(codes: Sequence[str]) -> list[str]:
    """This function will name countries in the active language, in its order."""
    return [name for code, name in country_names(get_language() or "en").items() if code in codes]
