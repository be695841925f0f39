"""Django's entries for the accounts app and for Django's own admin, which accounts guards."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class AccountsConfig(AppConfig):
    name = "accounts"
    default = True
    default_auto_field = "django.db.models.BigAutoField"


class StaffAdminConfig(admin_apps.AdminConfig):
    default_site = "accounts.admin_site.StaffAdminSite"
    default = False
