"""The pages that need several apps, and the error pages."""

import sys
from email.utils import parseaddr

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.shortcuts import redirect, render
from django.template import loader
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language, get_language_from_request, override
from django.views.decorators.http import require_safe

from accounts.answers import public_page, take_the_rest
from accounts.decorators import may_lag
from campaigns.models import Campaign
from campaigns.queries.campaigns import public_campaign_cards
from keep4o_site.lost_database import answer_lost_database, is_lost_database
from keep4o_site.retention import retention_report
from petitions.queries.pages import listed_petitions, published_petitions
from petitions.rules.signing import MAILS_PER_DAY


@require_safe
def choose_language(request: HttpRequest) -> HttpResponse:
    """This function will send a visitor to the home page in the language that their browser asks for."""
    with override(get_language_from_request(request)):
        response = redirect(reverse("home"))
    patch_vary_headers(response, ["Accept-Language"])
    return response


@public_page()
@may_lag
def home(request: HttpRequest) -> HttpResponse:
    """This function will show the newest open petition as the hero, and the campaigns below it."""
    language = get_language() or settings.LANGUAGE_CODE
    newest = listed_petitions(published_petitions()[:1], language=language, now=timezone.now())
    featured = next(newest, None)
    context = {
        "featured": featured,
        "count_url": reverse("api:petition_count", args=[featured.petition.slug]) if featured else "",
        "campaigns": public_campaign_cards(language=language),
        "story_campaign": Campaign.objects.public().order_by("-created_at", "-id").first(),
    }
    return render(request, "home.html", context)


@public_page(keep_s=300)
def privacy(request: HttpRequest) -> HttpResponse:
    lifetimes = {
        "attempt_days": settings.PENDING_SIGNATURE_LIFETIME.days,
        "message_days": settings.DELIVERED_MESSAGE_RETENTION.days,
        "network_days": settings.NETWORK_RETENTION.days,
        "retention_days": settings.ADDRESS_RETENTION_AFTER_CLOSING.days,
    }
    forgotten = [line for line in retention_report(now=timezone.now()) if line.done]
    last_run_at = min((line.done.last_run_at for line in forgotten if line.done), default=None)
    return render(request, "privacy.html", {**lifetimes, "forgotten": forgotten, "last_run_at": last_run_at})


@public_page(keep_s=300)
def mail_help(request: HttpRequest) -> HttpResponse:
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    return render(request, "mail_help.html", {"sender": sender, "mails_per_day": MAILS_PER_DAY})


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 # Django passes it
    return render(request, "403.html", {"csrf_failed": True}, status=403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    take_the_rest(request)
    status = 413 if isinstance(exception, RequestDataTooBig) else 400
    return render(request, f"{status}.html", status=status)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 # Django passes it
    return render(request, "403.html", status=403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 # Django passes it
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """This function will answer what nobody foresaw; the page must not need what has just failed."""
    error = sys.exc_info()[1]
    if error is not None and is_lost_database(error):  # lost after the view: while its session was being kept
        return answer_lost_database(request, error)
    return HttpResponseServerError(loader.render_to_string("500.html"))
