"""Who may act: users, the teams they belong to with their roles, and the tokens of a team's programs."""

from typing import ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from outbox.webhook_models import WebhookEndpoint

MOST_WEBHOOKS = 5  # of a team


class UserManager(BaseUserManager["User"]):
    """Creates users by e-mail address, as manage.py createsuperuser and allauth expect."""

    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: object) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in by e-mail. Supporters need no account; staff do."""

    email = models.EmailField(_("e-mail address"))
    display_name = models.CharField(_("name"), max_length=80, blank=True)
    language = models.CharField(max_length=10, default="en")
    is_staff = models.BooleanField(default=False)  # may open Django's admin
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(auto_now_add=True)

    objects = UserManager()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.UniqueConstraint(fields=["email"], name="user_unique_email"),
            models.UniqueConstraint(Lower("email"), name="user_unique_email_in_any_case"),
        ]

    def __str__(self) -> str:
        return self.display_name or f"user {self.pk}"


class Team(models.Model):
    """The people who run campaigns and petitions together."""

    slug = models.SlugField(max_length=60)
    name = models.CharField(max_length=120)

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        constraints = [models.UniqueConstraint(fields=["slug"], name="team_unique_slug")]

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    OWNER = "owner", _("Owner")
    ORGANISER = "organiser", _("Organiser")
    MODERATOR = "moderator", _("Moderator")
    SAFEGUARDING = "safeguarding", _("Safeguarding lead")
    ANALYST = "analyst", _("Analyst")


class Membership(models.Model):
    """One role of one user in one team; a person may hold several."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices)

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        constraints = [
            models.UniqueConstraint(fields=["team", "user", "role"], name="membership_unique_role"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="membership_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} of {self.team_id}"


class ApiToken(models.Model):
    """A team's key to the export API. Only its digest is kept; it is shown once, when it is made."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=80)
    digest = models.BinaryField(max_length=32)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        constraints = [models.UniqueConstraint(fields=["digest"], name="api_token_unique_digest")]

    def __str__(self) -> str:
        return f"{self.name} ({'revoked' if self.revoked_at else 'active'})"


class TeamWebhook(models.Model):
    """
    A URL of a team that wants its events; the outbox keeps where it is and posts to it.

    `number` is what the team calls it by, and by its constraint the reason why there are MOST_WEBHOOKS at most.
    """

    endpoint = models.OneToOneField(WebhookEndpoint, on_delete=models.CASCADE, primary_key=True, related_name="owner")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="webhooks")
    number = models.PositiveSmallIntegerField()
    description = models.CharField(max_length=80)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        constraints = [
            models.UniqueConstraint(fields=["team", "number"], name="team_webhook_unique_number"),
            models.CheckConstraint(condition=Q(number__range=(1, MOST_WEBHOOKS)), name="team_webhook_number_in_range"),
        ]

    def __str__(self) -> str:
        return f"webhook {self.number} of team {self.team_id}"


class AuditEntry(models.Model):
    """
    Who changed which right or took personal data out, and when. A trigger refuses UPDATE, DELETE and TRUNCATE.

    `subject` names things and users by number, never a person by name or address. No actor: a command did it. No team:
    it concerns the whole site.
    """

    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, related_name="audit_entries")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    verb = models.CharField(max_length=40)
    subject = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit trail")
        constraints = [models.CheckConstraint(condition=~Q(verb=""), name="audit_entry_has_verb")]
        indexes = [models.Index(fields=["team", "-at", "-id"], name="audit_entry_newest")]

    def __str__(self) -> str:
        return f"{self.verb} #{self.pk}"


class MailDomainRule(models.Model):
    """
    How one mail provider reads the part before the @, as staff wish it to be.

    What is in force is the newest MailDomainRuleSet; `manage.py rekey_identities` makes the wishes the next one.
    """

    domain = models.CharField(max_length=253)
    ignores_dots = models.BooleanField(default=False)
    tag_signs = models.CharField(max_length=4, blank=True, default="+")
    same_as = models.CharField(max_length=253, blank=True, default="")

    class Meta:
        verbose_name = _("mail domain rule")
        verbose_name_plural = _("mail domain rules")
        constraints = [
            models.UniqueConstraint(fields=["domain"], name="mail_domain_rule_unique_domain"),
            models.CheckConstraint(condition=~Q(same_as=models.F("domain")), name="mail_domain_rule_not_its_own_alias"),
        ]

    def __str__(self) -> str:
        return self.domain


class MailDomainRuleSet(models.Model):
    """One version of all rules, in force since its activation: every digest of an identity was made by the newest."""

    version = models.PositiveIntegerField()
    rules = models.JSONField()  # {domain: {"ignores_dots": …, "tag_signs": …, "same_as": …}}
    activated_at = models.DateTimeField()

    class Meta:
        verbose_name = _("version of the mail domain rules")
        verbose_name_plural = _("versions of the mail domain rules")
        constraints = [models.UniqueConstraint(fields=["version"], name="mail_domain_rule_set_unique_version")]

    def __str__(self) -> str:
        return f"rules v{self.version}"


class RetentionRun(models.Model):
    """One line of the retention report: how much of one kind of data was forgotten, and when. About nobody."""

    kind = models.CharField(max_length=40)
    forgotten = models.PositiveBigIntegerField()
    ran_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["-ran_at", "kind"], name="retention_run_newest")]

    def __str__(self) -> str:
        return f"{self.kind}: {self.forgotten}"
