"""The pages of the petitions app, all under the language prefix."""

from django.urls import URLPattern

app_name = "petitions"
urlpatterns: list[URLPattern] = []
