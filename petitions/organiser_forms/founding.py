"""Founding a petition and wording it."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from accounts.models import Team
from petitions.forms import CleanedCharField
from petitions.organiser_forms.fields import TextBlockField, ZoneField

_WORDS_OF_THE_SITE = ("new",)  # /organise/petitions/new/
_SLUG = RegexValidator(r"^[a-z0-9]+(?:-[a-z0-9]+)*\Z", _("Use small letters a–z, digits and single hyphens only."))


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
