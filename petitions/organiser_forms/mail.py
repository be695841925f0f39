"""The forms of the page about mail: which petition, and which address may be written to again."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from petitions.rules.signing import ADDRESS_MAX_CHARS


class LiftForm(forms.Form):
    """Somebody asked to get our mail again."""

    address = forms.EmailField(
        label=_("E-mail address"),
        max_length=ADDRESS_MAX_CHARS,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text=_("As the person wrote it to you. It is compared and then forgotten."),
    )

    def clean_address(self) -> str:
        return str(self.cleaned_data["address"]).strip()


class PetitionChoiceForm(forms.Form):
    """Whose proofs to show; every choice has its own address."""

    petition = forms.ChoiceField(label=_("Petition"))

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["petition"].choices = choices  # type: ignore[attr-defined] # it is a ChoiceField
