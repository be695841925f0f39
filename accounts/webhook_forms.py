"""The form of a new webhook: its shape. Where it leads is for the action to judge."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import CleanTextField
from outbox.webhook_targets import MAX_URL_CHARS


class AddWebhookForm(forms.Form):
    """Where events shall go, and what for."""

    url = forms.CharField(
        label=_("Address"),
        max_length=MAX_URL_CHARS,
        help_text=_("It begins with https://. We keep it encrypted; your team sees it without what follows a “?”."),
        widget=forms.URLInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}),
    )
    description = CleanTextField(
        label=_("What it is for"), max_length=80, help_text=_("So that your team knows it again, say “our newsletter”.")
    )
