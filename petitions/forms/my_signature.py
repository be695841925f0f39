"""Correcting a signature that was proved."""

from django import forms

from petitions.forms.fields import CountryField, NameField, NewsField


class MySignatureForm(forms.Form):
    """Corrects a signature that was proved."""

    name = NameField()
    country = CountryField()
    wants_news = NewsField()
