"""An event as an organiser types it, with its sources and competing dates."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.forms import BaseFormSet, formset_factory
from django.utils.translation import get_language_info, gettext
from django.utils.translation import gettext_lazy as _

from accounts.rules import clean_text
from campaigns.models import Event, EventKind, SourceType
from campaigns.rules.drafts import DateDraft, EventDraft, SourceDraft
from campaigns.rules.moments import Moment, Precision, UnreadableMoment, read_moment

MOST_PARTS = 20
_SPARE_ROWS = 2
# absolute_max: whatever number of rows a request claims, no more are built and shown again.
_ROWS: dict[str, Any] = {"extra": _SPARE_ROWS, "max_num": MOST_PARTS, "absolute_max": MOST_PARTS, "validate_max": True}


class _CleanedCharField(forms.CharField):
    def clean(self, value: Any) -> str:
        return str(super().clean(clean_text(value or "")))


class _MomentField(_CleanedCharField):
    default_error_messages = {
        "unreadable": _(
            "Write 2026-04 for a month, 2025-08-07 for a day, 2025-08-08 22:58 or 22:58:28 for a time in UTC."
        )
    }

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            return read_moment(text)
        except UnreadableMoment as error:
            raise ValidationError(self.error_messages["unreadable"], code="unreadable") from error


class EventForm(forms.Form):
    """The facts of one event and its sentence in every language of the site."""

    key = forms.SlugField(
        label=_("Short name in links"), max_length=60, help_text=_("Letters, digits and hyphens; it stays for good.")
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=EventKind.choices)
    at = _MomentField(
        label=_("Date"),
        max_length=40,
        help_text=_("As exactly as it is known: 2026-04, 2025-08-07, 2025-08-08 22:58 (UTC)."),
    )
    until = _MomentField(
        label=_("Last date"),
        max_length=40,
        required=False,
        help_text=_("For something that lasted, written the same way."),
    )

    def __init__(self, *args: Any, is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_new:
            del self.fields["key"]
        for code, _name in settings.LANGUAGES:
            language = get_language_info(code)["name_translated"]
            label = gettext("What happened, in %(language)s") % {"language": language}
            self.fields[f"title_{code}"] = _CleanedCharField(label=label, max_length=200)

    def clean(self) -> dict[str, Any]:
        at, until = self.cleaned_data.get("at"), self.cleaned_data.get("until")
        if at and until and (until.precision is not at.precision or until.at <= at.at):
            self.add_error("until", _("The last date must be later than the first one and written the same way."))
        return self.cleaned_data


class SourceForm(forms.Form):
    type = forms.ChoiceField(label=_("Type"), choices=SourceType.choices)
    name = _CleanedCharField(label=_("Source"), max_length=160, required=False)
    url = forms.URLField(label=_("Address"), max_length=500, required=False, assume_scheme="https")

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("url") and not self.cleaned_data.get("name"):
            self.add_error("name", _("Name the source that this address belongs to."))
        return self.cleaned_data

    def clean_url(self) -> str:
        url = str(self.cleaned_data["url"])
        if url and not url.lower().startswith(("http://", "https://")):
            raise ValidationError(_("Only addresses that begin with http:// or https:// can be linked."))
        return url


class CompetingDateForm(forms.Form):
    at = _MomentField(label=_("Date"), max_length=40, required=False)
    source = _CleanedCharField(label=_("Who says so"), max_length=160, required=False)

    def clean(self) -> dict[str, Any]:
        if bool(self.cleaned_data.get("at")) != bool(self.cleaned_data.get("source")) and not self.errors:
            raise ValidationError(_("A competing date needs both the date and who gives it."))
        return self.cleaned_data


SourceFormSet = formset_factory(SourceForm, **_ROWS)
DateFormSet = formset_factory(CompetingDateForm, **_ROWS)


class EventForms:
    """The whole page: the event, its sources, its competing dates. A row left or made empty is taken away."""

    def __init__(self, *, event: Event | None, data: Mapping[str, Any] | None) -> None:
        self.event = event
        self.main = EventForm(data, initial=_initial(event), is_new=event is None)
        self.sources: BaseFormSet[SourceForm] = SourceFormSet(data, initial=_initial_sources(event), prefix="source")
        self.dates: BaseFormSet[CompetingDateForm] = DateFormSet(data, initial=_initial_dates(event), prefix="date")

    def is_valid(self) -> bool:
        return all([self.main.is_valid(), self.sources.is_valid(), self.dates.is_valid()])

    def draft(self) -> EventDraft:
        """The event as typed; only after `is_valid()`."""
        asked = self.main.cleaned_data
        return EventDraft(
            key=asked.get("key", self.event.key if self.event else ""),
            kind=asked["kind"],
            moment=asked["at"],
            until=asked["until"].at if asked["until"] else None,
            titles={code: asked[f"title_{code}"] for code, _name in settings.LANGUAGES},
            sources=[SourceDraft(**row) for row in _filled(self.sources, "name")],
            competing_dates=[DateDraft(moment=row["at"], source=row["source"]) for row in _filled(self.dates, "at")],
        )


def _filled(formset: "BaseFormSet[Any]", field: str) -> list[dict[str, Any]]:
    return [form.cleaned_data for form in formset if form.cleaned_data.get(field)]


def _initial(event: Event | None) -> dict[str, Any]:
    if event is None:
        return {}
    precision = Precision(event.precision)
    titles = {f"title_{text.language}": text.title for text in event.texts.all()}
    return {
        "kind": event.kind,
        "at": Moment(at=event.occurs_at, precision=precision).typed,
        "until": Moment(at=event.until, precision=precision).typed if event.until else "",
        **titles,
    }


def _initial_sources(event: Event | None) -> list[dict[str, Any]]:
    sources = sorted(event.sources.all(), key=lambda source: source.pk) if event else []
    return [{"type": source.type, "name": source.name, "url": source.url} for source in sources]


def _initial_dates(event: Event | None) -> list[dict[str, Any]]:
    dates = sorted(event.competing_dates.all(), key=lambda other: other.at) if event else []
    return [
        {"at": Moment(at=other.at, precision=Precision(other.precision)).typed, "source": other.source}
        for other in dates
    ]
