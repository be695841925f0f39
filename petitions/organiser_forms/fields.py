"""The fields of the organisers' forms: days, instants, zones, steps, and words by language."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import localize
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from accounts.rules import clean_text
from petitions.forms import CleanedCharField
from petitions.rules.eligibility import ascii_domain
from petitions.rules.ladder import LADDER_MAX_STEPS, LADDER_MAX_THRESHOLD
from petitions.rules.periods import FIRST_YEAR, LAST_YEAR, day_from_text, zone_names
from petitions.rules.wall_times import WallTimeProblem, wall_time_problem

_DIGIT_GROUPS = re.compile(r"(?<=\d)[\s'’.,\u00a0\u202f](?=\d{3}(?!\d))")
_LOCAL_INSTANT = "%Y-%m-%dT%H:%M"
_WALL_TIME_PROBLEMS = {
    WallTimeProblem.SKIPPED: _(
        "This time does not exist: the clocks of %(zone)s go forward over it. Please give an earlier or a later time."
    ),
    WallTimeProblem.TWICE: _(
        "This time comes twice: the clocks of %(zone)s go back that night. Please give a time before or after that hour."
    ),
}
_DOMAIN = re.compile(r"(?!-)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+\Z")
MOST_DOMAINS = 200
_LONGEST_SAID = 30


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
    """A date and time in the zone that is active while the form is read: the petition's own. It names one instant."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            input_formats=[_LOCAL_INSTANT, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
            widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_LOCAL_INSTANT),
            error_messages={"invalid": _("Please give a date and a time, such as 2026-02-13T18:00.")},
            **options,
        )

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except ValidationError as error:
            raise _clearer(error) from error

    def clean(self, value: Any) -> Any:
        instant = super().clean(value)
        if instant is not None and not FIRST_YEAR <= instant.year <= LAST_YEAR:
            raise ValidationError(_("Please give a year that a petition can live to see."), code="year")
        return instant


def _clearer(error: ValidationError) -> ValidationError:
    """This function will say which oddity of the clocks Django met: it has one sentence for both."""
    if error.code != "ambiguous_timezone" or error.params is None:
        return error
    zone = error.params["current_timezone"]
    problem = wall_time_problem(wall=error.params["datetime"], tz=zone)
    if problem is None:
        return ValidationError(_("Please give a year that a petition can live to see."), code="year")
    return ValidationError(_WALL_TIME_PROBLEMS[problem], code=problem.value, params={"zone": str(zone)})


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
        lines = [line.strip() for line in str(super().to_python(value)).splitlines()]
        written = {line: _DIGIT_GROUPS.sub("", line) for line in lines if line}
        bad = next((line for line, step in written.items() if not _is_step(step)), None)
        if bad is not None:
            sentence = _(
                "“%(line)s” is no whole number from 1 to %(most)s. Please write one on each line, such as 20000."
            )
            said = {"line": Truncator(bad).chars(_LONGEST_SAID), "most": localize(LADDER_MAX_THRESHOLD)}
            raise ValidationError(sentence, code="invalid", params=said)
        steps = list(written.values())
        if len(set(steps)) > LADDER_MAX_STEPS:
            sentence = _("A ladder can have at most %(limit)d steps.")
            raise ValidationError(sentence, code="too_many", params={"limit": LADDER_MAX_STEPS})
        return [int(step) for step in steps]


def _is_step(text: str) -> bool:
    return text.isascii() and text.isdigit() and 1 <= int(text[:12]) <= LADDER_MAX_THRESHOLD


class DomainsField(forms.CharField):
    """Mail domains, one on each line, with or without the @ before them."""

    def to_python(self, value: Any) -> Any:
        lines = [line.strip().removeprefix("@") for line in str(super().to_python(value)).splitlines()]
        domains = [ascii_domain(line) for line in lines if line]
        bad = next((domain for domain in domains if len(domain) > 253 or not _DOMAIN.match(domain)), None)
        if bad is not None:
            raise ValidationError(_("Please write one mail domain on each line, such as example.org."), code="invalid")
        if len(set(domains)) > MOST_DOMAINS:
            sentence = _("A list can have at most %(limit)d domains.")
            raise ValidationError(sentence, code="too_many", params={"limit": MOST_DOMAINS})
        return sorted(set(domains))


class WordsField(CleanedCharField):
    """Words in one of the site's languages, which spelling checkers and screen readers are told."""

    def __init__(self, *, language: str, **options: Any) -> None:
        super().__init__(**options)
        self.widget.attrs["lang"] = language
