"""The cases of a petition in the hands of its organisers: preview, run, undo, discard. Each button is a POST of its own."""

from collections.abc import Callable
from datetime import UTC
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext, gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.decorators import signed_in_user, team_role_required
from accounts.roles import RUN_PETITIONS
from petitions.actions import cases
from petitions.models import CaseState, HeldReason, IntegrityCase, Petition, RemovalReason
from petitions.organiser_forms.integrity import CaseForm, UndoForm
from petitions.organiser_views.finding import own_petition
from petitions.organiser_views.integrity import console_head
from petitions.queries.cases import cases_of, sample_of
from petitions.queries.clusters import named_domains
from petitions.queries.counts import count_of
from petitions.rules.cases import FORGOTTEN, MOST_MEMBERS, Conditions
from petitions.rules.countries import country_names

CASES_PER_PAGE = 20
_REFUSALS = {
    cases.NoConditions: gettext_lazy("Give at least one condition: a case must not be the whole petition."),
    cases.NothingFound: gettext_lazy("No signature and no attempt meets these conditions. Nothing was made."),
    cases.TooManyFound: gettext_lazy(
        "More than 200,000 rows meet these conditions. Narrow them, or make several cases of shorter spans."
    ),
}
assert MOST_MEMBERS == 200_000  # the sentence above names it


@team_role_required(RUN_PETITIONS)
@require_http_methods(["GET", "HEAD"])
def integrity_cases(request: HttpRequest, slug: str) -> HttpResponse:
    petition = own_petition(request, slug)
    page = Paginator(cases_of(petition=petition), CASES_PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "organise/integrity/cases.html", {**console_head(request, petition, "cases"), "page": page})


@team_role_required(RUN_PETITIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def new_case(request: HttpRequest, slug: str) -> HttpResponse:
    petition = own_petition(request, slug)
    with timezone.override(UTC):  # the console's hours are UTC's, and so are the instants of a case
        form = _case_form(request, petition)
        if form.is_bound and form.is_valid():
            try:
                case = _preview(request, petition, form)
            except cases.CaseError as refusal:
                form.add_error(None, _REFUSALS[type(refusal)])
            else:
                return redirect("petitions:integrity-case", slug=slug, case_id=case.pk)
        context = {**console_head(request, petition, "cases"), "form": form}
        status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
        return render(request, "organise/integrity/new_case.html", context, status=status)


@team_role_required(RUN_PETITIONS)
@require_http_methods(["GET", "HEAD"])
def integrity_case(request: HttpRequest, slug: str, case_id: int) -> HttpResponse:
    petition = own_petition(request, slug)
    return _case_page(request, petition, _own_case(petition, case_id))


@team_role_required(RUN_PETITIONS)
@require_POST
def run_case(request: HttpRequest, slug: str, case_id: int) -> HttpResponse:
    return _step(request, slug, case_id, cases.run_case, gettext("The case runs. This page says how far it is."))


@team_role_required(RUN_PETITIONS)
@require_POST
def discard_case(request: HttpRequest, slug: str, case_id: int) -> HttpResponse:
    return _step(request, slug, case_id, cases.discard_case, gettext("The case is discarded. Nothing was removed."))


@team_role_required(RUN_PETITIONS)
@require_POST
def undo_case(request: HttpRequest, slug: str, case_id: int) -> HttpResponse:
    petition = own_petition(request, slug)
    case = _own_case(petition, case_id)
    form = UndoForm(request.POST)
    if not form.is_valid():
        return _case_page(request, petition, case, undo_form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    done = gettext("The case is being undone. This page says how far it is.")
    return _step(request, slug, case_id, cases.undo_case, done, reason=form.cleaned_data["reason"])


def _step(
    request: HttpRequest, slug: str, case_id: int, action: Callable[..., IntegrityCase], done: str, **said: str
) -> HttpResponse:
    petition = own_petition(request, slug)
    case = _own_case(petition, case_id)
    try:
        action(petition=petition, case_id=case.pk, actor=signed_in_user(request), now=timezone.now(), **said)
    except cases.IllegalCaseStep:
        case.refresh_from_db()
        return _case_page(request, petition, case, is_stale=True, status=HTTPStatus.CONFLICT)
    messages.success(request, done)
    return redirect("petitions:integrity-case", slug=slug, case_id=case_id)


def _own_case(petition: Petition, case_id: int) -> IntegrityCase:
    try:
        return cases_of(petition=petition).get(pk=case_id)
    except (IntegrityCase.DoesNotExist, OverflowError) as error:
        raise Http404 from error


def _case_form(request: HttpRequest, petition: Petition) -> CaseForm:
    given = request.POST if request.method == "POST" else request.GET
    digests = _digests(given.get("domain", ""))
    named = named_domains(petition_id=petition.pk, digests=digests)
    labels = {digest.hex(): name for digest, name in named.items()}
    if request.method == "POST":
        return CaseForm(request.POST, labels=labels)
    return CaseForm(initial={name: given[name] for name in CaseForm.base_fields if name in given}, labels=labels)


def _digests(text: str) -> set[bytes]:
    try:
        return {bytes.fromhex(text)} if text and text.isascii() else set()
    except ValueError:
        return set()


def _preview(request: HttpRequest, petition: Petition, form: CaseForm) -> IntegrityCase:
    return cases.preview_case(
        petition=petition,
        conditions=form.conditions(),
        reason=RemovalReason(form.cleaned_data["reason"]),
        note=form.cleaned_data["note"],
        actor=signed_in_user(request),
        now=timezone.now(),
    )


def _case_page(
    request: HttpRequest,
    petition: Petition,
    case: IntegrityCase,
    *,
    undo_form: UndoForm | None = None,
    is_stale: bool = False,
    status: int = 200,
) -> HttpResponse:
    conditions = Conditions.from_json(case.conditions)
    context = {
        **console_head(request, petition, "cases"),
        "case": case,
        "conditions": conditions,
        "words": _in_words(conditions, petition),
        "sample": [] if case.state == CaseState.DISCARDED else sample_of(case=case),
        "count": count_of(petition),
        "count_after": max(0, count_of(petition) - case.found_counted),
        "is_under_way": case.state in (CaseState.RUNNING, CaseState.UNDOING),
        "is_stale": is_stale,
        "undo_form": undo_form or UndoForm(),
    }
    return render(request, "organise/integrity/case.html", context, status=status)


def _in_words(conditions: Conditions, petition: Petition) -> dict[str, Any]:
    """This function will say in words what a condition keeps as a digest or a code."""
    digests = _digests(conditions.domain)
    domains = named_domains(petition_id=petition.pk, digests=digests)
    is_forgotten = conditions.network == FORGOTTEN
    is_reason = conditions.held in HeldReason.values
    return {
        "domain": next(iter(domains.values()), conditions.domain[:8]),
        "network": gettext("one network; which one is forgotten") if is_forgotten else conditions.network[:8],
        "country": country_names(get_language() or "en").get(conditions.country, conditions.country),
        "held": HeldReason(conditions.held).label if is_reason else gettext("for whatever reason"),
    }
