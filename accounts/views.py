"""One's own account, and the owners' pages: who is in the team and which programs may read its figures."""

from collections.abc import Mapping

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import actions
from accounts.decorators import signed_in_user, team_role_required
from accounts.forms import CreateTokenForm, GrantRoleForm, ProfileForm
from accounts.models import Role, Team
from accounts.queries import members_of, tokens_of
from accounts.roles import MANAGE_TEAM, MANAGE_TOKENS, teams_of


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def overview(request: HttpRequest) -> HttpResponse:
    user = signed_in_user(request)
    form = ProfileForm(
        request.POST if request.method == "POST" else None,
        initial={"display_name": user.display_name, "language": user.language},
    )
    if form.is_bound and form.is_valid():
        actions.change_profile(user=user, **form.cleaned_data)
        messages.success(request, gettext("Your profile is saved."))
        return redirect("accounts:overview")
    facts = {
        "addresses": EmailAddress.objects.filter(user=user).order_by("-primary", "email"),
        "second_factors": Authenticator.objects.filter(user=user).exclude(type="recovery_codes").count(),
        "second_factor_required": settings.STAFF_MFA_REQUIRED,
        "memberships": user.memberships.select_related("team").order_by("team__name", "pk"),
    }
    return render(request, "accounts/overview.html", {"form": form, **facts}, status=_status(form.is_bound))


@team_role_required(MANAGE_TEAM)
@require_http_methods(["GET", "HEAD"])
def team(request: HttpRequest, slug: str | None = None) -> HttpResponse:
    return _team_page(request, _chosen_team(request, MANAGE_TEAM, slug), GrantRoleForm())


@team_role_required(MANAGE_TEAM)
@require_POST
def grant(request: HttpRequest, slug: str) -> HttpResponse:
    chosen = _chosen_team(request, MANAGE_TEAM, slug)
    form = GrantRoleForm(request.POST)
    if not form.is_valid():
        return _team_page(request, chosen, form, status=422)
    actions.grant_role(
        team=chosen,
        actor=signed_in_user(request),
        language=get_language() or settings.LANGUAGE_CODE,
        now=timezone.now(),
        **form.cleaned_data,
    )
    messages.success(request, gettext("The role is granted. A message tells them how to sign in."))
    return redirect("accounts:team-of", chosen.slug)


@team_role_required(MANAGE_TEAM)
@require_POST
def revoke(request: HttpRequest, slug: str, membership_id: int) -> HttpResponse:
    chosen = _chosen_team(request, MANAGE_TEAM, slug)
    try:
        actions.revoke_role(team=chosen, actor=signed_in_user(request), membership_id=membership_id, now=timezone.now())
    except actions.LastOwnerStays:
        messages.error(request, gettext("A team keeps at least one owner. Make somebody else owner first."))
    except actions.RoleNotHeld:
        messages.info(request, gettext("This role had been removed already."))
    else:
        messages.success(request, gettext("The role is removed."))
    still_owner = teams_of(user=request.user, roles=MANAGE_TEAM).filter(pk=chosen.pk).exists()
    return redirect("accounts:team-of", chosen.slug) if still_owner else redirect("accounts:overview")


@team_role_required(MANAGE_TOKENS)
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest, slug: str | None = None) -> HttpResponse:
    chosen = _chosen_team(request, MANAGE_TOKENS, slug)
    form = CreateTokenForm(request.POST if request.method == "POST" else None)
    if not form.is_bound or not form.is_valid():
        return _tokens_page(request, chosen, {"form": form}, status=_status(form.is_bound))
    issued = actions.create_api_token(
        team=chosen, actor=signed_in_user(request), name=form.cleaned_data["name"], now=timezone.now()
    )
    # No redirect: the secret is kept nowhere, so this answer is the only place where it can be read.
    return _tokens_page(request, chosen, {"form": CreateTokenForm(), "issued": issued})


@team_role_required(MANAGE_TOKENS)
@require_POST
def revoke_token(request: HttpRequest, slug: str, token_id: int) -> HttpResponse:
    chosen = _chosen_team(request, MANAGE_TOKENS, slug)
    try:
        actions.revoke_api_token(team=chosen, actor=signed_in_user(request), token_id=token_id, now=timezone.now())
    except actions.TokenNotFound as error:
        raise Http404 from error
    messages.success(request, gettext("The token is revoked. It opens nothing any more."))
    return redirect("accounts:tokens-of", chosen.slug)


def _team_page(request: HttpRequest, chosen: Team, form: GrantRoleForm, status: int = 200) -> HttpResponse:
    context = {
        "team": chosen,
        "teams": teams_of(user=request.user, roles=MANAGE_TEAM).order_by("name", "pk"),
        "members": members_of(team=chosen),
        "form": form,
    }
    return render(request, "accounts/team.html", context, status=status)


def _tokens_page(request: HttpRequest, chosen: Team, extra: Mapping[str, object], status: int = 200) -> HttpResponse:
    context = {
        "team": chosen,
        "teams": teams_of(user=request.user, roles=MANAGE_TOKENS).order_by("name", "pk"),
        "tokens": tokens_of(team=chosen),
        **extra,
    }
    return render(request, "accounts/tokens.html", context, status=status)


def _chosen_team(request: HttpRequest, roles: frozenset[Role], slug: str | None) -> Team:
    """This function will find the named team, or the first one, among those in which the visitor holds a role."""
    teams = teams_of(user=request.user, roles=roles).order_by("name", "pk")
    first = teams.first() if slug is None else None
    return first or get_object_or_404(teams, slug=slug)


def _status(refused: bool) -> int:
    return 422 if refused else 200
