"""The pages of the accounts app, all under the language prefix."""

from django.urls import path

from accounts import views

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
]
