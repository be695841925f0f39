"""What operators keep up to date by hand: lines of help and reasons for declining."""

from django.contrib import admin

from testimonials.models import CrisisResource, ReasonCode, ReasonText


@admin.register(CrisisResource)
class CrisisResourceAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # Django's class takes none at run time
    list_display = ("name", "phone", "country", "language", "verified_at")
    list_filter = ("language", "country")
    ordering = ("language", "position")


class ReasonTextInline(admin.TabularInline):  # type: ignore[type-arg]  # as above
    model = ReasonText
    extra = 0


@admin.register(ReasonCode)
class ReasonCodeAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # as above
    list_display = ("code", "position", "is_active")
    ordering = ("position",)
    inlines = (ReasonTextInline,)
