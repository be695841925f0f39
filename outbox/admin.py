"""What staff may see of the messages that left or failed: never to whom, never what they said."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from outbox.models import OutgoingMessage
from outbox.queue import try_again


@admin.register(OutgoingMessage)
class OutgoingMessageAdmin(admin.ModelAdmin):  # type: ignore[type-arg] # only the stubs know it as generic
    """A list to look at and one button; rows are made and changed by the outbox alone."""

    list_display = ("id", "kind", "state", "language", "priority", "attempts", "last_error", "age", "due_at", "sent_at")
    list_filter = ("state", "kind", "language")
    ordering = ("-id",)
    show_full_result_count = False
    fields = readonly_fields = (
        "kind", "state", "language", "priority", "attempts", "last_error", "created_at", "due_at", "sent_at",
        "delivered_at", "bounced_at", "complained_at",
    )  # fmt: skip
    actions = ("send_again",)

    @admin.display(description=_("age"), ordering="created_at")
    def age(self, message: OutgoingMessage) -> str:
        return timesince(message.created_at, depth=1)

    @admin.action(description=_("Try again to send the selected failed messages"), permissions=["view"])
    def send_again(self, request: HttpRequest, selected: QuerySet[OutgoingMessage]) -> None:
        count = try_again(message_ids=selected.values_list("pk", flat=True), now=timezone.now())
        text = ngettext("%(count)d message is due again.", "%(count)d messages are due again.", count)
        self.message_user(request, text % {"count": count}, messages.SUCCESS if count else messages.WARNING)

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 # Django's signature
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False
