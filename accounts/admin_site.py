"""Django's admin behind the site's own login: no second password form, and a second factor where staff need one."""

from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse  # noqa: TID251 # an admin site is an edge
from django.shortcuts import redirect  # noqa: TID251 # an admin site is an edge
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.cache import never_cache

# Libraries register these: roles take the place of groups, and people manage their own addresses and second factors.
_NOT_SHOWN = frozenset(
    {
        "auth.group",
        "account.emailaddress",
        "account.emailconfirmation",
        "mfa.authenticator",
        "socialaccount.socialaccount",
        "socialaccount.socialapp",  # the environment alone says whose accounts open this site
        "socialaccount.socialtoken",
    }
)


class ReadOnly:
    """The admin shows these rows; only actions write them."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 # an inline gets its parent
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 # Django passes it
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 # Django passes it
        return False


class StaffAdminSite(AdminSite):
    site_header = gettext_lazy("Keep4o administration")
    site_title = gettext_lazy("Keep4o administration")

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        models: list[Any] = [model_or_iterable] if isinstance(model_or_iterable, type) else list(model_or_iterable)
        shown = [model for model in models if model._meta.label_lower not in _NOT_SHOWN]  # noqa: SLF001 # Django documents it
        super().register(shown, admin_class, **options)

    def get_urls(self) -> list[Any]:
        """Django's addresses but "view on site": no row here has a page of its own, and a bad id there is a 500."""
        return [url for url in super().get_urls() if getattr(url, "name", None) != "view_on_site"]

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and not _lacks_second_factor(request)

    def login(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:  # noqa: ARG002 # Django passes it
        """This function will send strangers to the site's login, and staff without a second factor to set one up."""
        return _ask_to_sign_in(request)

    def password_change(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:  # type: ignore[override]  # noqa: ARG002 # the stubs know only a page
        """This function will send to the site's own page, which tells the owner of the account by mail."""
        return redirect("account_change_password")


@never_cache
def _ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return redirect_to_login(request.GET.get("next", reverse("admin:index")), reverse("account_login"))
    if request.user.is_staff and _lacks_second_factor(request):
        messages.warning(request, gettext("The administration needs a second factor. Set one up here, then go on."))
        return redirect("mfa_index")
    raise PermissionDenied


def _lacks_second_factor(request: HttpRequest) -> bool:
    return settings.STAFF_MFA_REQUIRED and not is_mfa_enabled(request.user)
