"""The pages behind a supporter's links: see the signature, correct it, take it along, end its news, leave."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language

from accounts.answers import secret_page, see_other
from accounts.tokens import BadToken
from petitions.actions.leaving import (
    SignatureGone,
    SignatureNameless,
    correct_signature,
    erase_signature,
    leave_news,
    withdraw_signature,
)
from petitions.forms import MySignatureForm
from petitions.models import Signature
from petitions.queries.my_signature import MySignature, news_wish
from petitions.queries.my_signature import my_signature as find_my_signature
from petitions.rules.countries import country_names

LinkView = Callable[[HttpRequest, str], HttpResponse]


def explain_dead_links(view: LinkView) -> LinkView:
    """This function will answer 404 to a link that is none, and 410 to one whose signature is gone."""

    @wraps(view)
    def explained(request: HttpRequest, token: str) -> HttpResponse:
        try:
            return view(request, token)
        except BadToken:
            return render(request, "petitions/link_broken.html", status=404)
        except (SignatureGone, SignatureNameless, Signature.DoesNotExist):
            return render(request, "petitions/signature_gone.html", status=410)

    return explained


@secret_page("GET", "HEAD", "POST")
@explain_dead_links
def my_signature(request: HttpRequest, token: str) -> HttpResponse:
    mine = _find(token)
    if request.method != "POST":
        return _render_mine(request, token=token, mine=mine, form=_form_of(mine))
    form = MySignatureForm(request.POST)
    if not form.is_valid():
        return _render_mine(request, token=token, mine=mine, form=form, status=422)
    correct_signature(token=token, **form.cleaned_data, now=timezone.now())
    answer = see_other("petitions:my-signature", token=token)
    answer.headers["Location"] += "?saved=1"
    return answer


@secret_page("GET", "HEAD")
@explain_dead_links
def download_signature(request: HttpRequest, token: str) -> HttpResponse:  # noqa: ARG001 # the link says it all
    mine = _find(token)
    options = {"ensure_ascii": False, "indent": 2}
    headers = {"Content-Disposition": f'attachment; filename="{mine.petition.slug}-signature.json"'}
    return JsonResponse(mine.as_record(), json_dumps_params=options, headers=headers)


@secret_page("GET", "HEAD", "POST")
@explain_dead_links
def withdraw(request: HttpRequest, token: str) -> HttpResponse:
    if request.method == "POST":
        withdraw_signature(token=token, now=timezone.now())
        return see_other("petitions:my-signature", token=token)
    return render(request, "petitions/withdraw.html", {"mine": _find(token), "token": token})


@secret_page("GET", "HEAD", "POST")
@explain_dead_links
def erase(request: HttpRequest, token: str) -> HttpResponse:
    if request.method == "POST":
        erase_signature(token=token, now=timezone.now())
        return see_other("petitions:my-signature", token=token)
    return render(request, "petitions/erase.html", {"mine": _find(token), "token": token})


@secret_page("GET", "HEAD", "POST")
@explain_dead_links
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """
    This function will end the news on POST, and answer that with a page and never with a redirect: RFC 8058.

    The POST comes from the button, or from a mail provider that has neither cookies nor an Origin.
    """
    if request.method == "POST":
        leave_news(token=token, now=timezone.now())
    wish = news_wish(token=token, language=get_language() or "en", now=timezone.now())
    return render(request, "petitions/unsubscribe.html", {"wish": wish})


def _find(token: str) -> MySignature:
    return find_my_signature(token=token, language=get_language() or "en", now=timezone.now())


def _form_of(mine: MySignature) -> MySignatureForm:
    row = mine.signature
    return MySignatureForm(initial={"name": mine.name, "country": row.country, "wants_news": row.wants_news})


def _render_mine(
    request: HttpRequest, *, token: str, mine: MySignature, form: MySignatureForm, status: int = 200
) -> HttpResponse:
    country = country_names(get_language() or "en").get(mine.signature.country, "")
    context = {
        "mine": mine,
        "form": form,
        "token": token,
        "country": country,
        "saved": "saved" in request.GET,
        "message_days": settings.DELIVERED_MESSAGE_RETENTION.days,
    }
    return render(request, "petitions/my_signature.html", context, status=status)
