"""The pages of the testimonials app, all under the language prefix."""

from django.urls import URLPattern

app_name = "testimonials"
urlpatterns: list[URLPattern] = []
