"""The page behind a supporter's own link: all that is stored, put right, taken along, its news begun and ended."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, get_language_info

from accounts.answers import secret_page, see_other
from petitions.actions.correcting import (
    NoLongerEligible,
    SignatureChanged,
    SignatureNameless,
    correct_signature,
    join_news,
    leave_news_of_mine,
)
from petitions.forms.details import initial_of
from petitions.forms.eligibility import eligibility_sentence
from petitions.forms.my_signature import MySignatureForm, NewsForm
from petitions.queries.my_signature import MySignature
from petitions.queries.my_signature import my_signature as find_my_signature
from petitions.rules.countries import country_names
from petitions.views.leaving import explain_dead_links


@secret_page("GET", "HEAD", "POST")
@explain_dead_links
def my_signature(request: HttpRequest, token: str) -> HttpResponse:
    if request.method == "POST":
        return _correct(request, token)
    mine = _find(token)
    return _render_mine(request, token=token, mine=mine, form=_form_of(mine))


@secret_page("POST")
@explain_dead_links
def news(request: HttpRequest, token: str) -> HttpResponse:
    form = NewsForm(request.POST)
    if not form.is_valid():
        return _again(request, token, trouble="words", status=422)
    now = timezone.now()
    if not form.cleaned_data["wants_news"]:
        leave_news_of_mine(token=token, now=now)
        return _saved(token)
    consent_id = form.cleaned_data["news_consent"]
    try:
        join_news(token=token, language=_language(), consent_id=consent_id, now=now)
    except SignatureNameless:
        return _again(request, token, trouble="nameless")
    except SignatureChanged:
        return _again(request, token, trouble="words")
    return _saved(token)


@secret_page("GET", "HEAD")
@explain_dead_links
def download_signature(request: HttpRequest, token: str) -> HttpResponse:  # noqa: ARG001 # the link says it all
    mine = _find(token)
    options = {"ensure_ascii": False, "indent": 2}
    headers = {"Content-Disposition": f'attachment; filename="{mine.petition.slug}-signature.json"'}
    return JsonResponse(mine.as_record(), json_dumps_params=options, headers=headers)


def _correct(request: HttpRequest, token: str) -> HttpResponse:
    mine = _find(token, said=request.POST.dict())
    if mine.signature.erased_at is not None:
        return _again(request, token, trouble="nameless")
    form = _form_of(mine, data=request.POST)
    if not form.is_valid():
        return _render_mine(request, token=token, mine=mine, form=form, status=422)
    try:
        correct_signature(token=token, typed=form.typed, seen=form.seen, now=timezone.now())
    except SignatureNameless:
        return _again(request, token, trouble="nameless")
    except SignatureChanged:
        return _changed_meanwhile(request, token)
    except NoLongerEligible as error:
        petition = mine.petition
        sentence = eligibility_sentence(error.problem, domains=(), countries=petition.allowed_countries)
        form.add_error("country", sentence)
        return _render_mine(request, token=token, mine=mine, form=form, status=422)
    return _saved(token)


def _changed_meanwhile(request: HttpRequest, token: str) -> HttpResponse:
    """This function will show what is stored now beside what was typed, which is kept: saving again is on purpose."""
    mine = _find(token, said=request.POST.dict())
    form = _form_of(mine, data=request.POST)
    return _render_mine(request, token=token, mine=mine, form=form, trouble="changed", status=409)


def _again(request: HttpRequest, token: str, *, trouble: str, status: int = 409) -> HttpResponse:
    mine = _find(token)
    return _render_mine(request, token=token, mine=mine, form=_form_of(mine), trouble=trouble, status=status)


def _saved(token: str) -> HttpResponse:
    answer = see_other("petitions:my-signature", token=token)
    answer.headers["Location"] += "?saved=1"
    return answer


def _find(token: str, *, said: dict[str, Any] | None = None) -> MySignature:
    return find_my_signature(token=token, language=_language(), now=timezone.now(), said=said)


def _form_of(mine: MySignature, *, data: Any = None) -> MySignatureForm:
    return MySignatureForm(data, asked=mine.asked, initial=initial_of(mine.typed), seen=mine.seen)


def _render_mine(
    request: HttpRequest, *, token: str, mine: MySignature, form: MySignatureForm, trouble: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "mine": mine,
        "form": form,
        "token": token,
        "trouble": trouble,
        "country": country_names(_language()).get(mine.signature.country, ""),
        "form_language": get_language_info(mine.signature.language)["name_local"],
        "saved": "saved" in request.GET and not trouble,
    }
    return render(request, "petitions/my_signature.html", context, status=status)


def _language() -> str:
    return get_language() or "en"
