"""The page behind the link that was mailed: what was typed can be put right, and the button proves it."""

from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone

from accounts.answers import secret_page, see_other
from accounts.tokens import BadToken
from petitions.actions.signing import NotEligible, ProofLinkExpired, ProofTooLate, verify_signature
from petitions.actions.signing import renew_link as mail_new_link
from petitions.forms.details import ProofForm, initial_of
from petitions.models import PendingSignature, Petition
from petitions.queries.known import known_petition_of
from petitions.queries.links import ProofLink, open_proof_link, petition_of_cut_link
from petitions.queries.signed_details import typed_of
from petitions.queries.signing import ProofFacts, proof_facts
from petitions.rules.signing import ProofState
from petitions.rules.typed import TypedDetails
from petitions.views.pages import grace_hours
from petitions.views.proof_page import proof_page

STATUS_OF_PROOF = {ProofState.READY: 200, ProofState.PROVED: 200, ProofState.EXPIRED: 410, ProofState.TOO_LATE: 410}
_HTML = "text/html; charset=utf-8"


@secret_page("GET", "HEAD", "POST")
def verify(request: HttpRequest, token: str) -> HttpResponse:
    """This function will show what is to be proved, and prove it on POST alone: mail scanners follow every link."""
    now = timezone.now()
    try:
        link = open_proof_link(token=token, now=now)
    except BadToken:
        return _explain_cut_link(request, token=token)
    if request.method == "POST":
        return _prove(request, token=token, link=link, now=now)
    facts = proof_facts(link=link, now=now, language=request.LANGUAGE_CODE)
    if facts.attempt is None or facts.state is not ProofState.READY:
        return _render_proof(request, token=token, link=link, facts=facts, form=None, now=now)
    if request.META.get("QUERY_STRING"):  # it stands in the addresses of the other languages
        form = _form_for(facts.attempt, language=request.LANGUAGE_CODE)
        return _render_proof(request, token=token, link=link, facts=facts, form=form, now=now)
    page = proof_page(token=token, facts=facts, language=request.LANGUAGE_CODE)
    return HttpResponse(page.encode(), content_type=_HTML)


@secret_page("POST")
def renew_link(request: HttpRequest, token: str) -> HttpResponse:
    now = timezone.now()
    try:
        petition = mail_new_link(token=token, now=now)
    except BadToken:
        return _explain_cut_link(request, token=token)
    except (ProofLinkExpired, ProofTooLate):
        return _render_now(request, token=token, link=open_proof_link(token=token, now=now), now=now)
    return see_other("petitions:new-link-sent", slug=petition.slug)


@secret_page("GET", "HEAD")
def cut_link(request: HttpRequest, token: str = "", more: str = "") -> HttpResponse:  # noqa: ARG001 # it is not ours
    """This function will explain a link of which only the beginning is left, or that a mail program has made longer."""
    return _explain_cut_link(request, token=token)


def _prove(request: HttpRequest, *, token: str, link: ProofLink, now: datetime) -> HttpResponse:
    """This function will prove with what the form says now, or as it was typed where only the button was sent."""
    form = _sent_form(request, link=link) if "name" in request.POST else None
    if form is not None and not form.is_valid():
        facts = proof_facts(link=link, now=now, language=request.LANGUAGE_CODE)
        if facts.attempt and facts.state is ProofState.READY:
            again = _form_for(facts.attempt, language=request.LANGUAGE_CODE, sent=request.POST)
            return _render_proof(request, token=token, link=link, facts=facts, form=again, now=now)
        form = None  # there is nothing left to put right
    return _prove_with(request, token=token, link=link, form=form, now=now)


def _prove_with(
    request: HttpRequest, *, token: str, link: ProofLink, form: ProofForm | None, now: datetime
) -> HttpResponse:
    corrected: TypedDetails | None = form.typed if form else None
    try:
        petition = verify_signature(link=link, corrected=corrected, now=now)
    except NotEligible as refusal:
        facts = proof_facts(link=link, now=now, language=request.LANGUAGE_CODE)
        if form is None or facts.attempt is None:
            raise
        again = _form_for(facts.attempt, language=request.LANGUAGE_CODE, sent=request.POST)
        again.add_eligibility_error(refusal.problem)
        return _render_proof(request, token=token, link=link, facts=facts, form=again, now=now)
    except (ProofLinkExpired, ProofTooLate):
        return _render_now(request, token=token, link=link, now=now)
    return see_other("petitions:thank-you", slug=petition.slug)


def _sent_form(request: HttpRequest, *, link: ProofLink) -> ProofForm | None:
    """This function will read the form that was sent without reading the attempt: what it holds is what counts now."""
    try:
        known = known_petition_of(petition_id=link.petition_id)
    except Petition.DoesNotExist:
        return None
    return ProofForm(request.POST, asked=known.asked(language=request.LANGUAGE_CODE, said=request.POST))


def _form_for(attempt: PendingSignature, *, language: str, sent: QueryDict | None = None) -> ProofForm:
    """This function will make the form of an attempt, with what was typed then or, after an error, what was sent now."""
    typed = initial_of(typed_of(attempt))
    said = {**typed, **sent.dict()} if sent else typed
    asked = known_petition_of(petition_id=attempt.petition_id).asked(language=language, said=said)
    return ProofForm(sent, asked=asked, initial=typed)


def _render_now(request: HttpRequest, *, token: str, link: ProofLink, now: datetime) -> HttpResponse:
    """This function will show what a genuine link has turned out to be good for."""
    facts = proof_facts(link=link, now=now, language=request.LANGUAGE_CODE)
    return _render_proof(request, token=token, link=link, facts=facts, form=None, now=now)


def _render_proof(
    request: HttpRequest,
    *,
    token: str,
    link: ProofLink,
    facts: ProofFacts,
    form: ProofForm | None,
    now: datetime,
) -> HttpResponse:
    context = {
        "facts": facts,
        "state": facts.state.value,
        "form": form,
        "token": token,
        "is_renewable": now - link.made_at <= settings.PENDING_SIGNATURE_LIFETIME,
        "lifetime_days": settings.PROOF_LINK_LIFETIME.days,
        "kept_days": settings.PENDING_SIGNATURE_LIFETIME.days,
        "grace_hours": grace_hours(),
    }
    has_errors = form is not None and bool(form.errors)
    status = 422 if has_errors else STATUS_OF_PROOF[facts.state]
    return render(request, "petitions/verify.html", context, status=status)


def _explain_cut_link(request: HttpRequest, *, token: str) -> HttpResponse:
    """This function will show the way back to the petition that a broken link begins with, if that can be read."""
    context = {"found": petition_of_cut_link(token=token, language=request.LANGUAGE_CODE)}
    return render(request, "petitions/link_broken.html", context, status=404)
