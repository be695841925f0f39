"""The pages of who signs with an account: personal ones, kept by nobody, beside the public ones that know no visitor."""

from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.answers import see_other
from accounts.decorators import signed_in_user
from petitions.actions.account_signing import AddressNotProved, sign_with_account
from petitions.actions.defence import judge_attempt
from petitions.actions.signing import NotEligible, PetitionNotOpen, TypedSignature
from petitions.forms.account_signing import AccountSigningForm
from petitions.models import Petition
from petitions.queries.account_signatures import proved_addresses, signatures_of
from petitions.queries.asking import asked_of, petitions_asking
from petitions.queries.pages import PetitionPage
from petitions.views.evidence import evidence_of, form_defence
from petitions.views.pages import find_page


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def sign_with_own_address(request: HttpRequest, slug: str) -> HttpResponse:
    page = find_page(slug)
    form = _form_for(request, slug=slug)
    if request.method != "POST":
        return _render(request, page=page, form=form)
    if not form.is_valid():
        return _render(request, page=page, form=form, status=422)
    try:
        _sign(request, slug=slug, form=form, now=timezone.now())
    except NotEligible as refusal:
        form.add_eligibility_error(refusal.problem)
        return _render(request, page=page, form=form, status=422)
    except AddressNotProved:
        # It was taken off the account while the page was open: the form now offers what is left.
        return _render(request, page=page, form=_form_for(request, slug=slug), status=422)
    except PetitionNotOpen:
        return _render(request, page=find_page(slug), form=form, status=409)
    return see_other("petitions:thank-you", slug=slug)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD"])
def my_signatures(request: HttpRequest) -> HttpResponse:
    addresses = proved_addresses(user=signed_in_user(request))
    found = signatures_of(addresses=addresses, language=_language(), now=timezone.now())
    return render(request, "petitions/my_signatures.html", {"signatures": found, "addresses": addresses})


def _sign(request: HttpRequest, *, slug: str, form: AccountSigningForm, now: datetime) -> None:
    address = form.cleaned_data["email"]
    sign_with_account(
        slug=slug,
        user=signed_in_user(request),
        typed=TypedSignature.of(form.typed, email=address),
        judgement=judge_attempt(slug=slug, evidence=evidence_of(request, address=address), now=now),
        language=_language(),
        now=now,
    )


def _form_for(request: HttpRequest, *, slug: str) -> AccountSigningForm:
    user = signed_in_user(request)
    try:
        petition = petitions_asking().get(slug=slug)
    except Petition.DoesNotExist as error:
        raise Http404 from error
    return AccountSigningForm(
        request.POST if request.method == "POST" else None,
        asked=asked_of(petition=petition, language=_language(), said=request.POST),
        addresses=proved_addresses(user=user),
        initial={"name": user.display_name},
    )


def _render(request: HttpRequest, *, page: PetitionPage, form: AccountSigningForm, status: int = 200) -> HttpResponse:
    context = {
        "page": page,
        "form": form,
        "addresses": proved_addresses(user=signed_in_user(request)),
        "defence": form_defence(request, slug=page.petition.slug, now=timezone.now()),
    }
    return render(request, "petitions/sign_with_account.html", context, status=status)


def _language() -> str:
    return get_language() or "en"
