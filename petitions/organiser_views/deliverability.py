"""How mail fares: the whole site's by domain and hour, a petition's from the form to the proof; and who gets it again."""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods

from accounts.decorators import role_or_site_staff_required, signed_in_user, site_staff_required
from accounts.roles import RUN_PETITIONS
from outbox.statistics import MOST_MESSAGES, SMALLEST_NAMED_DOMAIN, mail_statistics, waiting_mail
from petitions.actions import mailing
from petitions.models import Petition
from petitions.organiser_forms.mail import LiftForm, PetitionChoiceForm
from petitions.queries.integrity_hours import HOUR, hour_of, integrity_hours
from petitions.queries.organising import petitions_for
from petitions.queries.proofs import proof_statistics
from petitions.queries.texts import petition_titles
from petitions.rules.mail_chart import mail_chart

SPAN = timedelta(days=7)
PATIENCE = timedelta(minutes=2)  # a message that is younger is simply on its way


@role_or_site_staff_required(RUN_PETITIONS)
@require_http_methods(["GET", "HEAD"])
def deliverability(request: HttpRequest) -> HttpResponse:
    now = timezone.now().astimezone(UTC)
    until = hour_of(now) + HOUR
    since = until - SPAN
    mail = mail_statistics(since=since, until=until)
    context = {
        "since": since,
        "mail": mail,
        "chart": mail_chart(mail.hours),
        "waiting": waiting_mail(owed_before=now - PATIENCE),
        "most": MOST_MESSAGES,
        "smallest": SMALLEST_NAMED_DOMAIN,
        **_chosen_petition(request, since=since, until=until),
    }
    with timezone.override(UTC):
        return render(request, "organise/deliverability.html", context)


@site_staff_required
@require_http_methods(["GET", "HEAD", "POST"])
def allow_mail_again(request: HttpRequest) -> HttpResponse:
    form = LiftForm(request.POST if request.method == "POST" else None)
    if not form.is_bound:
        return render(request, "organise/allow_mail_again.html", {"form": form})
    if not form.is_valid():
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return render(request, "organise/allow_mail_again.html", {"form": form}, status=status)
    mailing.allow_mail_again(**form.cleaned_data, actor=signed_in_user(request), now=timezone.now())
    messages.success(request, gettext("From now on, this site writes to that address, whatever was before."))
    return redirect("petitions:allow-mail-again")


def _chosen_petition(request: HttpRequest, *, since: datetime, until: datetime) -> dict[str, Any]:
    """This function will look into one of the visitor's petitions: the one that they chose, or the newest."""
    petitions = list(petitions_for(user=signed_in_user(request), roles=RUN_PETITIONS))
    if not petitions:
        if "petition" in request.GET:
            raise Http404
        return {}
    titles = petition_titles(petitions=petitions, language=get_language() or "en")
    choices = [(petition.slug, titles[petition.pk]) for petition in petitions]
    form = PetitionChoiceForm(request.GET if "petition" in request.GET else None, choices=choices)
    petition = _asked_for(form, petitions)
    hours = integrity_hours(petition_id=petition.pk, since=since, until=until)
    return {
        "form": form if form.is_bound else PetitionChoiceForm({"petition": petition.slug}, choices=choices),
        "petition": petition,
        "title": titles[petition.pk],
        "proofs": proof_statistics(petition_id=petition.pk, since=since, until=until),
        "hours": [hour for hour in hours if hour.attempts or hour.proved],
    }


def _asked_for(form: PetitionChoiceForm, petitions: list[Petition]) -> Petition:
    if not form.is_bound:
        return petitions[0]
    if not form.is_valid():
        raise Http404
    return next(petition for petition in petitions if petition.slug == form.cleaned_data["petition"])
