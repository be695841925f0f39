"""The organisers' forms: what they type, turned into days, instants, zones and steps. They save nothing."""

import re
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from accounts.models import Team
from accounts.rules import clean_text
from petitions.forms import CleanedCharField
from petitions.rules.ladder import LADDER_MAX_STEPS, LADDER_MAX_THRESHOLD
from petitions.rules.periods import FIRST_YEAR, LAST_YEAR, Grouping, day_from_text, zone_names

_WORDS_OF_THE_SITE = ("new",)  # /organise/petitions/new/
_SLUG = RegexValidator(r"^[a-z0-9]+(?:-[a-z0-9]+)*\Z", _("Use small letters a–z, digits and single hyphens only."))
_DIGIT_GROUPS = re.compile(r"(?<=\d)[\s'’.,\u00a0\u202f](?=\d{3}(?!\d))")
_LOCAL_INSTANT = "%Y-%m-%dT%H:%M"
GROUPING_LABELS = {
    Grouping.HOUR: _("Hour"),
    Grouping.DAY: _("Day"),
    Grouping.WEEK: _("Week (from Monday)"),
    Grouping.MONTH: _("Month"),
    Grouping.COUNTRY: _("Country"),
    Grouping.CHANNEL: _("Channel"),
}


def _zone_choices() -> list[tuple[str, str]]:
    places = sorted(name for name in zone_names() if "/" in name and not name.startswith(("Etc/", "SystemV/")))
    return [("UTC", "UTC"), *((name, name.replace("_", " ")) for name in places)]


class TextBlockField(forms.CharField):
    """Several lines of text without what nobody sees; line breaks stay."""

    def to_python(self, value: Any) -> str:
        return clean_text(str(super().to_python(value)), multiline=True)


class ZoneField(forms.ChoiceField):
    """A time zone of the IANA database, by its name."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            choices=_zone_choices,
            error_messages={"invalid_choice": _("Please choose a time zone from the list.")},
            **options,
        )


class LocalInstantField(forms.DateTimeField):
    """A date and time in the zone that is active while the form is read: the petition's own."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            input_formats=[_LOCAL_INSTANT, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
            widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_LOCAL_INSTANT),
            error_messages={"invalid": _("Please give a date and a time, such as 2026-02-13T18:00.")},
            **options,
        )

    def clean(self, value: Any) -> Any:
        instant = super().clean(value)
        if instant is not None and not FIRST_YEAR <= instant.year <= LAST_YEAR:
            raise ValidationError(_("Please give a year that a petition can live to see."), code="year")
        return instant


class DayField(forms.CharField):
    """A local day, or nothing."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, widget=forms.DateInput(attrs={"type": "date"}), **options)

    def to_python(self, value: Any) -> Any:
        text = str(super().to_python(value))
        day = day_from_text(text)
        if text and day is None:
            raise ValidationError(_("Please give a day such as 2026-02-13."), code="invalid")
        return day


class LadderField(forms.CharField):
    """Whole numbers, one on each line; spaces or points between the thousands do no harm."""

    def to_python(self, value: Any) -> Any:
        lines = [_DIGIT_GROUPS.sub("", line.strip()) for line in str(super().to_python(value)).splitlines()]
        steps = [line for line in lines if line]
        if not all(step.isascii() and step.isdigit() and 1 <= int(step[:12]) <= LADDER_MAX_THRESHOLD for step in steps):
            raise ValidationError(_("Please write one whole number on each line, such as 20000."), code="invalid")
        if len(set(steps)) > LADDER_MAX_STEPS:
            sentence = _("A ladder can have at most %(limit)d steps.")
            raise ValidationError(sentence, code="too_many", params={"limit": LADDER_MAX_STEPS})
        return [int(step) for step in steps]


class NewPetitionForm(forms.Form):
    """Founds a petition. Its words come next, on a page of their own."""

    team = forms.ModelChoiceField(queryset=Team.objects.none(), label=_("Team"), empty_label=None)
    addressee = CleanedCharField(
        label=_("Addressee"), max_length=160, help_text=_("Who is asked: a person, a company, an office.")
    )
    slug = forms.CharField(
        label=_("Address of the page"),
        max_length=80,
        validators=[_SLUG],
        help_text=_("The last part of its web address, such as keep-the-library. It stays for good."),
        error_messages={"max_length": _("An address can have at most %(limit_value)d characters.")},
    )
    default_language = forms.ChoiceField(
        label=_("Main language"),
        choices=settings.LANGUAGES,
        help_text=_("Shown to readers for whose language there is no text."),
    )
    timezone = ZoneField(label=_("Time zone"), help_text=_("Its days begin at midnight there."))
    asks_country = forms.BooleanField(
        label=_("Ask supporters for their country"), help_text=_("They may leave it out."), required=False
    )

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"]
        if slug in _WORDS_OF_THE_SITE:
            raise ValidationError(_("The site itself needs this word. Please choose another one."), code="reserved")
        return slug


class TextForm(forms.Form):
    """The words of a petition in one language; publishing makes the next version."""

    title = CleanedCharField(label=_("Title"), max_length=120)
    summary = CleanedCharField(
        label=_("Summary"),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One or two sentences for lists and previews."),
    )
    body = TextBlockField(
        label=_("Text"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 18}),
        help_text=_("Markdown: **bold**, *italic*, lists, > quotes and [links](https://example.org)."),
    )
    seen_version = forms.IntegerField(min_value=0, max_value=1_000_000, widget=forms.HiddenInput)

    def __init__(self, *args: Any, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("title", "summary", "body"):
            self.fields[name].widget.attrs["lang"] = language  # for spelling and for screen readers


class ScheduleForm(forms.Form):
    opens_at = LocalInstantField(label=_("Opens on"))


class PauseForm(forms.Form):
    reason = CleanedCharField(
        label=_("Reason"), max_length=300, help_text=_("One sentence; everybody reads it on the petition's page.")
    )


class CloseForm(forms.Form):
    sure = forms.BooleanField(
        label=_("I know that a closed petition cannot be opened again"),
        error_messages={"required": _("Please tick the box if you want to close the petition for good.")},
    )


class ClosingForm(forms.Form):
    closes_at = LocalInstantField(
        label=_("Closes on"), required=False, help_text=_("Leave it empty for a petition without an end.")
    )


class LadderForm(forms.Form):
    ladder = LadderField(
        label=_("Steps"),
        max_length=1_000,
        widget=forms.Textarea(attrs={"rows": 8, "inputmode": "numeric"}),
        help_text=_("One number on each line. Milestones that were reached stay reached."),
    )


class ExportForm(forms.Form):
    """Asks for an export, in the same words as the API's address does, so that the page can link to the file."""

    by = forms.ChoiceField(label=_("Add up by"), choices=[(by.value, label) for by, label in GROUPING_LABELS.items()])
    tz = ZoneField(label=_("Days begin in"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # "from" is a word of Python's and cannot be written as an attribute.
        self.fields["from"] = DayField(label=_("First day"))
        self.fields["to"] = DayField(label=_("Last day"))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("from") and cleaned.get("to") and cleaned["to"] < cleaned["from"]:
            self.add_error("to", _("The last day must not lie before the first."))
        return cleaned
