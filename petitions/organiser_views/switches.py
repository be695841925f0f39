"""The switches of the site's staff: what they do while it is attacked. Each button is a POST of its own."""

from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.decorators import signed_in_user, site_staff_required
from outbox.models import SwitchName
from petitions.actions import switches as actions
from petitions.organiser_forms.switches import HoldForm, PauseSigningForm, StopBulkMailForm, WorkForm
from petitions.queries.switches import ShownSwitch, holds_in_force, latest_changes, shown_switches

_FORMS: dict[SwitchName, type[forms.Form]] = {
    SwitchName.PAUSE_SIGNING: PauseSigningForm,
    SwitchName.PROOF_OF_WORK: WorkForm,
    SwitchName.STOP_BULK_MAIL: StopBulkMailForm,
}


@site_staff_required
@require_http_methods(["GET", "HEAD"])
def switches(request: HttpRequest) -> HttpResponse:
    return _page(request)


@site_staff_required
@require_POST
def turn_switch_on(request: HttpRequest, name: str) -> HttpResponse:
    switch = _switch(name)
    form = _FORMS[switch](request.POST, prefix=switch.value)
    if not form.is_valid():
        return _page(request, refused={switch.value: form})
    actions.turn_switch_on(name=switch, actor=signed_in_user(request), now=timezone.now(), **form.cleaned_data)
    messages.success(request, gettext("The switch is on. Within five seconds the whole site follows."))
    return redirect("petitions:switches")


@site_staff_required
@require_POST
def turn_switch_off(request: HttpRequest, name: str) -> HttpResponse:
    actions.turn_switch_off(name=_switch(name), actor=signed_in_user(request), now=timezone.now())
    messages.success(request, gettext("The switch is off. Within five seconds the whole site follows."))
    return redirect("petitions:switches")


@site_staff_required
@require_POST
def begin_hold(request: HttpRequest) -> HttpResponse:
    form = HoldForm(request.POST, prefix="hold")
    if not form.is_valid():
        return _page(request, refused={"hold": form})
    said = form.cleaned_data
    act = actions.hold_network if "prefix" in said["target"] else actions.hold_domain
    act(
        **said["target"],
        petition=said["petition"],
        reason=said["reason"],
        actor=signed_in_user(request),
        now=timezone.now(),
    )
    messages.success(request, gettext("It is on hold. What comes from there waits until somebody has looked at it."))
    return redirect("petitions:switches")


@site_staff_required
@require_POST
def end_hold(request: HttpRequest, rule_id: int) -> HttpResponse:
    try:
        actions.end_hold(rule_id=rule_id, actor=signed_in_user(request), now=timezone.now())
    except actions.HoldNotFound:
        messages.info(request, gettext("This hold had ended already."))
    else:
        messages.success(request, gettext("The hold has ended. What it held still waits to be looked at."))
    return redirect("petitions:switches")


def _page(request: HttpRequest, *, refused: dict[str, forms.Form] | None = None) -> HttpResponse:
    refused = refused or {}
    switches = shown_switches()
    shown = {name.value: form(prefix=name.value, initial=_as_it_is(switches[name])) for name, form in _FORMS.items()}
    context: dict[str, Any] = {
        "switches": switches,
        "forms": {**shown, "hold": HoldForm(prefix="hold"), **refused},
        "failed_form": next(iter(refused.values()), None),
        "holds": holds_in_force(now=timezone.now()),
        "changes": latest_changes(),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK
    return render(request, "organise/switches.html", context, status=status)


def _as_it_is(switch: ShownSwitch) -> dict[str, Any]:
    return {"level": switch.level, "reason": switch.reason}


def _switch(name: str) -> SwitchName:
    try:
        return SwitchName(name)
    except ValueError as error:
        raise Http404 from error
