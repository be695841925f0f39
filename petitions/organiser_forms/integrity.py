"""The forms of the integrity console: a span to look at, the conditions of a case, its reasons, rows to release."""

import re
from datetime import UTC
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from petitions.forms import CleanedCharField
from petitions.models import HeldReason, RemovalReason
from petitions.organiser_forms.fields import DayField, LocalInstantField
from petitions.rules.cases import ANY_REASON, Conditions
from petitions.rules.countries import country_names
from petitions.rules.periods import FIRST_YEAR, LAST_YEAR

MOST_SECONDS = 86_400
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")
_HIGHEST_ID = 2**63 - 1
_MOST_ROWS_SHOWN = 200
_HELD_CHOICES = [
    ("", _("Held or not")),
    (ANY_REASON, _("Held, for whatever reason")),
    *((reason.value, reason.label) for reason in HeldReason if reason is not HeldReason.CASE),
]


def _country_choices() -> list[tuple[str, Any]]:
    return [("", _("Any country")), *country_names(get_language() or "en").items()]


class DigestField(forms.CharField):
    """A cluster's key: a digest in hexadecimal. It comes from a link of the console; nobody types one."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, max_length=64, widget=forms.HiddenInput, **options)

    def validate(self, value: str) -> None:
        super().validate(value)
        if value and not _DIGEST.match(value):
            raise ValidationError(_("This is no cluster of the console. Please choose one there."), code="digest")


class IdsField(forms.Field):
    """Numbers of rows that a page has shown."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> list[int]:
        texts = [str(text) for text in value or []]
        are_numbers = all(text.isascii() and text.isdigit() and len(text) < 20 for text in texts)
        if len(texts) > _MOST_ROWS_SHOWN or not are_numbers or any(int(text) > _HIGHEST_ID for text in texts):
            raise ValidationError(_("These are no rows of the page. Please load it again."), code="ids")
        return [int(text) for text in texts]


class HourField(forms.CharField):
    """A full hour of UTC, as the console's links write it."""

    def __init__(self) -> None:
        super().__init__(required=False)

    def to_python(self, value: Any) -> Any:
        text = str(super().to_python(value))
        if not text:
            return None
        try:
            hour = forms.DateTimeField(input_formats=["%Y-%m-%dT%H:%M"]).to_python(text)
        except ValidationError:
            hour = None
        if hour is None or not FIRST_YEAR <= hour.year <= LAST_YEAR or hour.minute:
            raise ValidationError(_("Please choose an hour from the page."), code="hour")
        return hour.replace(tzinfo=UTC)


class SpanForm(forms.Form):
    """Which hours the console shows: those of one day, or the last two days."""

    day = DayField(label=_("Day (UTC)"))


class CaseForm(forms.Form):
    """What a case is about, and why. The clusters of the console lead here with their conditions filled in."""

    reason = forms.ChoiceField(label=_("Reason"), choices=RemovalReason.choices)
    note = CleanedCharField(
        label=_("What was seen"),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Everybody reads it on the integrity page once the case was run. Describe no single person."),
    )
    domain = DigestField(label=_("Mail domain"))
    network = DigestField(label=_("Network"))
    name_shape = CleanedCharField(
        label=_("Shape of the name"),
        required=False,
        max_length=20,
        strip=False,
        help_text=_("As the console writes it: A for a capital letter, a for a small one, 9 for digits."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}),
    )
    country = forms.ChoiceField(label=_("Country"), required=False, choices=_country_choices)
    held = forms.ChoiceField(label=_("Held"), required=False, choices=_HELD_CHOICES)
    form_age_below_s = forms.IntegerField(
        label=_("Form sent in less than (seconds)"), required=False, min_value=1, max_value=MOST_SECONDS
    )
    proof_below_s = forms.IntegerField(
        label=_("Proved in less than (seconds)"),
        required=False,
        min_value=1,
        max_value=MOST_SECONDS,
        help_text=_("From the form to the proof. An attempt that is not proved has no such time and is left out."),
    )
    since = LocalInstantField(
        label=_("From (UTC)"), required=False, help_text=_("Of the proof; of the form for what is not proved.")
    )
    until = LocalInstantField(label=_("Until (UTC)"), required=False)

    def __init__(self, *args: Any, labels: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("domain", "network"):
            value = str(self[name].value() or "")
            if _DIGEST.match(value):
                choices = [(value, labels.get(value) or value[:8]), ("", _("Any"))]
                self.fields[name].widget = forms.Select(choices=choices)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until <= since:
            self.add_error("until", _("The end must come after the beginning."))
        return cleaned

    def conditions(self) -> Conditions:
        """This function will turn what was typed into the conditions of a case."""
        given = {name: value for name, value in self.cleaned_data.items() if name not in ("reason", "note")}
        return Conditions(**given)


class UndoForm(forms.Form):
    reason = CleanedCharField(
        label=_("Why it is undone"),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Everybody reads it on the integrity page."),
    )


class HeldForm(forms.Form):
    """Which held rows are shown. What cannot be read asks for nothing."""

    kind = forms.ChoiceField(choices=[("signatures", ""), ("attempts", "")], required=False)
    reason = forms.ChoiceField(choices=_HELD_CHOICES[2:], required=False)
    hour = HourField()
    domain = DigestField()
    network = DigestField()

    def asked(self) -> dict[str, Any]:
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if name != "kind" and value}

    def shows_attempts(self) -> bool:
        self.is_valid()
        return bool(self.cleaned_data.get("kind") == "attempts")


class ReleaseForm(forms.Form):
    """Rows to release: the one whose button was pressed, or all that the page showed."""

    signature = IdsField(required=False)
    attempt = IdsField(required=False)
    one = forms.IntegerField(required=False, min_value=1, max_value=_HIGHEST_ID)

    def ids(self, name: str) -> list[int]:
        shown: list[int] = self.cleaned_data[name]
        one = self.cleaned_data.get("one")
        return [pk for pk in shown if one is None or pk == one]
