"""The ways into an account, all under the language prefix: allauth's, and ours where it needs a rule of this site."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from accounts import entrance_views

urlpatterns: list[URLPattern | URLResolver] = [
    path("login/code/confirm/", entrance_views.confirm_login_code, name="account_confirm_login_code"),
    path("", include("allauth.account.urls")),
    path("2fa/", include("allauth.mfa.urls")),
]
if settings.SOCIAL_PROVIDER_APPS:
    urlpatterns += [path("3rdparty/", include("allauth.socialaccount.urls"))]
