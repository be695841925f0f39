"""manage.py purge_expired: every rule of how long things are kept, at once and by hand."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from keep4o_site.celery import app
from outbox.models import OutgoingMessage
from petitions.actions.leaving import erase_signature
from petitions.actions.purging import BATCH
from petitions.models import PendingSignature, PetitionState, Signature
from petitions.queries.links import my_signature_token
from testimonials.models import AuthorContact, Status, Testimonial
from tests.factories import make_message, make_pending_signature, make_petition, make_signature
from tests.petitions.counting import load_signatures
from tests.testimonials.making import make_pending, make_unverified

pytestmark = pytest.mark.django_db
NOTHING = [
    "attempts to sign deleted: 0",
    "fingerprints of erased signatures dropped: 0",
    "signatures of long closed petitions freed of name and address: 0",
    "stories erased: 0",
    "messages emptied of recipient and content: 0",
]


def purge() -> list[str]:
    out = StringIO()
    call_command("purge_expired", stdout=out)
    return out.getvalue().splitlines()


def test_what_is_over_goes_and_is_told_by_kind() -> None:
    now = timezone.now()
    long_closed = make_petition(state=PetitionState.CLOSED, closes_at=now - timedelta(days=181))
    just_closed = make_petition()
    make_pending_signature(created_at=now - timedelta(days=15))
    old = make_signature(petition=long_closed)
    erased = make_signature(petition=just_closed)
    erase_signature(token=my_signature_token(signature_id=erased.pk, now=now), now=now)
    just_closed.state, just_closed.closes_at = PetitionState.CLOSED, now - timedelta(days=2)
    just_closed.save(update_fields=["state", "closes_at"])
    make_unverified(now=now - timedelta(days=8))
    sent = make_message(now=now - timedelta(days=9))
    sent_at = now - timedelta(days=8)
    OutgoingMessage.objects.filter(pk=sent.pk).update(state="sent", sent_at=sent_at)

    assert purge() == [
        "attempts to sign deleted: 1",
        "fingerprints of erased signatures dropped: 1",
        "signatures of long closed petitions freed of name and address: 1",
        "stories erased: 1",
        "messages emptied of recipient and content: 1",
    ]
    assert not PendingSignature.objects.exists()
    assert Signature.objects.get(pk=old.pk).email_sealed is None
    assert set(Signature.objects.values_list("identity_digest", flat=True)) == {None}
    assert Testimonial.objects.get().status == Status.ERASED
    assert OutgoingMessage.objects.get(pk=sent.pk).payload_sealed is None
    assert purge() == NOTHING


def test_what_is_not_over_stays() -> None:
    now = timezone.now()
    make_pending_signature(created_at=now - timedelta(days=13))
    make_signature(petition=make_petition(state=PetitionState.CLOSED, closes_at=now - timedelta(days=179)))
    make_pending(now=now - timedelta(days=300))
    message = make_message(now=now - timedelta(days=300))

    assert purge() == NOTHING
    assert PendingSignature.objects.exists()
    assert Signature.objects.get().email_sealed is not None
    assert AuthorContact.objects.exists()
    assert OutgoingMessage.objects.get(pk=message.pk).payload_sealed is not None


def test_more_than_one_batch_goes_in_one_run() -> None:
    long_closed = make_petition(state=PetitionState.CLOSED, closes_at=timezone.now() - timedelta(days=181))
    load_signatures(long_closed, BATCH + 1)

    assert "signatures of long closed petitions freed of name and address: 1,001" in purge()


def test_no_purge_of_the_clock_is_missing() -> None:
    purges = {entry["task"] for entry in app.conf.beat_schedule.values() if "purge" in entry["task"]}

    assert purges == {
        "petitions.tasks.purge_expired_signing_data",
        "testimonials.tasks.purge_expired_testimonials",
        "outbox.tasks.purge_delivered_messages",
    }
