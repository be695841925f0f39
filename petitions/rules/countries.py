"""The countries of the world by their names. Plain Python."""

import unicodedata
from functools import lru_cache

from babel import Locale

# In CLDR, but no country: unions, pseudo-regions, and islands that ISO 3166-1 only reserves a code for.
_NO_COUNTRIES = frozenset({"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"})


@lru_cache(maxsize=8)
def country_names(language: str) -> dict[str, str]:
    """This function will name every country (ISO 3166-1, and Kosovo) in a language, in that language's order."""
    territories = Locale.parse(language, sep="-").territories
    names = {code: name for code, name in territories.items() if _is_country(code)}
    return dict(sorted(names.items(), key=lambda pair: _collation_key(pair[1])))


def _is_country(code: str) -> bool:
    return len(code) == 2 and code.isalpha() and code not in _NO_COUNTRIES


def _collation_key(name: str) -> str:
    """This function will sort É with E, as readers of both languages look it up."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", name) if not unicodedata.combining(sign)).casefold()
