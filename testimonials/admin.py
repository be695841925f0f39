"""What operators keep up to date by hand: lines of help and reasons for declining."""

from typing import ClassVar

from django.contrib import admin
from django.db import models

from testimonials.models import CrisisResource, ReasonCode, ReasonText


@admin.register(CrisisResource)
class CrisisResourceAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # Django's class takes none at run time
    list_display = ("name", "phone", "country", "language", "verified_at")
    list_filter = ("language", "country")
    ordering = ("language", "position")
    formfield_overrides: ClassVar = {models.URLField: {"assume_scheme": "https"}}


class ReasonTextInline(admin.TabularInline):  # type: ignore[type-arg]  # as above
    model = ReasonText
    extra = 0


@admin.register(ReasonCode)
class ReasonCodeAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # as above
    list_display = ("code", "position", "is_active")
    ordering = ("position",)
    inlines = (ReasonTextInline,)
