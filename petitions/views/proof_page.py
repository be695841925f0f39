"""The page of a link that is good. All that it shows is the petition's, but for what its signer has typed."""

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import override

from petitions.forms.details import ProofForm, initial_of
from petitions.forms.fields import choose_country
from petitions.models import Petition
from petitions.queries.asking import Asked, field_name_of
from petitions.queries.signed_details import typed_of
from petitions.queries.signing import ProofFacts
from petitions.rules.signing import ProofState
from petitions.rules.typed import TypedDetails
from petitions.views.stencils import Stencil, gap

MOST_KEPT = 128  # pages of 15 kB; one petition has a few of them, by language and by what is ticked


def proof_page(*, token: str, facts: ProofFacts, language: str) -> str:
    """This function will show what a link proves, as `petitions/verify.html` draws it while the link is READY."""
    assert facts.attempt is not None  # all three are there while it is
    assert facts.petition is not None
    assert facts.known is not None
    typed = typed_of(facts.attempt)
    initial = initial_of(typed)
    own = {field: initial[field] for field in _text_fields(typed) if initial[field]}
    answered = initial if typed.choices or typed.answers else None
    asked = facts.known.asked(language=language, said=answered)
    drawn = _drawn(
        language=language,
        slug=facts.petition.slug,
        title=facts.title,
        addressee=facts.petition.addressee,
        asked=asked,
        initial=tuple({**initial, "country": "", **{field: gap(field) for field in own}}.items()),
    )
    stencil = _stencil(drawn, country=typed.country if asked.country else "")
    return stencil.filled({**own, "token": token})


def _text_fields(typed: TypedDetails) -> tuple[str, ...]:
    """This function will name the fields into which a person writes; in all others they choose."""
    return ("name", "postcode", "comment", *(field_name_of(question_id) for question_id in typed.answers))


@lru_cache(maxsize=MOST_KEPT)
def _stencil(drawn: str, *, country: str) -> Stencil:
    """This function will choose a country on a page that was drawn without one: most signers share theirs with many."""
    return Stencil(choose_country(drawn, country))


@lru_cache(maxsize=MOST_KEPT)
def _drawn(
    *, language: str, slug: str, title: str, addressee: str, asked: Asked, initial: tuple[tuple[str, Any], ...]
) -> str:
    """This function will draw the page for all who chose the same; what a person wrote is not among its arguments."""
    context = {
        "facts": ProofFacts(state=ProofState.READY, petition=Petition(slug=slug, addressee=addressee), title=title),
        "state": ProofState.READY.value,
        "form": ProofForm(asked=asked, initial=dict(initial)),
        "kept_days": settings.PENDING_SIGNATURE_LIFETIME.days,
    }
    with override(language):
        return render_to_string("petitions/verify.html", context, request=_any_request())


def _any_request() -> HttpRequest:
    """This function will stand for the requests of all these links: their pages name their own address."""
    request = HttpRequest()
    request.path = request.path_info = reverse("petitions:verify", kwargs={"token": gap("token")})
    return request
