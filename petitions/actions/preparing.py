"""Preparing files of a million rows: asked for in a request, written by the clock, taken out with an audit row."""

import logging
import tempfile
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.files import File
from django.core.files.storage import Storage, storages
from django.db import transaction
from django.db.models import F

from accounts.models import User
from outbox.session_locks import sole_holder
from petitions.actions.editing.common import audit
from petitions.models import ExportState, Petition, PreparedExport
from petitions.queries.signature_rows import write_signature_rows
from petitions.rules.exports import MOST_ATTEMPTS, is_time_to_try

logger = logging.getLogger(__name__)
# Any number that no other advisory lock of the site uses.
PREPARER_LOCK = 0x6B34_0003


class NotReady(Exception):
    """The file is still to be written, could not be, is gone, or lies where nobody can reach it just now."""


@transaction.atomic
def ask_for_export(*, petition: Petition, actor: User, language: str, now: datetime) -> None:
    """
    This function will owe a file of every counted signature; while one is owed, asking again changes nothing.

    Writes:  a PreparedExport; an audit row.
    """
    owed = PreparedExport(petition=petition, asked_by=actor, language=language, asked_at=now)
    PreparedExport.objects.bulk_create([owed], ignore_conflicts=True)
    audit(petition=petition, actor=actor, verb="rows.export-asked", now=now)


def prepare_next_export(*, now: datetime) -> bool:
    """
    This function will write the oldest owed file to STORAGES["exports"], in constant memory.

    Returns: whether there was one to write, and no other process is at it.
    Writes:  the file; the row's state, attempts, size and number of rows. A killed worker leaves it owed, and the next
             one writes the same file again; after MOST_ATTEMPTS it has failed, and may be asked for anew.
    """
    with sole_holder(PREPARER_LOCK) as is_sole:
        export = _next_owed(now) if is_sole else None
        if export is None:
            return False
        PreparedExport.objects.filter(pk=export.pk).update(attempts=F("attempts") + 1)
        export.attempts += 1
        try:
            _prepare(export, now=now)
        except Exception as error:  # noqa: BLE001 # each storage has errors of its own
            _note_trouble(export, error, now=now)
        return True


@transaction.atomic
def open_export(
    *, petition: Petition, export_id: int, actor: User, now: datetime
) -> tuple[PreparedExport, "File[Any]"]:
    """
    This function will open a file for somebody of the petition's team, and write down that they took it out.

    Raises:  NotReady; PreparedExport.DoesNotExist.
    """
    export = PreparedExport.objects.get(petition=petition, pk=export_id)
    if export.state != ExportState.READY or export.expires_at is None or export.expires_at <= now:
        raise NotReady
    try:
        file = _storage().open(export.file_name)
        file.seek(0)  # one that lies elsewhere is fetched now, while it can still be said that this does not work
    except Exception as error:
        logger.warning("export_out_of_reach", extra={"export": export.pk, "error": type(error).__name__})
        raise NotReady from error
    audit(petition=petition, actor=actor, verb="rows.exported", now=now, detail=f"#{export.pk}")
    return export, file


def forget_expired_exports(*, now: datetime, batch: int = 20) -> int:
    """This function will delete the files whose days are over, then their rows; returns how many."""
    expired = list(PreparedExport.objects.filter(expires_at__lte=now).order_by("expires_at")[:batch])
    for export in expired:
        if export.file_name:
            _storage().delete(export.file_name)
        export.delete()
    return len(expired)


def _next_owed(now: datetime) -> PreparedExport | None:
    owed = PreparedExport.objects.filter(state=ExportState.OWED).select_related("petition").order_by("asked_at", "id")
    return next(
        (export for export in owed if is_time_to_try(attempts=export.attempts, asked_at=export.asked_at, now=now)), None
    )


def _prepare(export: PreparedExport, *, now: datetime) -> None:
    with tempfile.TemporaryFile() as file:
        rows = write_signature_rows(petition=export.petition, language=export.language, file=file)
        size_bytes = file.tell()
        file.seek(0)
        name = f"signatures/{export.pk}.csv"
        _storage().delete(name)  # of an attempt that was killed between the file and its row
        saved = _storage().save(name, File(file))
    PreparedExport.objects.filter(pk=export.pk).update(
        state=ExportState.READY,
        ready_at=now,
        expires_at=now + settings.EXPORT_RETENTION,
        file_name=saved,
        size_bytes=size_bytes,
        rows=rows,
    )


def _note_trouble(export: PreparedExport, error: Exception, *, now: datetime) -> None:
    logger.error(
        "export_failed", extra={"export": export.pk, "attempt": export.attempts, "error": type(error).__name__}
    )
    if export.attempts >= MOST_ATTEMPTS:
        failed = PreparedExport.objects.filter(pk=export.pk)
        failed.update(state=ExportState.FAILED, expires_at=now + settings.EXPORT_RETENTION)


def _storage() -> Storage:
    return storages["exports"]
