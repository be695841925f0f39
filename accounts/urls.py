"""The pages of the accounts app, all under the language prefix."""

from django.urls import URLPattern

app_name = "accounts"
urlpatterns: list[URLPattern] = []
