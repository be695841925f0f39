"""The audit trail cannot be edited, not even by hand."""

from datetime import datetime

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import ProtectedError

from accounts.actions import record_audit
from accounts.models import AuditEntry, Team, User

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accounts_auditentry SET verb = 'nothing'",
        "DELETE FROM accounts_auditentry",
        "SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE accounts_auditentry",
    ],
)
def test_the_database_refuses_to_change_the_audit_trail(team: Team, bob: User, now: datetime, statement: str) -> None:
    record_audit(team=team, actor=bob, verb="export.downloaded", subject="counts by day", now=now)

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert AuditEntry.objects.get().verb == "export.downloaded"


def test_a_command_leaves_an_entry_without_an_actor(team: Team, now: datetime) -> None:
    entry = record_audit(team=team, actor=None, verb="export.downloaded", subject="counts by day", now=now)

    assert entry.actor is None


def test_whoever_stands_in_the_audit_trail_cannot_be_deleted(team: Team, bob: User, now: datetime) -> None:
    record_audit(team=team, actor=bob, verb="export.downloaded", subject="counts by day", now=now)

    with pytest.raises(ProtectedError):
        bob.delete()
