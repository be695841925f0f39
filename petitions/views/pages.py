"""Pages that are the same for everybody: the list, the petition, its record, and what follows signing."""

from datetime import timedelta

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language

from accounts.answers import keep_words_briefly, public_page
from accounts.decorators import may_lag
from petitions.forms import SigningForm
from petitions.models import Petition
from petitions.queries.history import published_versions
from petitions.queries.pages import PetitionPage, listed_petitions, petition_page, published_petitions
from petitions.queries.public_integrity import public_integrity
from petitions.rules.signing import MAILS_PER_DAY
from petitions.views.evidence import form_defence

PETITIONS_PER_PAGE = 20


@public_page()
@may_lag
def petition_list(request: HttpRequest) -> HttpResponse:
    page = Paginator(published_petitions(), PETITIONS_PER_PAGE).get_page(request.GET.get("page"))
    listed = listed_petitions(page.object_list, language=_language(), now=timezone.now())
    return render(request, "petitions/petition_list.html", {"page": page, "listed": list(listed)})


@public_page()
@may_lag
def petition_detail(request: HttpRequest, slug: str) -> HttpResponse:
    page = find_page(slug)
    response = render_petition(request, page=page, form=SigningForm(asked=page.asked))
    if page.petition.asks_comment:
        keep_words_briefly(response)
    return response


@public_page()
def check_your_email(request: HttpRequest, slug: str) -> HttpResponse:
    return render(request, "petitions/check_your_email.html", _mail_context(find_page(slug)))


@public_page()
def new_link_sent(request: HttpRequest, slug: str) -> HttpResponse:
    return render(request, "petitions/new_link_sent.html", _mail_context(find_page(slug)))


@public_page()
def thank_you(request: HttpRequest, slug: str) -> HttpResponse:
    return render(request, "petitions/thank_you.html", _petition_context(find_page(slug)))


@public_page()
@may_lag
def petition_history(request: HttpRequest, slug: str) -> HttpResponse:
    page = find_page(slug)
    versions = published_versions(petition=page.petition)
    return render(request, "petitions/petition_history.html", {"page": page, "versions": versions})


@public_page()
def petition_integrity(request: HttpRequest, slug: str) -> HttpResponse:
    page = find_page(slug)
    integrity = public_integrity(petition=page.petition, now=timezone.now())
    return render(request, "petitions/petition_integrity.html", {"page": page, "integrity": integrity})


def find_page(slug: str) -> PetitionPage:
    try:
        return petition_page(slug=slug, language=_language(), now=timezone.now())
    except Petition.DoesNotExist as error:
        raise Http404 from error


def render_petition(request: HttpRequest, *, page: PetitionPage, form: SigningForm, status: int = 200) -> HttpResponse:
    defence = form_defence(request, slug=page.petition.slug, now=timezone.now())
    context = {**_petition_context(page), "form": form, "defence": defence}
    return render(request, "petitions/petition_detail.html", context, status=status)


def _mail_context(page: PetitionPage) -> dict[str, object]:
    return {
        "page": page,
        "lifetime_days": settings.PROOF_LINK_LIFETIME.days,
        "kept_days": settings.PENDING_SIGNATURE_LIFETIME.days,
        "mails_per_day": MAILS_PER_DAY,
    }


def _petition_context(page: PetitionPage) -> dict[str, object]:
    # The contract's address; the API is mounted by the site, which this app does not know.
    count_url = f"/api/v1/petitions/{page.petition.slug}/count"
    return {"page": page, "count_url": count_url, "grace_hours": grace_hours()}


def grace_hours() -> int:
    return round(settings.SIGNING_GRACE_AFTER_CLOSING / timedelta(hours=1))


def _language() -> str:
    return get_language() or "en"
