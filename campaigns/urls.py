"""The pages of the campaigns app, all under the language prefix."""

from django.urls import URLPattern

app_name = "campaigns"
urlpatterns: list[URLPattern] = []
