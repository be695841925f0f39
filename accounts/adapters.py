"""How allauth speaks to this site: its mails become outbox rows, its secrets are sealed, its errors use our words."""

import base64
import logging
import uuid
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, override
from django.utils.translation import gettext_lazy as _

from accounts.actions import claim_account, claim_account_elsewhere
from accounts.lookalike_words import address_sentence
from accounts.lookalikes import address_problem
from accounts.models import User
from accounts.sealed import SECOND_FACTOR_PURPOSE
from outbox.digests import keyed_digest
from outbox.models import MessagePriority
from outbox.queue import queue_email
from outbox.sealing import seal, unseal

logger = logging.getLogger(__name__)
_STATE_CHARS = 32
_KINDS = {
    "account/email/login_code": "account_login_code",
    "account/email/email_confirmation": "account_verify_email",
    "account/email/email_confirmation_signup": "account_verify_email",
    "account/email/password_reset_key": "account_password_reset",
    "account/email/unknown_account": "account_unknown",
    "account/email/account_already_exists": "account_exists",
}
# allauth's notifications are one kind of ours: the sentence that says what has changed.
_CHANGES: dict[str, Promise] = {
    "account/email/password_changed": _("The password of your account was changed."),
    "account/email/password_reset": _("The password of your account was reset."),
    "account/email/password_set": _("A password was set for your account."),
    "account/email/email_changed": _("The main e-mail address of your account was changed."),
    "account/email/email_confirm": _("An e-mail address of your account was confirmed."),
    "account/email/email_deleted": _("An e-mail address was removed from your account."),
    "mfa/email/totp_activated": _("An authenticator app was added to your account."),
    "mfa/email/totp_deactivated": _("The authenticator app was removed from your account."),
    "mfa/email/recovery_codes_generated": _("New recovery codes were made for your account."),
    "mfa/email/webauthn_added": _("A passkey was added to your account."),
    "mfa/email/webauthn_removed": _("A passkey was removed from your account."),
    "socialaccount/email/account_connected": _("Another way to sign in was added to your account."),
    "socialaccount/email/account_disconnected": _("A way to sign in was removed from your account."),
}


class AccountAdapter(DefaultAccountAdapter):
    """Owes allauth's mails to the outbox, so that no request waits for a mail server."""

    error_messages: ClassVar[dict[str, Promise]] = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("This account is closed."),
        "cannot_remove_primary_email": _(
            "Your main address cannot be removed: make another one your main address first."
        ),
        "duplicate_email": _("This address already belongs to your account."),
        "email_password_mismatch": _("The address and the password do not belong together."),
        "email_taken": _("Another account uses this address."),
        "enter_current_password": _("This is not your current password."),
        "incorrect_code": _("This code is not right. Look at the newest message and try again."),
        "incorrect_password": _("This is not your password."),
        "invalid_password_reset": _("This link is not valid any more. Ask for a new one."),
        "max_email_addresses": _("An account holds at most %d addresses."),
        "rate_limited": _("That was too often. Wait a minute, then try again."),
        "same_as_current": _("This is what it is already."),
        "too_many_login_attempts": _("Too many attempts failed. Wait five minutes, then try again."),
        "unverified_primary_email": _("Confirm this address first, then make it your main address."),
    }

    def is_ajax(self, request: HttpRequest) -> bool:
        # One script asks, for the challenge of a passkey; any other program that claims to be one gets the page.
        match = request.resolver_match
        is_for_passkeys = match is not None and match.url_name == "mfa_login_webauthn"
        return is_for_passkeys and bool(super().is_ajax(request))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """This function will owe one of allauth's mails to the outbox, in the language of the address's owner."""
        language = _language_of(email)
        queue_email(
            kind=_KINDS.get(template_prefix, "account_changed"),
            unique_key=f"account:{uuid.uuid4().hex}",
            recipient=email,
            language=language,
            context=_mail_context(template_prefix, context, language),
            now=timezone.now(),
            priority=MessagePriority.VERIFICATION,
        )

    def clean_email(self, email: str) -> str:
        """This function will refuse an address that looks like another one, in words of its own."""
        problem = address_problem(email)
        if problem is not None:
            raise ValidationError(address_sentence(problem), code=problem.value)
        cleaned: str = super().clean_email(email)
        return cleaned

    def set_password(self, user: User, password: str) -> None:
        """A link to a new password proves the address as a code does: nothing from before it opens the account."""
        claim_account(user=user)
        super().set_password(user, password)

    def save_user(
        self, request: HttpRequest, user: User, form: Any, commit: bool = True
    ) -> User:  # allauth calls it so
        user.language = get_language() or settings.LANGUAGE_CODE
        saved: User = super().save_user(request, user, form, commit)
        return saved


