"""Where organisers arrive: the petitions of their teams, and the form that founds another one."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods

from accounts.decorators import signed_in_user, team_role_required
from accounts.roles import READ_EXPORTS, RUN_PETITIONS, teams_of
from petitions.actions import editing
from petitions.organiser_forms import NewPetitionForm
from petitions.queries.organising import organised_petitions


@team_role_required(READ_EXPORTS)
@require_http_methods(["GET", "HEAD"])
def organise(request: HttpRequest) -> HttpResponse:
    user = signed_in_user(request)
    listed = organised_petitions(user=user, roles=READ_EXPORTS, language=get_language() or "en", now=timezone.now())
    may_found = teams_of(user=user, roles=RUN_PETITIONS).exists()
    return render(request, "organise/organise.html", {"listed": listed, "may_found": may_found})


@team_role_required(RUN_PETITIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def new_petition(request: HttpRequest) -> HttpResponse:
    form = _new_petition_form(request)
    if form.is_bound and form.is_valid():
        try:
            petition = editing.create_petition(**form.cleaned_data, actor=signed_in_user(request), now=timezone.now())
        except editing.SlugTaken:
            form.add_error("slug", gettext("Another petition has this address already. Please choose another one."))
        else:
            messages.success(request, gettext("The petition is founded as a draft. Nobody outside the team sees it."))
            return redirect("petitions:organise-petition", slug=petition.slug)
    return render(request, "organise/new_petition.html", {"form": form}, status=422 if form.is_bound else 200)


def _new_petition_form(request: HttpRequest) -> NewPetitionForm:
    teams = teams_of(user=request.user, roles=RUN_PETITIONS).order_by("name", "pk")
    form = NewPetitionForm(
        request.POST if request.method == "POST" else None,
        initial={"team": teams.first(), "default_language": get_language(), "timezone": "UTC"},
    )
    form.fields["team"].queryset = teams  # type: ignore[attr-defined]  # it is a ModelChoiceField
    return form
