"""The hourly purge: it forgets what is over, and logs numbers only."""

import logging
from datetime import timedelta

import pytest
from django.utils import timezone

from petitions.models import PendingSignature, PetitionState, Signature
from petitions.tasks import purge_expired_signing_data
from tests.factories import make_pending_signature, make_petition, make_signature

pytestmark = pytest.mark.django_db


def test_the_purge_forgets_what_is_over_and_keeps_the_rest() -> None:
    now = timezone.now()
    make_pending_signature(created_at=now - timedelta(days=14, minutes=1))
    kept = make_pending_signature(created_at=now - timedelta(days=13))
    closed = make_petition(state=PetitionState.CLOSED, closes_at=now - timedelta(days=181))
    forgotten, remembered = make_signature(petition=closed), make_signature()

    purge_expired_signing_data()

    assert list(PendingSignature.objects.all()) == [kept]
    forgotten.refresh_from_db()
    remembered.refresh_from_db()
    assert (forgotten.email_sealed, forgotten.name_sealed, forgotten.identity_digest) == (None, None, None)
    assert remembered.email_sealed is not None
    assert Signature.objects.counted().count() == 2


def test_the_purge_logs_numbers_only(caplog: pytest.LogCaptureFixture) -> None:
    make_pending_signature(email="alice@example.org", created_at=timezone.now() - timedelta(days=15))

    with caplog.at_level(logging.INFO):
        purge_expired_signing_data()

    (record,) = [record for record in caplog.records if record.message == "signing_data_purged"]
    assert (record.attempts, record.digests, record.signatures) == (1, 0, 0)  # type: ignore[attr-defined]
    assert "alice" not in str(vars(record))
