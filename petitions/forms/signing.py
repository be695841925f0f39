"""Signing a petition."""

from django import forms
from django.utils.translation import gettext_lazy as _

from petitions.forms.details import DetailsForm
from petitions.forms.fields import AddressField
from petitions.queries.asking import Asked


class SigningForm(DetailsForm):
    """Signs a petition: the details, and the address that proves them."""

    shares_fields = True
    email = AddressField(help_text=_("We send a link to it: your signature counts once you have opened it."))

    @classmethod
    def make_fields(cls, asked: Asked) -> dict[str, forms.Field]:
        fields = super().make_fields(asked)
        if asked.comment:
            fields["name"].help_text = _("It stands beside your comment only, and only if you choose so there.")
        else:
            fields["name"].help_text = _("It is not published.")
        return fields
