"""Signing and proving: what was typed comes in, one action decides, and the answer never tells about an address."""

from datetime import datetime

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.answers import secret_page, see_other
from accounts.decorators import same_origin_required
from accounts.tokens import BadToken
from petitions.actions.signing import (
    PetitionNotOpen,
    ProofLinkExpired,
    ProofTooLate,
    TypedSignature,
    sign_petition,
    verify_signature,
)
from petitions.forms import SigningForm
from petitions.models import Petition
from petitions.queries.links import open_proof_link
from petitions.queries.sealed import name_of
from petitions.queries.signing import ProofFacts, proof_facts
from petitions.rules.countries import country_names
from petitions.rules.signing import ProofState
from petitions.views.pages import find_page, grace_hours, render_petition

STATUS_OF_PROOF = {ProofState.READY: 200, ProofState.PROVED: 200, ProofState.EXPIRED: 410, ProofState.TOO_LATE: 410}


@require_POST
@never_cache
@same_origin_required
def sign(request: HttpRequest, slug: str) -> HttpResponse:
    form = SigningForm(request.POST)
    if not form.is_valid():
        return _petition_again(request, slug=slug, form=form)
    typed = TypedSignature(**form.cleaned_data)
    try:
        sign_petition(slug=slug, typed=typed, language=get_language() or "en", now=timezone.now())
    except Petition.DoesNotExist as error:
        raise Http404 from error
    except PetitionNotOpen:
        return _petition_again(request, slug=slug, form=form)
    return see_other("petitions:check-your-email", slug=slug)


@secret_page("GET", "HEAD", "POST")
def verify(request: HttpRequest, token: str) -> HttpResponse:
    """This function will show what is to be proved, and prove it on POST alone: mail scanners follow every link."""
    now = timezone.now()
    try:
        if request.method == "POST":
            petition = verify_signature(token=token, now=now)
            return see_other("petitions:thank-you", slug=petition.slug)
        return _render_proof(request, token=token, now=now)
    except BadToken:
        return render(request, "petitions/link_broken.html", status=404)
    except (ProofLinkExpired, ProofTooLate):
        return _render_proof(request, token=token, now=now)


def _petition_again(request: HttpRequest, *, slug: str, form: SigningForm) -> HttpResponse:
    """This function will show the petition with all that was typed: to correct it, or not to lose it."""
    page = find_page(slug)
    status = 422 if page.standing.takes_signatures else 409
    return render_petition(request, page=page, form=form, status=status)


def _render_proof(request: HttpRequest, *, token: str, now: datetime) -> HttpResponse:
    language = get_language() or "en"
    facts = proof_facts(link=open_proof_link(token=token, now=now), now=now, language=language)
    context = {
        "facts": facts,
        "state": facts.state.value,
        "lifetime_days": settings.PENDING_SIGNATURE_LIFETIME.days,
        "grace_hours": grace_hours(),
        **_typed(facts, language=language),
    }
    return render(request, "petitions/verify.html", context, status=STATUS_OF_PROOF[facts.state])


def _typed(facts: ProofFacts, *, language: str) -> dict[str, str]:
    if facts.attempt is None or facts.state is not ProofState.READY:
        return {}
    country = country_names(language).get(facts.attempt.country, "")
    return {"name": name_of(facts.attempt), "country": country}
