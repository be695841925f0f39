"""Every change of rights: roles, tokens, one's own profile. Each leaves an append-only audit row; nothing is sent here."""

from dataclasses import dataclass
from datetime import datetime

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import override

from accounts.api_tokens import make_secret, secret_digest
from accounts.models import ApiToken, AuditEntry, Membership, Role, Team, User
from accounts.rules import clean_text
from outbox.queue import queue_email


class AccountsError(Exception):
    """What these actions refuse."""


class LastOwnerStays(AccountsError):
    """A team without an owner could never be changed again."""


class RoleNotHeld(AccountsError):
    """The role is not held (any more) in this team."""


class TokenNotFound(AccountsError):
    """The team has no such token."""


@dataclass(frozen=True, kw_only=True)
class IssuedToken:
    """A new token with its secret, which is shown once and kept nowhere."""

    token: ApiToken
    secret: str


def record_audit(*, team: Team | None, actor: User | None, verb: str, subject: str, now: datetime) -> AuditEntry:
    """
    This function will write down who changed a right or took personal data out, in the caller's transaction.

    Args:    team: None for the whole site.  actor: None for a command.  verb: `noun.past`, say "export.downloaded".
             subject: things and users by slug or number, at most 200 characters; never a name or an address.
    """
    return AuditEntry.objects.create(team=team, actor=actor, verb=verb, subject=subject, at=now)


@transaction.atomic
def grant_role(*, team: Team, actor: User, email: str, role: Role, language: str, now: datetime) -> Membership:
    """
    This function will give a role to whoever owns an address; granting it again changes nothing.

    Args:    email: validated by the form.  language: of the mail, should the person be new here.
    Writes:  a User without a password if the address is new, the Membership, an audit row; owes one mail.
    """
    user = _invited_user(email=email.lower(), language=language)
    membership, granted = Membership.objects.get_or_create(team=team, user=user, role=role)
    if granted:
        record_audit(team=team, actor=actor, verb="role.granted", subject=f"{role} to user {user.pk}", now=now)
        _owe_role_mail(membership=membership, now=now)
    return membership


@transaction.atomic
def revoke_role(*, team: Team, actor: User, membership_id: int, now: datetime) -> None:
    """
    This function will take a role away, from the next request of that person on.

    Raises:  RoleNotHeld if the team has no such membership; LastOwnerStays if nobody else could manage the team.
    Writes:  deletes the Membership, an audit row. The team's row is locked, so that two owners who remove each other
             at the same instant do not leave the team to nobody.
    """
    Team.objects.select_for_update().get(pk=team.pk)
    membership = Membership.objects.filter(team=team, pk=membership_id).first()
    if membership is None:
        raise RoleNotHeld("the team has no such membership")
    if membership.role == Role.OWNER and not _has_other_owner(membership):
        raise LastOwnerStays("another person must be owner first")
    subject = f"{membership.role} of user {membership.user_id}"
    membership.delete()
    record_audit(team=team, actor=actor, verb="role.revoked", subject=subject, now=now)


@transaction.atomic
def create_api_token(*, team: Team, actor: User, name: str, now: datetime) -> IssuedToken:
    """This function will make a team's token for the API; the secret it returns cannot be had again."""
    secret = make_secret()
    token = ApiToken.objects.create(
        team=team, name=name, digest=secret_digest(secret), created_by=actor, created_at=now
    )
    record_audit(team=team, actor=actor, verb="token.created", subject=f"token {token.pk}", now=now)
    return IssuedToken(token=token, secret=secret)


@transaction.atomic
def revoke_api_token(*, team: Team, actor: User, token_id: int, now: datetime) -> None:
    """This function will end a token at once; ending it again changes nothing. Raises TokenNotFound."""
    tokens = ApiToken.objects.filter(team=team, pk=token_id)
    if tokens.filter(revoked_at__isnull=True).update(revoked_at=now):
        record_audit(team=team, actor=actor, verb="token.revoked", subject=f"token {token_id}", now=now)
    elif not tokens.exists():
        raise TokenNotFound("the team has no such token")


def change_profile(*, user: User, display_name: str, language: str) -> None:
    """This function will set how the site addresses a user: the name others see, the language of their mails."""
    user.display_name = clean_text(display_name)
    user.language = language
    user.save(update_fields=["display_name", "language"])


@transaction.atomic
def claim_account(*, user: User) -> bool:
    """
    This function will take every key off an account whose address nobody has proved, just before its owner proves it.

    Whoever typed the address first may have waited for its owner with a password or a linked account of their own.
    Returns: whether there was anything to take. An account with a proved address keeps all it has.
    Writes:  the password, also of `user` itself; deletes linked accounts and second factors.
    """
    User.objects.select_for_update().get(pk=user.pk)
    if EmailAddress.objects.filter(user=user, verified=True).exists():
        return False
    had_password = user.has_usable_password()
    user.set_unusable_password()
    user.save(update_fields=["password"])
    links, _ = SocialAccount.objects.filter(user=user).delete()
    factors, _ = Authenticator.objects.filter(user=user).delete()
    return had_password or bool(links or factors)


@transaction.atomic
def claim_account_elsewhere(*, email: str) -> User | None:
    """
    This function will give an account whose address nobody has proved to who has proved that address elsewhere.

    Args:    email: that a provider says to be verified.
    Returns: the account, its address proved and its keys gone; None if there is no such account.
    """
    unproved = User.objects.exclude(emailaddress__verified=True).filter(email__iexact=email, is_active=True)
    user = unproved.select_for_update().first()
    if user is None or EmailAddress.objects.filter(email=email.lower(), verified=True).exists():
        return None
    claim_account(user=user)
    EmailAddress.objects.filter(user=user).delete()
    EmailAddress.objects.create(user=user, email=email.lower(), verified=True, primary=True)
    return user


def _invited_user(*, email: str, language: str) -> User:
    proved = User.objects.filter(emailaddress__email=email, emailaddress__verified=True).first()
    if proved is not None:
        return proved
    user = _unproved_user(email=email, language=language)
    # Whoever typed this address first may have set a password in wait for the role: only the mailbox opens it now.
    user.set_unusable_password()
    user.save(update_fields=["password"])
    return user


def _unproved_user(*, email: str, language: str) -> User:
    try:
        with transaction.atomic():  # a savepoint: somebody may create the same user at this instant
            user = User.objects.create_user(email, None, language=language)
            EmailAddress.objects.create(user=user, email=email, primary=True, verified=False)
            return user
    except IntegrityError:
        return User.objects.get(email__iexact=email)


def _has_other_owner(membership: Membership) -> bool:
    owners = Membership.objects.filter(team_id=membership.team_id, role=Role.OWNER, user__is_active=True)
    return owners.exclude(pk=membership.pk).exists()


def _owe_role_mail(*, membership: Membership, now: datetime) -> None:
    user = membership.user
    with override(user.language):
        context = {
            "team": membership.team.name,
            "role": str(Role(membership.role).label),
            "sign_in_url": settings.SITE_URL + reverse("account_request_login_code"),
        }
    queue_email(
        kind="account_role_granted",
        unique_key=f"role-granted:{membership.pk}",
        recipient=user.email,
        language=user.language,
        context=context,
        now=now,
    )
