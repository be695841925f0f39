"""How a petition is defended: what is held, what was removed and why, and how many tried."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from petitions.models.petition import Petition


class HeldReason(models.TextChoices):
    """Why an attempt does not count by its proof alone. The visitor sees nothing of it."""

    HONEYPOT = "honeypot", _("Filled in a field that no person sees")
    FORM_AGE = "form_age", _("From no page of ours, or faster than anybody types")
    NO_WORK = "no_work", _("Without the proof of work that was asked for")
    NETWORK_RATE = "network_rate", _("Too many from one network")
    DOMAIN_RATE = "domain_rate", _("Too many from one mail domain")
    DISPOSABLE = "disposable", _("Throw-away address")
    RULE = "rule", _("From a domain or network on hold")
    CASE = "case", _("Covered by a case")


class RemovalReason(models.TextChoices):
    """What the public integrity page says of a case."""

    AUTOMATED = "automated", _("Sent by a program")
    SAME_PERSON = "same_person", _("One person under many addresses")
    DISPOSABLE = "disposable", _("Throw-away addresses")
    FORGED = "forged", _("Signed for people who did not sign")
    OTHER = "other", _("Another reason, told on this page")


class CaseState(models.TextChoices):
    PREVIEWED = "previewed", _("Previewed")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    UNDOING = "undoing", _("Being undone")
    UNDONE = "undone", _("Undone")
    DISCARDED = "discarded", _("Discarded")


class IntegrityCase(models.Model):
    """
    A reversible removal: its conditions, exactly the rows that they found when it was previewed, and the reason.

    `conditions` holds what was asked for, digests in hexadecimal, never an address or a name. The rows are its members:
    running and undoing touch these and no others, in the order of their ids. `bookmark` is the last one that the run or
    the undoing under way has handled, and is moved in the transaction that handled it: whoever is killed loses nothing.
    """

    petition = models.ForeignKey(Petition, on_delete=models.PROTECT, related_name="cases")
    reason = models.CharField(max_length=20, choices=RemovalReason.choices)
    note = models.CharField(max_length=400)  # for the team and the public record: what was seen, about nobody by name
    conditions = models.JSONField()
    state = models.CharField(max_length=10, choices=CaseState.choices, default=CaseState.PREVIEWED)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    # What the preview found: signatures that counted then, signatures that were held, attempts.
    found_counted = models.PositiveIntegerField(default=0)
    found_held = models.PositiveIntegerField(default=0)
    found_attempts = models.PositiveIntegerField(default=0)
    bookmark = models.BigIntegerField(default=0)
    handled = models.PositiveIntegerField(default=0)
    removed = models.PositiveIntegerField(default=0)  # how many it took off the count
    restored = models.PositiveIntegerField(default=0)  # how many its undoing gave back to the count
    run_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    undo_reason = models.CharField(max_length=400, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=CaseState.values), name="case_state_known"),
            models.CheckConstraint(condition=Q(reason__in=RemovalReason.values), name="case_reason_known"),
            models.CheckConstraint(
                condition=~Q(state__in=[CaseState.DONE, CaseState.UNDOING, CaseState.UNDONE])
                | Q(done_at__isnull=False),
                name="case_done_has_instant",
            ),
            models.CheckConstraint(
                condition=Q(restored__lte=models.F("removed")), name="case_restores_only_what_it_removed"
            ),
            models.CheckConstraint(
                condition=Q(removed__lte=models.F("found_counted") + models.F("found_held")),
                name="case_removes_only_what_it_found",
            ),
        ]
        indexes = [
            models.Index(fields=["petition", "-created_at"], name="case_newest"),
            models.Index(fields=["id"], condition=Q(state__in=["running", "undoing"]), name="case_under_way"),
        ]

    def __str__(self) -> str:
        return f"case {self.pk} of {self.petition_id} ({self.state})"

    @property
    def found(self) -> int:
        return self.found_counted + self.found_held + self.found_attempts


class CaseMember(models.Model):
    """
    One row that a case was shown to cover: a signature or an attempt.

    `changed_it` says that the case itself took the row off, so that undoing gives back that and nothing else.
    """

    case = models.ForeignKey(IntegrityCase, on_delete=models.CASCADE, related_name="members", db_index=False)
    signature = models.ForeignKey("petitions.Signature", on_delete=models.CASCADE, null=True, related_name="+")
    # No foreign key: attempts come and go with every proof, which must not have to look here.
    attempt_id = models.BigIntegerField(null=True)
    changed_it = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "signature"], name="case_member_unique_signature"),
            models.UniqueConstraint(fields=["case", "attempt_id"], name="case_member_unique_attempt"),
            models.CheckConstraint(
                condition=Q(signature__isnull=False, attempt_id__isnull=True)
                | Q(signature__isnull=True, attempt_id__isnull=False),
                name="case_member_is_one_row",
            ),
        ]
        indexes = [models.Index(fields=["case", "id"], name="case_member_in_order")]

    def __str__(self) -> str:
        return f"member {self.pk} of case {self.case_id}"


class HoldKind(models.TextChoices):
    DOMAIN = "domain", _("Mail domain")
    NETWORK = "network", _("Network, until midnight UTC")  # its digest changes with the day


class HoldRule(models.Model):
    """A switch of staff: hold every attempt from one mail domain or network. Without a petition: on the whole site."""

    petition = models.ForeignKey(Petition, on_delete=models.CASCADE, null=True, related_name="hold_rules")
    kind = models.CharField(max_length=10, choices=HoldKind.choices)
    digest = models.BinaryField(max_length=32)
    reason = models.CharField(max_length=200)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(kind__in=HoldKind.values), name="hold_rule_kind_known")]

    def __str__(self) -> str:
        return f"hold {self.kind} #{self.pk}"


class AttemptEntry(models.Model):
    """One attempt to be counted, written beside it and deleted when the clock has added it to its hour."""

    # Entries are few at any time and taken in the order of their numbers.
    petition = models.ForeignKey(Petition, on_delete=models.CASCADE, related_name="+", db_index=False)
    occurred_at = models.DateTimeField()
    held_reason = models.CharField(max_length=20, blank=True, default="")

    def __str__(self) -> str:
        return f"attempt at {self.petition_id}"


class AttemptHour(models.Model):
    """How many attempts there were in an hour, by why they were held; "" for those that were not."""

    petition = models.ForeignKey(Petition, on_delete=models.CASCADE, related_name="attempt_hours")
    starts_at = models.DateTimeField()
    held_reason = models.CharField(max_length=20, blank=True, default="")
    n = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["petition", "starts_at", "held_reason"], name="attempt_hour_unique"),
            models.CheckConstraint(condition=Q(n__gte=0), name="attempt_hour_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.petition_id} {self.starts_at}: {self.n}"
