"""The pages by which a supporter leaves: a signature, its name and address, its news."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language

from accounts.answers import secret_page, see_other
from accounts.tokens import BadToken
from petitions.actions.correcting import leave_news
from petitions.actions.leaving import SignatureGone, erase_signature, withdraw_signature
from petitions.models import Signature
from petitions.queries.my_signature import MySignature, my_signature, news_wish

LinkView = Callable[[HttpRequest, str], HttpResponse]


def explain_dead_links(view: LinkView) -> LinkView:
    """This function will answer 404 to a link that is none, and 410 to one whose signature is gone."""

    @wraps(view)
    def explained(request: HttpRequest, token: str) -> HttpResponse:
        try:
            return view(request, token)
        except BadToken:
            return render(request, "petitions/link_broken.html", status=404)
        except (SignatureGone, Signature.DoesNotExist):
            # Something typed came too late, from a tab that was still open.
            return render(request, "petitions/signature_gone.html", {"nothing_kept": bool(request.POST)}, status=410)

    return explained


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
    return my_signature(token=token, language=get_language() or "en", now=timezone.now())
