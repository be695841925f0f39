"""Correcting a signature that was proved, and asking for its news."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from petitions.forms.details import DetailsForm
from petitions.forms.fields import NewsField
from petitions.queries.asking import Asked


class SeenField(forms.CharField):
    """What was stored when the page was made; always shown as it is now, so that saving again is on purpose."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, max_length=64, widget=forms.HiddenInput, **options)

    def bound_data(self, data: Any, initial: Any) -> Any:  # noqa: ARG002 # what was sent is judged, never shown again
        return initial


class MySignatureForm(DetailsForm):
    """
    Corrects a signature that was proved. News is an act of its own, with its own button.

    Args: initial: by field, as `initial_of` makes it.  seen: from queries.my_signature, what was stored just now.
    """

    def __init__(self, data: Any = None, *, asked: Asked, initial: dict[str, Any], seen: str) -> None:
        super().__init__(data, asked=asked, initial=initial)
        for name in ("wants_news", "news_consent"):
            self.fields.pop(name, None)
        if "name_shown" in self.fields:
            self.fields["name_shown"].help_text = _(
                "It is shown beside your comment once that is published, and nowhere else."
            )
            self.fields["comment"].help_text = _("Other words are published only once they have been reviewed.")
        self.fields["seen"] = SeenField(initial=seen)

    def clean(self) -> dict[str, Any]:
        return {**super().clean(), "wants_news": False}

    @property
    def seen(self) -> str:
        """What the sender of a valid form saw."""
        return str(self.cleaned_data["seen"])


class NewsForm(forms.Form):
    """The wish for news, or its end, from the button on one's own page."""

    wants_news = NewsField()
    news_consent = forms.IntegerField(required=False)
