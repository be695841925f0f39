"""The forms of the staff's switches: a public reason, a level, a domain or network to hold."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from email_validator import EmailNotValidError, validate_email

from accounts.rules import clean_text
from accounts.visitors import IPV4_PREFIX_BITS, IPV6_PREFIX_BITS, network_prefix
from petitions.models import Petition

REASON_MAX_CHARS = 200
# How long a level takes on a laptop of 2026; docs/decisions/0013 has the measures.
LEVELS: tuple[tuple[int, Promise], ...] = (
    (1, _("Level 1: too short to notice")),
    (2, _("Level 2: a quarter of a second")),
    (3, _("Level 3: half a second")),
    (4, _("Level 4: one second")),
    (5, _("Level 5: two seconds")),
    (6, _("Level 6: four seconds")),
)


class ReasonField(forms.CharField):
    """One line of words that staff or the public will read."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=REASON_MAX_CHARS, **options)

    def to_python(self, value: Any) -> str:
        return clean_text(str(super().to_python(value)))


class PauseSigningForm(forms.Form):
    """Pauses signing on the whole site."""

    reason = ReasonField(
        label=_("Reason, for the public"),
        help_text=_("It stands on every petition. Write it so that all who read this site understand it."),
    )


class WorkForm(forms.Form):
    """Asks every browser for work before it signs."""

    level = forms.TypedChoiceField(
        label=_("At least"),
        coerce=int,
        choices=LEVELS,
        help_text=_("On a laptop; an old phone takes about four times as long. Under attack it rises by itself."),
    )


class StopBulkMailForm(forms.Form):
    """Keeps news and other bulk mail waiting."""

    reason = ReasonField(label=_("Reason, for the record"), required=False)


class HoldForm(forms.Form):
    """Holds what comes from a mail domain or a network."""

    target = forms.CharField(
        label=_("Mail domain or network"),
        max_length=260,
        help_text=_("Such as example.org, 203.0.113.0/24 or 2001:db8::/56. Only a fingerprint of it is kept."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}),
    )
    petition = forms.ModelChoiceField(
        label=_("Where"),
        queryset=Petition.objects.none(),
        required=False,
        empty_label=_("On the whole site"),
        to_field_name="slug",
    )
    reason = ReasonField(
        label=_("Reason, for the record"),
        help_text=_("Say what you saw, so that whoever is on duty after you knows what this rule is for."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["petition"].queryset = Petition.objects.published().order_by("slug")  # type: ignore[attr-defined]

    def clean_target(self) -> dict[str, str]:
        """What is to be held, by the name of the argument that the action takes it as."""
        text = clean_text(self.cleaned_data["target"]).lower()
        address, _slash, bits = text.partition("/")
        prefix = network_prefix(address)
        if prefix:
            _check_width(bits, is_ipv6=":" in prefix)
            return {"prefix": prefix}
        return {"domain": _domain(text.removeprefix("@"))}


def _check_width(bits: str, *, is_ipv6: bool) -> None:
    most = IPV6_PREFIX_BITS if is_ipv6 else IPV4_PREFIX_BITS
    if bits and (not bits.isdecimal() or not most <= int(bits[:4]) <= 128):
        sentence = _("Networks are known as /24 (IPv4) and /56 (IPv6) only: hold each of those that you see.")
        raise ValidationError(sentence, code="width")


def _domain(text: str) -> str:
    try:
        valid = validate_email(f"x@{text}", check_deliverability=False, allow_smtputf8=False, strict=True)
    except EmailNotValidError as error:
        sentence = _("This is neither a mail domain nor a network.")
        raise ValidationError(sentence, code="invalid") from error
    return str(valid.domain)
