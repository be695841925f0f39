"""Which petition a page is about, and what every page of the organisers says of it."""

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import get_language

from accounts.decorators import signed_in_user
from accounts.models import Role
from accounts.roles import READ_EXPORTS, RUN_PETITIONS
from petitions.models import Petition
from petitions.queries.organising import petitions_for
from petitions.queries.texts import petition_title


def own_petition(request: HttpRequest, slug: str, *, roles: frozenset[Role] = RUN_PETITIONS) -> Petition:
    """This function will find a petition of a team in which the visitor holds one of the roles, or answer 404."""
    return get_object_or_404(petitions_for(user=signed_in_user(request), roles=roles), slug=slug)


def head_of(request: HttpRequest, petition: Petition) -> dict[str, Any]:
    """This function will name the petition to a page, and say which of the pages above it the visitor may open."""
    user = signed_in_user(request)
    return {
        "petition": petition,
        "title": petition_title(petition=petition, language=get_language() or "en"),
        "may_change": petitions_for(user=user, roles=RUN_PETITIONS).filter(pk=petition.pk).exists(),
        "may_organise": petitions_for(user=user, roles=READ_EXPORTS).exists(),
    }
