"""Signing a petition with an account."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from petitions.forms.details import DetailsForm
from petitions.queries.asking import Asked


class AccountSigningForm(DetailsForm):
    """The details, and with which of one's proved addresses: nobody else's can be chosen."""

    email = forms.ChoiceField(
        label=_("With which of your addresses?"),
        error_messages={
            "required": _("Please choose one of your addresses."),
            "invalid_choice": _("Please choose one of your addresses."),
        },
        widget=forms.RadioSelect,
    )

    def __init__(
        self, data: Any = None, *, asked: Asked, addresses: Sequence[str], initial: dict[str, Any] | None = None
    ) -> None:
        super().__init__(data, asked=asked, initial={"email": addresses[0] if addresses else "", **(initial or {})})
        email: Any = self.fields["email"]
        email.choices = [(address, address) for address in addresses]
