"""Petitions, their counts and repairs for the operator: to look at. Signatures are not here: nobody browses people."""

from typing import TYPE_CHECKING

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.admin_site import ReadOnly
from petitions.actions.tally import recount
from petitions.models import Milestone, Petition, PetitionText, TallyCheck, TallyRepair, TallyRepairCell
from petitions.queries.counts import count_of

if TYPE_CHECKING:
    PetitionAdminBase = admin.ModelAdmin[Petition]
    PetitionTextAdminBase = admin.ModelAdmin[PetitionText]
    MilestoneAdminBase = admin.ModelAdmin[Milestone]
    TallyCheckAdminBase = admin.ModelAdmin[TallyCheck]
    TallyRepairAdminBase = admin.ModelAdmin[TallyRepair]
    TallyRepairCellInlineBase = admin.TabularInline[TallyRepairCell, TallyRepair]
else:
    PetitionAdminBase = PetitionTextAdminBase = MilestoneAdminBase = admin.ModelAdmin
    TallyCheckAdminBase = TallyRepairAdminBase = admin.ModelAdmin
    TallyRepairCellInlineBase = admin.TabularInline


@admin.register(Petition)
class PetitionAdmin(ReadOnly, PetitionAdminBase):
    list_display = ("slug", "team", "state", "published", "opens_at", "closes_at")
    list_filter = ("state", "team")
    list_select_related = ("team", "tally")
    search_fields = ("slug", "addressee")
    ordering = ("-id",)
    actions = ("recount_selected",)

    @admin.display(description=_("signatures"))
    def published(self, petition: Petition) -> int:
        return count_of(petition)

    @admin.action(description=_("Recount the selected petitions from their signatures"), permissions=["view"])
    def recount_selected(self, request: HttpRequest, selected: QuerySet[Petition]) -> None:
        petition_ids = list(selected.values_list("pk", flat=True))
        for petition_id in petition_ids:
            recount(petition_id=petition_id, now=timezone.now())
        text = ngettext("%(n)d petition is recounted.", "%(n)d petitions are recounted.", len(petition_ids))
        self.message_user(request, text % {"n": len(petition_ids)})


@admin.register(PetitionText)
class PetitionTextAdmin(ReadOnly, PetitionTextAdminBase):
    list_display = ("title", "petition", "language", "version", "created_at")
    list_filter = ("language",)
    list_select_related = ("petition",)
    search_fields = ("title", "petition__slug")
    ordering = ("-id",)


@admin.register(Milestone)
class MilestoneAdmin(ReadOnly, MilestoneAdminBase):
    list_display = ("petition", "threshold", "reached_at")
    list_select_related = ("petition",)
    ordering = ("-reached_at", "-id")


@admin.register(TallyCheck)
class TallyCheckAdmin(ReadOnly, TallyCheckAdminBase):
    list_display = ("petition", "drift", "checked_at", "position", "lap_started_at", "lap_finished_at")
    list_select_related = ("petition",)
    ordering = ("-drift", "checked_at", "petition_id")


class TallyRepairCellInline(ReadOnly, TallyRepairCellInlineBase):
    model = TallyRepairCell
    ordering = ("starts_at", "country", "channel", "id")
    extra = 0


@admin.register(TallyRepair)
class TallyRepairAdmin(ReadOnly, TallyRepairAdminBase):
    list_display = (
        "petition",
        "found_at",
        "published_count",
        "owed",
        "counted",
        "in_buckets",
        "by_reasons",
        "in_hours",
        "wrong_cells",
    )
    list_select_related = ("petition",)
    ordering = ("-id",)
    inlines = (TallyRepairCellInline,)

    @admin.display(description=_("published"))
    def published_count(self, repair: TallyRepair) -> int:
        return repair.published
