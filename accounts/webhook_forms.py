"""The form of a new webhook: its shape here, and words for what the site refuses to post to."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import CleanTextField
from outbox.webhook_targets import MAX_URL_CHARS, UrlProblem

URL_PROBLEMS = {
    UrlProblem.UNREADABLE: _(
        "This is no address that can be posted to. It should look like https://example.org/hooks."
    ),
    UrlProblem.NOT_SECURE: _("The address must begin with https://."),
    UrlProblem.CREDENTIALS: _("The address must hold no user name and no password. What we send is signed instead."),
    UrlProblem.PORT: _("Only the ports 443 and 8443 can be posted to."),
    UrlProblem.ADDRESS: _("This name leads to a network that is not the open internet, so nothing is posted there."),
    UrlProblem.NAME_UNKNOWN: _("This name was not found. Check how it is written, or try again in a few minutes."),
}


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
