"""The forms of accounts: our own, and allauth's with our words, so that both languages are whole."""

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from allauth.socialaccount import forms as social
from allauth.socialaccount.adapter import get_adapter
from django import forms
from django.conf import settings
from django.core.validators import EmailValidator
from django.utils.translation import gettext_lazy as _

from accounts.models import MailDomainRule, Role
from accounts.rules import MailDomainRule as Rule
from accounts.rules import RuleProblem, ascii_domain, clean_text, rule_problem

_PASSWORD_HINT = _("At least 12 characters. A few unrelated words make a good one.")
_LABELS = {
    "account": _("Which account elsewhere?"),
    "code": _("Code"),
    "email": _("E-mail address"),
    "login": _("E-mail address"),
    "name": _("Name of this passkey"),
    "oldpassword": _("Current password"),
    "password": _("Password"),
    "password1": _("New password"),
    "password2": _("New password, again"),
    "remember": _("Stay signed in on this device"),
}
_HINTS: dict[str, Any] = {"password": "", "password1": _PASSWORD_HINT, "remember": ""}


class OwnWords:
    """Gives an allauth form our labels and hints, and no placeholder: it vanishes when it is needed."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = _LABELS.get(name, field.label)
            field.help_text = _HINTS.get(name, field.help_text)
            field.widget.attrs.pop("placeholder", None)


class LoginForm(OwnWords, account.LoginForm):
    pass


class SignupForm(OwnWords, account.SignupForm):
    pass


class SocialSignupForm(OwnWords, social.SignupForm):
    """Asks who comes by an account elsewhere for the address that it did not tell us."""


class DisconnectForm(OwnWords, social.DisconnectForm):
    """Takes an account elsewhere off one's own; those of providers that are set up no more are not offered."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = {provider.sub_id: provider.name for provider in get_adapter().list_providers(self.request)}
        accounts: Any = self.fields["account"]
        accounts.queryset = accounts.queryset.filter(provider__in=names).order_by("provider", "pk")
        accounts.label_from_instance = lambda account: names[account.provider]


class AddEmailForm(OwnWords, account.AddEmailForm):
    pass


class ChangePasswordForm(OwnWords, account.ChangePasswordForm):
    pass


class SetPasswordForm(OwnWords, account.SetPasswordForm):
    pass


class ResetPasswordForm(OwnWords, account.ResetPasswordForm):
    pass


class ResetPasswordKeyForm(OwnWords, account.ResetPasswordKeyForm):
    pass


class ReauthenticateForm(OwnWords, account.ReauthenticateForm):
    pass


class RequestLoginCodeForm(OwnWords, account.RequestLoginCodeForm):
    pass


class ConfirmLoginCodeForm(OwnWords, account.ConfirmLoginCodeForm):
    pass


class ConfirmEmailVerificationCodeForm(OwnWords, account.ConfirmEmailVerificationCodeForm):
    pass


class AuthenticateForm(OwnWords, mfa.AuthenticateForm):
    pass


class ReauthenticateByCodeForm(OwnWords, mfa.ReauthenticateForm):
    pass


class ActivateTOTPForm(OwnWords, totp.ActivateTOTPForm):
    pass


class AddPasskeyForm(OwnWords, webauthn.AddWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["passwordless"].initial = True
        self.fields["passwordless"].label = _("Sign in with it alone, without a password")
        self.fields["passwordless"].help_text = _("Your device then asks for your fingerprint, face or PIN.")


class EditPasskeyForm(OwnWords, webauthn.EditWebAuthnForm):
    pass


class CleanTextField(forms.CharField):
    """One line of text from a person, without what nobody sees."""

    def to_python(self, value: Any) -> str:
        return clean_text(super().to_python(value) or "")


class ProfileForm(forms.Form):
    """How the site addresses a user."""

    display_name = CleanTextField(
        label=_("Name"), max_length=80, required=False, help_text=_("Members of your team see it; the public does not.")
    )
    language = forms.ChoiceField(label=_("Language of our messages"), choices=settings.LANGUAGES)


class GrantRoleForm(forms.Form):
    """An address and the role that its owner shall have."""

    email = forms.CharField(
        label=_("E-mail address"),
        max_length=254,
        validators=[EmailValidator()],
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text=_("Somebody new gets an account and a message that says how to sign in."),
    )
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.ORGANISER)

    def clean_role(self) -> Role:
        return Role(self.cleaned_data["role"])


class CreateTokenForm(forms.Form):
    """The name by which a team recognises a token."""

    name = CleanTextField(
        label=_("Name of the token"), max_length=80, help_text=_("What will use it, say “weekly report”.")
    )


_RULE_PROBLEMS = {
    RuleProblem.NO_DOMAIN: _("This is no mail domain. It should look like example.org."),
    RuleProblem.TAG_SIGNS: _("A tag can begin with + - = _ or #, and with nothing else."),
    RuleProblem.ALIAS_OF_ALIAS: _("An alias must lead to a mailbox: name the domain that has no “same as” itself."),
}


class MailDomainRuleForm(forms.ModelForm):  # type: ignore[type-arg]  # it is no generic at runtime
    """How one mail provider reads addresses, checked for shape; the administration keeps it through an action."""

    class Meta:
        model = MailDomainRule
        fields = ("domain", "same_as", "ignores_dots", "tag_signs")
        labels = {
            "domain": _("mail domain"),
            "same_as": _("same as"),
            "ignores_dots": _("ignores dots before the @"),
            "tag_signs": _("signs that begin a tag"),
        }
        help_texts = {
            "domain": _("What stands after the @."),
            "same_as": _(
                "Another domain of the same provider, in which each address is the same mailbox. That one's rule is used."
            ),
            "ignores_dots": _("ada.lovelace and adalovelace are one mailbox."),
            "tag_signs": _(
                "Everything from this sign to the @ is ignored: ada+news is ada. Leave it empty if nothing is."
            ),
        }

    def clean_domain(self) -> str:
        return _as_ascii(self.cleaned_data["domain"])

    def clean_same_as(self) -> str:
        return _as_ascii(self.cleaned_data["same_as"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        rows = MailDomainRule.objects.exclude(pk=self.instance.pk).values_list("domain", "same_as")
        facts = {name: cleaned[name] for name in ("ignores_dots", "tag_signs", "same_as")}
        problem = rule_problem(domain=cleaned["domain"], rule=Rule(**facts), others=list(rows))
        if problem is not None:
            raise forms.ValidationError(_RULE_PROBLEMS[problem], code=problem.value)
        return cleaned


def _as_ascii(domain: str) -> str:
    try:
        return ascii_domain(domain)
    except UnicodeError as error:  # what idna raises
        raise forms.ValidationError(_RULE_PROBLEMS[RuleProblem.NO_DOMAIN], code="no_domain") from error
