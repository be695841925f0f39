"""What the signing form asks, who may sign, and the words of consent."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext_lazy as _

from petitions.models import Eligibility
from petitions.organiser_forms.fields import DomainsField, WordsField
from petitions.rules.countries import country_names

CONSENT_MAX_CHARS = 300
_RULES = (
    (Eligibility.ANYONE, _("Everybody with an e-mail address")),
    (Eligibility.DOMAINS, _("Only people with an address at the domains below")),
    (Eligibility.COUNTRIES, _("Only people of the countries below, by their own word")),
)


def _country_choices() -> list[tuple[str, str]]:
    return list(country_names(get_language() or "en").items())


class AskedForm(forms.Form):
    """The site's own fields beside name and address."""

    asks_country = forms.BooleanField(
        label=_("Ask for the country"), required=False, help_text=_("They may leave it out.")
    )
    asks_postcode = forms.BooleanField(
        label=_("Ask for the postcode"),
        required=False,
        help_text=_("It is kept encrypted and leaves in your export only."),
    )
    asks_comment = forms.BooleanField(
        label=_("Invite a comment"),
        required=False,
        help_text=_("It is public only once somebody of the team has read it."),
    )


class EligibilityForm(forms.Form):
    """Who may sign. The lists are kept whatever the rule, so that going back to it loses nothing."""

    who_may_sign = forms.ChoiceField(label=_("Who may sign?"), choices=_RULES, widget=forms.RadioSelect)
    allowed_domains = DomainsField(
        label=_("Mail domains"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        help_text=_("One on each line, such as example.org. A subdomain is a domain of its own."),
    )
    allowed_countries = forms.MultipleChoiceField(
        label=_("Countries"),
        required=False,
        choices=_country_choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("Please choose countries from the list.")},
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        rule = cleaned.get("who_may_sign")
        if rule == Eligibility.DOMAINS and cleaned.get("allowed_domains") == []:
            self.add_error("allowed_domains", _("Please name at least one mail domain."))
        if rule == Eligibility.COUNTRIES and cleaned.get("allowed_countries") == []:
            self.add_error("allowed_countries", _("Please choose at least one country."))
        return cleaned


class ConsentForm(forms.Form):
    """The words beside the box that asks for news, in each language of the site; the petition's own one is needed."""

    seen_version = forms.IntegerField(min_value=0, max_value=1_000_000, widget=forms.HiddenInput)

    def __init__(self, *args: Any, default_language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.update(
            words_fields(
                "words",
                label=_("Words"),
                default_language=default_language,
                max_length=CONSENT_MAX_CHARS,
                widget=lambda: forms.Textarea(attrs={"rows": 4}),
            )
        )

    @property
    def labels(self) -> dict[str, str]:
        """What was written, by language."""
        return words_by_language(self.cleaned_data, "words")


def words_fields(
    name: str, *, label: Any, default_language: str, max_length: int, widget: Any = forms.TextInput
) -> dict[str, forms.Field]:
    """This function will make one field for each language, the petition's own first and needed."""
    languages = sorted((code for code, _name in settings.LANGUAGES), key=lambda code: code != default_language)
    return {
        f"{name}_{code}": WordsField(
            language=code,
            label=_labelled(label, code),
            required=code == default_language,
            max_length=max_length,
            widget=widget(),
            error_messages={"required": _("Please write this in the petition's main language.")},
        )
        for code in languages
    }


def words_by_language(cleaned: Mapping[str, Any], name: str) -> dict[str, str]:
    """This function will collect what such fields hold; a language without words is left out."""
    found = ((code, cleaned.get(f"{name}_{code}", "")) for code, _name in settings.LANGUAGES)
    return {code: words for code, words in found if words}


def _labelled(label: Any, code: str) -> str:
    return _("%(label)s, in %(language)s") % {"label": label, "language": get_language_info(code)["name_translated"]}
