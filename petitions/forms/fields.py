"""The fields of the public forms: what a person types, cleaned and checked for shape."""

import re
from functools import lru_cache, partial
from html import escape
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from email_validator import EmailNotValidError, ValidatedEmail, validate_email

from accounts.lookalike_words import address_sentence
from accounts.lookalikes import address_problem
from accounts.rules import clean_text
from petitions.rules.countries import country_names
from petitions.rules.signing import ADDRESS_MAX_CHARS, NAME_MAX_CHARS, NameProblem, name_problem

_NONE_CHOSEN = mark_safe('<option value="" selected>')
UNREADABLE = "\ufffd"  # what Django puts where bytes were no UTF-8
NAME_PROBLEMS = {
    NameProblem.FORMULA: _("A name cannot begin with one of the signs = + - @."),
    NameProblem.WEB_ADDRESS: _("A name cannot contain a web address."),
}
_PLAIN_MAILBOX = re.compile(r"(?=.{1,64}\Z)[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*\Z")


class CleanedCharField(forms.CharField):
    """Text without what nobody sees, in one line unless `is_multiline`; the limit applies to what is left."""

    def __init__(self, *, is_multiline: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.is_multiline = is_multiline

    def to_python(self, value: Any) -> str:
        text = str(super().to_python(value))
        if UNREADABLE in text:
            raise ValidationError(_("Some characters could not be read. Please type this again."), code="unreadable")
        return clean_text(text, multiline=self.is_multiline)

    def bound_data(self, data: Any, initial: Any) -> Any:
        """What is shown again after an error: all that was typed, but for the byte that HTML cannot hold."""
        return data.replace("\x00", "") if isinstance(data, str) else super().bound_data(data, initial)


class NameField(CleanedCharField):
    """The name of a supporter: any name of any script, but no formula and no advertisement."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            label=_("Your name"),
            max_length=NAME_MAX_CHARS,
            error_messages={
                "required": _("Please type your name."),
                "max_length": _("A name can have at most %(limit_value)d characters; this one has %(show_value)d."),
            },
            widget=forms.TextInput(attrs={"autocomplete": "name"}),
            **options,
        )

    def validate(self, value: str) -> None:
        super().validate(value)
        problem = name_problem(value)
        if problem is not None:
            raise ValidationError(NAME_PROBLEMS[problem], code=problem.value)


class AddressField(CleanedCharField):
    """An e-mail address to which mail can be sent, the domain in lower case."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            label=_("Your e-mail address"),
            max_length=ADDRESS_MAX_CHARS,
            error_messages={
                "required": _("Please type your e-mail address."),
                "max_length": _("An e-mail address can have at most %(limit_value)d characters."),
            },
            widget=forms.EmailInput(attrs={"autocomplete": "email"}),
            **options,
        )

    def clean(self, value: Any) -> str:
        address = str(super().clean(value))
        if (problem := address_problem(address)) is not None:
            raise ValidationError(address_sentence(problem), code=problem.value)
        try:
            return _normalized(address)
        except EmailNotValidError as error:
            sentence = _("This is no e-mail address that we can write to. It should look like name@example.org.")
            raise ValidationError(sentence, code="invalid") from error


def _normalized(address: str) -> str:
    """This function will write an address of at most ADDRESS_MAX_CHARS as mail is sent to it; raises EmailNotValidError."""
    mailbox, _, domain = address.rpartition("@")
    if domain.isascii() and _PLAIN_MAILBOX.match(mailbox):
        return f"{mailbox}@{_valid_domain(domain)}"
    return _validated(address).normalized


@lru_cache(maxsize=1024)
def _valid_domain(domain: str) -> str:
    """This function will judge a domain once for all its mailboxes."""
    return _validated(f"x@{domain}").domain


def _validated(address: str) -> ValidatedEmail:
    # The mail server is not asked: that would make every visitor wait for somebody else's DNS.
    return validate_email(address, check_deliverability=False, allow_smtputf8=False, strict=True)


def _countries(*, blank: Any) -> list[tuple[str, Any]]:
    return [("", blank), *country_names(get_language() or "en").items()]


class CountrySelect(forms.Select):
    """
    The list of countries, drawn once in each language.

    Django renders two templates for each of 250 options: that was half of the work for the petition's page.
    """

    def __init__(self, *, blank: Any, attrs: dict[str, Any]) -> None:
        super().__init__(attrs=attrs)
        self._blank = blank

    def use_required_attribute(self, initial: Any) -> bool:  # noqa: ARG002 # Django passes it
        return not self.is_hidden  # its first option is the empty one, as HTML asks: no need to make them all to see it

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:  # noqa: ARG002
        attributes = flatatt({"name": name, **self.build_attrs(self.attrs, attrs)})
        options = _country_options(get_language() or "en")
        drawn = format_html("<select{}>{}{}</option>{}</select>", attributes, _NONE_CHOSEN, self._blank, options)
        return choose_country(drawn, str(value or ""))


def choose_country(drawn: str, country: str) -> SafeString:
    """
    This function will choose a country in a list that was drawn with none, the first list of what was drawn.

    A country that is not in the list changes nothing.
    """
    countries, end, rest = drawn.partition("</select>")
    option = f'<option value="{escape(country)}">'
    if country and option in countries:
        chosen = f"{option[:-1]} selected>"
        countries = countries.replace(_NONE_CHOSEN, '<option value="">', 1).replace(option, chosen, 1)
    return mark_safe(f"{countries}{end}{rest}")  # noqa: S308 # drawn by templates, and both options are ours


@lru_cache(maxsize=8)
def _country_options(language: str) -> SafeString:
    return format_html_join("", '<option value="{}">{}</option>', country_names(language).items())


class CountryField(forms.ChoiceField):
    """A country from the list of the active language; nobody has to tell, unless the petition is for some countries."""

    def __init__(self, *, is_required: bool = False, **options: Any) -> None:
        blank = _("Please choose") if is_required else _("I would rather not say")
        super().__init__(
            label=_("Your country"),
            required=is_required,
            choices=partial(_countries, blank=blank),
            error_messages={
                "required": _("Please choose your country."),
                "invalid_choice": _("Please choose a country from the list, or leave it empty."),
            },
            widget=CountrySelect(blank=blank, attrs={"autocomplete": "country"}),
            **options,
        )

    def valid_value(self, value: Any) -> bool:
        return value in country_names("en")  # the same in every language; Django would make all choices to look


class NewsField(forms.BooleanField):
    """The wish for mail about the petition: never ticked beforehand. `label`: the petition's own words, if it has any."""

    def __init__(self, *, label: str = "", **options: Any) -> None:
        words = label or _("Write to me when this petition reaches a milestone")
        super().__init__(label=words, required=False, **options)
