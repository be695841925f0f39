"""The site itself as an app, so that the commands which need every app have a home."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "keep4o_site"