class SocialAdapter(DefaultSocialAccountAdapter):
    """Lets people in by an account elsewhere, and keeps of it no more than a digest of who it is."""

    error_messages: ClassVar[dict[str, Promise]] = {
        **DefaultSocialAccountAdapter.error_messages,
        "email_taken": _("Another account uses this address."),
        "no_password": _("Set a password first: else nothing would open your account."),
        "no_verified_email": _("Confirm your e-mail address first: else nothing would open your account."),
        "connected_other": _("That account opens another account of this site already."),
    }

    def list_apps(self, request: HttpRequest, provider: str | None = None, client_id: str | None = None) -> list[Any]:
        """The environment alone says whose accounts open this site; no row of the database adds one."""
        apps: list[SocialApp] = super().list_apps(request, provider=provider, client_id=client_id)
        return [app for app in apps if app.pk is None]

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:  # noqa: ARG002 # allauth calls it so
        """This function will take over the address and nothing else: no name, no picture, not even the number."""
        account = sociallogin.account
        account.uid = keyed_digest(text=f"{account.provider} {account.uid}", purpose="social-account").hex()
        account.extra_data = {}
        for address in sociallogin.email_addresses:
            address.verified = address.verified is True  # some providers say "false", a text, which is true
        user: User = sociallogin.user
        user.email = next((address.email for address in sociallogin.email_addresses), "")
        return user

    def authenticate_by_email(self, sociallogin: SocialLogin) -> tuple[User, str] | None:
        """This function will find the account of an address that both the provider and we have seen proved."""
        for email in _verified_elsewhere(sociallogin):
            ours = EmailAddress.objects.filter(email=email.lower(), verified=True).select_related("user").first()
            if ours is not None:
                return ours.user, email
        return None

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        sociallogin.token = None  # it has been used; allauth would keep it in the session of whoever signs up
        if sociallogin.is_existing or sociallogin.state.get("process") != AuthProcess.LOGIN:
            return
        for email in _verified_elsewhere(sociallogin):
            user = claim_account_elsewhere(email=email)
            if user is not None:
                sociallogin.connect(request, user)
                return

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> User:
        sociallogin.user.language = get_language() or settings.LANGUAGE_CODE
        saved: User = super().save_user(request, sociallogin, form)
        return saved

    def generate_state_param(self, state: dict[str, Any]) -> str:  # noqa: ARG002 # allauth passes it
        """The language comes first: the provider sends the visitor back to an address that has none."""
        return f"{get_language() or settings.LANGUAGE_CODE}.{get_random_string(_STATE_CHARS)}"

    def on_authentication_error(
        self,
        request: HttpRequest,  # noqa: ARG002 # allauth calls it so
        provider: Any,
        error: Any = None,
        exception: Any = None,
        extra_context: Any = None,  # noqa: ARG002
    ) -> None:
        """This function will log that somebody could not come in, and of the exception its type only."""
        cause = type(exception).__name__ if exception is not None else str(error)
        logger.warning("sign_in_elsewhere_failed", extra={"provider": provider.sub_id, "error": cause})


class MFAAdapter(DefaultMFAAdapter):
    """Seals the secrets of second factors: a stolen table opens no account."""

    error_messages: ClassVar[dict[str, Promise]] = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This code is not right. Codes change every 30 seconds: try the one shown now."),
        "unverified_email": _("Confirm your e-mail address first."),
        "add_email_blocked": _("An account with a second factor keeps its addresses. Remove the second factor first."),
    }

    def encrypt(self, text: str) -> str:
        return base64.b64encode(seal(text=text, purpose=SECOND_FACTOR_PURPOSE)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(sealed=base64.b64decode(encrypted_text), purpose=SECOND_FACTOR_PURPOSE)

    def generate_authenticator_name(self, user: User, type: Any) -> str:  # noqa: A002, ARG002 # allauth's signature
        return gettext("My passkey")

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {**super().get_public_key_credential_rp_entity(), "name": settings.SITE_NAME}


def _verified_elsewhere(sociallogin: SocialLogin) -> list[str]:
    return [address.email for address in sociallogin.email_addresses if address.verified]


def _language_of(email: str) -> str:
    known = User.objects.filter(email__iexact=email).values_list("language", flat=True).first()
    return known or get_language() or settings.LANGUAGE_CODE


def _mail_context(template_prefix: str, given: dict[str, Any], language: str) -> dict[str, str]:
    """This function will choose what the mail needs: a code, a change, or the way in; nothing of the request."""
    with override(language):
        if template_prefix in _CHANGES:
            return {"change": str(_CHANGES[template_prefix]), "account_url": _absolute("accounts:overview")}
        ways_in = {"sign_up_url": _absolute("account_signup"), "sign_in_url": _absolute("account_login")}
    code = {"code": str(given["code"])} if "code" in given else {}
    reset = {"reset_url": str(given["password_reset_url"])} if "password_reset_url" in given else {}
    return {**ways_in, **code, **reset}


def _absolute(name: str) -> str:
    return settings.SITE_URL + reverse(name)
