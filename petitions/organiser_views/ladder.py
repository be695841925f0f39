"""The ladder of a petition: what a change will do is shown first, and saved only as it was shown."""

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from accounts.decorators import signed_in_user, team_role_required
from accounts.roles import RUN_PETITIONS
from petitions.actions import editing
from petitions.models import Petition
from petitions.organiser_forms import LadderForm, as_lines, as_shown
from petitions.organiser_views.finding import head_of, own_petition
from petitions.queries.counts import count_of
from petitions.queries.ladders import effect_of, ladder_history
from petitions.queries.organising import milestones_reached
from petitions.rules.ladder import LadderEffect


@team_role_required(RUN_PETITIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def change_ladder(request: HttpRequest, slug: str) -> HttpResponse:
    petition = own_petition(request, slug)
    if request.method != "POST":
        fresh = LadderForm(initial={"ladder": as_lines(petition.ladder), "seen": as_shown(petition.ladder)})
        return _page(request, petition, fresh)
    form = LadderForm(request.POST)
    if not form.is_valid():
        return _page(request, petition, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return _save(request, petition, form) if form.was_previewed else _preview(request, petition, form)


def _save(request: HttpRequest, petition: Petition, form: LadderForm) -> HttpResponse:
    steps, seen, foreseen = (form.cleaned_data[name] for name in ("ladder", "seen", "foreseen"))
    try:
        change = editing.change_ladder(
            petition_id=petition.pk,
            ladder=steps,
            seen=seen,
            foreseen=foreseen,
            actor=signed_in_user(request),
            now=timezone.now(),
        )
    except (editing.StaleLadder, editing.LadderOvertaken) as error:
        petition.refresh_from_db()
        return _preview(request, petition, form, refusal=_reason(error))
    messages.success(request, gettext("The steps are saved.") if change else gettext("The ladder is as it was."))
    return redirect("petitions:change-ladder", slug=petition.slug)


def _preview(request: HttpRequest, petition: Petition, form: LadderForm, *, refusal: str = "") -> HttpResponse:
    steps = form.cleaned_data["ladder"]
    if not refusal and set(form.cleaned_data["seen"]) != set(petition.ladder):
        refusal = _reason(editing.StaleLadder())
    effect = effect_of(petition=petition, ladder=steps)
    shown = {"seen": petition.ladder, "previewed": steps, "foreseen": effect.passed}
    form = LadderForm({"ladder": form.data["ladder"], **{name: as_shown(each) for name, each in shown.items()}})
    status = HTTPStatus.CONFLICT if refusal else HTTPStatus.OK
    return _page(request, petition, form, effect=effect, refusal=refusal, status=status)


def _reason(error: editing.EditingError) -> str:
    if isinstance(error, editing.StaleLadder):
        return gettext(
            "Somebody has saved another ladder in the meantime. It is shown below, with what your steps would now do to it."
        )
    return gettext("The count has moved on in the meantime, so that your steps would now do something else.")


def _page(
    request: HttpRequest,
    petition: Petition,
    form: LadderForm,
    *,
    effect: LadderEffect | None = None,
    refusal: str = "",
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    context = {
        **head_of(request, petition),
        "form": form,
        "effect": effect,
        "refusal": refusal,
        "count": count_of(petition),
        "milestones": milestones_reached(petition=petition),
        "history": ladder_history(petition=petition),
    }
    with timezone.override(petition.timezone):
        return render(request, "organise/ladder.html", context, status=status)
