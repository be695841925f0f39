"""Users, teams, roles and the audit trail for the operator. Rights change through the same actions as everywhere."""

from typing import TYPE_CHECKING

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts import actions
from accounts.admin_site import ReadOnly
from accounts.decorators import signed_in_user
from accounts.forms import MailDomainRuleForm
from accounts.models import ApiToken, AuditEntry, MailDomainRule, MailDomainRuleSet, Membership, Team, User
from accounts.rule_sets import drop_rules, keep_rule, newest_version, rule_sets
from accounts.rules import MailDomainRule as Rule

if TYPE_CHECKING:
    UserAdminBase = admin.ModelAdmin[User]
    TeamAdminBase = admin.ModelAdmin[Team]
    MembershipAdminBase = admin.ModelAdmin[Membership]
    ApiTokenAdminBase = admin.ModelAdmin[ApiToken]
    AuditEntryAdminBase = admin.ModelAdmin[AuditEntry]
    RuleAdminBase = admin.ModelAdmin[MailDomainRule]
    RuleSetAdminBase = admin.ModelAdmin[MailDomainRuleSet]
else:
    UserAdminBase = TeamAdminBase = MembershipAdminBase = ApiTokenAdminBase = AuditEntryAdminBase = admin.ModelAdmin
    RuleAdminBase = RuleSetAdminBase = admin.ModelAdmin


@admin.register(User)
class UserAdmin(UserAdminBase):
    list_display = ("email", "display_name", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff")
    search_fields = ("email", "display_name")
    ordering = ("email",)
    fields = ("email", "display_name", "language", "is_active", "is_staff", "is_superuser", "last_login", "date_joined")
    readonly_fields = ("email", "last_login", "date_joined")

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 # people sign up, or owners give a role
        return False

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:  # noqa: ARG002
        return False  # the audit trail names them: an account is closed, not deleted


@admin.register(Team)
class TeamAdmin(TeamAdminBase):
    list_display = ("name", "slug")
    search_fields = ("name", "slug")
    ordering = ("name", "pk")


@admin.register(Membership)
class MembershipAdmin(ReadOnly, MembershipAdminBase):
    list_display = ("user", "role", "team")
    list_filter = ("role", "team")
    list_select_related = ("user", "team")
    ordering = ("team", "user", "role")
    actions = ("revoke",)

    @admin.action(description=_("Remove the chosen roles"), permissions=["view"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[Membership]) -> None:
        """This function will remove roles as the team page does: audited, and never a team's last owner."""
        for membership in queryset.select_related("team"):
            self._revoke_one(request, membership)

    def _revoke_one(self, request: HttpRequest, membership: Membership) -> None:
        team, pk, now = membership.team, membership.pk, timezone.now()
        try:
            actions.revoke_role(team=team, actor=signed_in_user(request), membership_id=pk, now=now)
        except actions.AccountsError:
            sentence = gettext("A team keeps at least one owner. Make somebody else owner first.")
            self.message_user(request, sentence, messages.ERROR)
        else:
            self.message_user(request, gettext("The role is removed."), messages.SUCCESS)


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnly, ApiTokenAdminBase):
    list_display = ("name", "team", "created_by", "created_at", "revoked_at")
    list_select_related = ("team", "created_by")
    ordering = ("-created_at", "-pk")
    exclude = ("digest",)
    actions = ("revoke",)

    @admin.action(description=_("Revoke the chosen tokens"), permissions=["view"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        chosen = list(queryset.select_related("team"))
        for token in chosen:
            actions.revoke_api_token(
                team=token.team, actor=signed_in_user(request), token_id=token.pk, now=timezone.now()
            )
        sentence = ngettext("%(n)d token is revoked.", "%(n)d tokens are revoked.", len(chosen)) % {"n": len(chosen)}
        self.message_user(request, sentence, messages.SUCCESS)


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnly, AuditEntryAdminBase):
    list_display = ("at", "team", "actor", "verb", "subject")
    list_filter = ("verb", "team")
    list_select_related = ("team", "actor")
    ordering = ("-at", "-pk")


@admin.register(MailDomainRule)
class MailDomainRuleAdmin(RuleAdminBase):
    """What staff wish; `manage.py rekey_identities` says what it would change, and puts it in force."""

    form = MailDomainRuleForm
    list_display = ("domain", "ignores_dots", "tag_signs", "same_as", "is_in_force")
    list_filter = ("ignores_dots", "tag_signs")
    search_fields = ("domain", "same_as")
    ordering = ("domain",)

    @admin.display(boolean=True, description=_("in force"))
    def is_in_force(self, rule: MailDomainRule) -> bool:
        wished = Rule(ignores_dots=rule.ignores_dots, tag_signs=rule.tag_signs, same_as=rule.same_as)
        return rule_sets()[0].rules.get(rule.domain) == wished

    def save_model(self, request: HttpRequest, obj: MailDomainRule, form: object, change: bool) -> None:  # noqa: ARG002 # Django passes them
        keep_rule(rule=obj, actor=signed_in_user(request), now=timezone.now())
        self._say_next_step(request)

    def delete_model(self, request: HttpRequest, obj: MailDomainRule) -> None:
        self.delete_queryset(request, MailDomainRule.objects.filter(pk=obj.pk))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[MailDomainRule]) -> None:
        drop_rules(rules=queryset, actor=signed_in_user(request), now=timezone.now())
        self._say_next_step(request)

    def _say_next_step(self, request: HttpRequest) -> None:
        sentence = gettext(
            "Nothing has changed yet for people who sign: “manage.py rekey_identities” says what this would do, and does it."
        )
        self.message_user(request, sentence, messages.INFO)


@admin.register(MailDomainRuleSet)
class MailDomainRuleSetAdmin(ReadOnly, RuleSetAdminBase):
    list_display = ("version", "activated_at", "how_many", "is_in_force")
    ordering = ("-version",)

    @admin.display(description=_("rules"))
    def how_many(self, rule_set: MailDomainRuleSet) -> int:
        return len(rule_set.rules)

    @admin.display(boolean=True, description=_("in force"))
    def is_in_force(self, rule_set: MailDomainRuleSet) -> bool:
        return rule_set.version == newest_version()
