"""Figures for the operator, read from the database, so that any web process gives the same answer."""

from datetime import datetime

from prometheus_client import CollectorRegistry


def collect_metrics(*, now: datetime) -> CollectorRegistry:  # noqa: ARG001 # filled below
    return CollectorRegistry()
