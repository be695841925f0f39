"""What a petition asks beside name and address, and who may sign it."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from accounts.models import User
from petitions.actions.editing.common import audit, locked_petition
from petitions.actions.editing.errors import CountryNeeded, NobodyNamed
from petitions.models import Eligibility, Petition


@transaction.atomic
def change_asked(
    *,
    petition_id: int,
    asks_country: bool,
    asks_postcode: bool,
    asks_comment: bool,
    now: datetime,
    actor: User | None = None,
) -> Petition:
    """
    This function will set which of the site's own fields the signing form has; what was said already stays as it is.

    Raises:  CountryNeeded if the country would go while it says who may sign.
    Writes:  the petition and an audit row; nothing where nothing changes.
    """
    petition = locked_petition(petition_id=petition_id)
    if petition.who_may_sign == Eligibility.COUNTRIES and not asks_country:
        raise CountryNeeded
    asked = {"asks_country": asks_country, "asks_postcode": asks_postcode, "asks_comment": asks_comment}
    if not _set(petition, asked):
        return petition
    names = ", ".join(name.removeprefix("asks_") for name, is_asked in asked.items() if is_asked)
    audit(petition=petition, actor=actor, verb="petition.fields-changed", now=now, detail=names or "none")
    return petition


@transaction.atomic
def change_eligibility(
    *,
    petition_id: int,
    who_may_sign: Eligibility,
    allowed_domains: Sequence[str],
    allowed_countries: Sequence[str],
    now: datetime,
    actor: User | None = None,
) -> Petition:
    """
    This function will set who may sign from now on. Attempts that were made before still prove, and signatures stay.

    Args:    allowed_domains: in the form of rules.eligibility.ascii_domain.  allowed_countries: ISO codes. Both are kept
             whatever the rule, so that going back to it loses nothing.
    Raises:  NobodyNamed if the rule's own list is empty; CountryNeeded if it asks for a country and the form does not.
    Writes:  the petition and an audit row; nothing where nothing changes.
    """
    petition = locked_petition(petition_id=petition_id)
    lists = {Eligibility.DOMAINS: allowed_domains, Eligibility.COUNTRIES: allowed_countries}
    if who_may_sign in lists and not lists[who_may_sign]:
        raise NobodyNamed
    if who_may_sign == Eligibility.COUNTRIES and not petition.asks_country:
        raise CountryNeeded
    rule = {
        "who_may_sign": who_may_sign,
        "allowed_domains": sorted(set(allowed_domains)),
        "allowed_countries": sorted(set(allowed_countries)),
    }
    if _set(petition, rule):
        detail = f"{who_may_sign} {len(set(lists.get(who_may_sign, ())))}"
        audit(petition=petition, actor=actor, verb="petition.eligibility-changed", now=now, detail=detail)
    return petition


def _set(petition: Petition, values: Mapping[str, object]) -> bool:
    """This function will write what differs, and tell whether anything did."""
    changed = [name for name, value in values.items() if getattr(petition, name) != value]
    for name in changed:
        setattr(petition, name, values[name])
    if changed:
        petition.save(update_fields=changed)
    return bool(changed)
