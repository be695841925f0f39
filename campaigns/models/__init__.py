"""Campaigns, what happened with its sources, and figures reported by others. Invariants are named constraints."""

from campaigns.models.campaign import Campaign, CampaignQuerySet, CampaignState, CampaignText
from campaigns.models.event import Event, EventDate, EventKind, EventSource, EventText, Precision, SourceType
from campaigns.models.reported import Qualifier, ReportedFigure, ReportedSeries, ReportedSeriesText

__all__ = [
    "Campaign",
    "CampaignQuerySet",
    "CampaignState",
    "CampaignText",
    "Event",
    "EventDate",
    "EventKind",
    "EventSource",
    "EventText",
    "Precision",
    "Qualifier",
    "ReportedFigure",
    "ReportedSeries",
    "ReportedSeriesText",
    "SourceType",
]
