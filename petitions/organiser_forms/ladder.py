"""The steps of a ladder, and what their editor had before their eyes."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from petitions.organiser_forms.fields import LadderField
from petitions.rules.ladder import LADDER_MAX_THRESHOLD


def as_lines(steps: Iterable[int]) -> str:
    """This function will write steps as the field reads them."""
    return "\n".join(str(step) for step in steps)


def as_shown(steps: Iterable[int]) -> str:
    """This function will write steps as a hidden field carries them."""
    return ",".join(str(step) for step in sorted(set(steps)))


class ShownStepsField(forms.CharField):
    """Steps that our own page wrote; what else comes here was never shown to anybody and reads as none."""

    def __init__(self) -> None:
        super().__init__(required=False, max_length=1_000, widget=forms.HiddenInput)

    def clean(self, value: Any) -> Any:
        words = str(value or "")[:1_000].split(",")
        steps = [int(word) for word in words if word.isascii() and word.isdigit() and len(word) <= 10]
        return [step for step in steps if 1 <= step <= LADDER_MAX_THRESHOLD]


class LadderForm(forms.Form):
    """`seen` is the ladder that was edited; `previewed` and `foreseen` say which effect was shown before it is saved."""

    ladder = LadderField(
        label=_("Steps"),
        max_length=1_000,
        widget=forms.Textarea(attrs={"rows": 12, "inputmode": "numeric"}),
        help_text=_("One number on each line. What a change will do is shown before anything is saved."),
    )
    seen = ShownStepsField()
    previewed = ShownStepsField()
    foreseen = ShownStepsField()

    @property
    def was_previewed(self) -> bool:
        """Whether exactly these steps were shown with their effect."""
        return set(self.cleaned_data["ladder"]) == set(self.cleaned_data["previewed"])
