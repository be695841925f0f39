"""Every address of the site. Pages live under their language; machines are served without one."""

from allauth.urls import build_provider_urlpatterns
from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from keep4o_site import dev_views, machine_views, retention_views, views
from keep4o_site.api import api
from outbox.webhooks import mail_webhook

urlpatterns: list[URLPattern | URLResolver] = [
    # Pages first, and among them the petitions': Django tries one after the other until one fits.
    *i18n_patterns(
        path("", include("petitions.urls")),
        path("", views.home, name="home"),
        path("privacy/", views.privacy, name="privacy"),
        path("organise/forgotten/", retention_views.forgotten, name="forgotten"),
        path("help/mail/", views.mail_help, name="mail-help"),
        path("accounts/", include("accounts.entrance_urls")),
        path("", include("accounts.urls")),
        path("", include("campaigns.urls")),
        path("", include("testimonials.urls")),
    ),
    path("", views.choose_language, name="choose-language"),
    path("api/v1/", api.urls),
    path("healthz", machine_views.healthz, name="healthz"),
    path("readyz", machine_views.readyz, name="readyz"),
    path("metrics", machine_views.metrics, name="metrics"),
    path(".well-known/security.txt", machine_views.security_txt, name="security-txt"),
    path("robots.txt", machine_views.robots_txt, name="robots-txt"),
    # As django-anymail's own documentation names it, so that its instructions for each provider hold.
    path("anymail/<slug:provider>/tracking/", mail_webhook, name="mail-webhook"),
    path("admin/", admin.site.urls),
    path("accounts/", include(build_provider_urlpatterns())),  # a provider knows one address, whatever the language
]
if settings.DEVELOPMENT:
    urlpatterns += [
        path("dev/mailbox/", dev_views.mailbox, name="dev-mailbox"),
        path("dev/mailbox/<str:name>/", dev_views.mail, name="dev-mail"),
        path("dev/mailbox/<str:name>/html/", dev_views.mail_html, name="dev-mail-html"),
        *i18n_patterns(path("dev/styleguide/", dev_views.styleguide, name="dev-styleguide")),
        path("dev/styleguide/", dev_views.styleguide_entry),
    ]

handler400 = "keep4o_site.views.bad_request"
handler403 = "keep4o_site.views.permission_denied"
handler404 = "keep4o_site.views.page_not_found"
handler500 = "keep4o_site.views.server_error"
