"""Signing a petition."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from petitions.forms.details import DetailsForm
from petitions.forms.fields import AddressField
from petitions.queries.asking import Asked


class SigningForm(DetailsForm):
    """Signs a petition: the details, and the address that proves them."""

    shares_fields = True
    email = AddressField(help_text=_("We send a link to it: your signature counts once you have opened it."))

    def __init__(self, data: Any = None, *, asked: Asked, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, asked=asked, initial=initial)
        if asked.comment:
            self.fields["name"].help_text = _("It stands beside your comment only, and only if you choose so there.")
        else:
            self.fields["name"].help_text = _("It is not published.")
