"""The pages of the accounts app, all under the language prefix."""

from django.urls import path

from accounts import views, webhook_views

app_name = "accounts"
urlpatterns = [
    path("accounts/", views.overview, name="overview"),
    path("organise/team/", views.team, name="team"),
    path("organise/team/<slug:slug>/", views.team, name="team-of"),
    path("organise/team/<slug:slug>/roles/", views.grant, name="grant-role"),
    path("organise/team/<slug:slug>/roles/<int:membership_id>/remove/", views.revoke, name="revoke-role"),
    path("organise/tokens/", views.tokens, name="tokens"),
    path("organise/tokens/<slug:slug>/", views.tokens, name="tokens-of"),
    path("organise/tokens/<slug:slug>/<int:token_id>/revoke/", views.revoke_token, name="revoke-token"),
    path("organise/webhooks/", webhook_views.webhooks, name="webhooks"),
    path("organise/webhooks/<slug:slug>/", webhook_views.webhooks, name="webhooks-of"),
    path("organise/webhooks/<slug:slug>/<int:endpoint_id>/", webhook_views.webhook, name="webhook"),
    path(
        "organise/webhooks/<slug:slug>/<int:endpoint_id>/secret/",
        webhook_views.reveal_webhook_secret,
        name="reveal-webhook-secret",
    ),
    path(
        "organise/webhooks/<slug:slug>/<int:endpoint_id>/secret/rotate/",
        webhook_views.rotate_webhook_secret,
        name="rotate-webhook-secret",
    ),
    path("organise/webhooks/<slug:slug>/<int:endpoint_id>/test/", webhook_views.test_webhook, name="test-webhook"),
    path(
        "organise/webhooks/<slug:slug>/<int:endpoint_id>/disable/",
        webhook_views.disable_webhook,
        name="disable-webhook",
    ),
    path(
        "organise/webhooks/<slug:slug>/<int:endpoint_id>/enable/", webhook_views.enable_webhook, name="enable-webhook"
    ),
    path(
        "organise/webhooks/<slug:slug>/<int:endpoint_id>/delete/", webhook_views.delete_webhook, name="delete-webhook"
    ),
    path(
        "organise/webhooks/<slug:slug>/<int:endpoint_id>/events/<int:event_id>/again/",
        webhook_views.resend_webhook,
        name="resend-webhook",
    ),
]
