"""manage.py purge_expired: every rule of how long things are kept, at once and by hand."""

from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.utils import timezone

from keep4o_site.retention import ALL_RETENTIONS
from outbox.models import DeliveryEvent, OutgoingMessage
from outbox.rules import DELIVERY_EVENT_RETENTION
from outbox.webhook_models import OutgoingWebhook
from petitions.actions.leaving import erase_signature
from petitions.actions.purging import BATCH
from petitions.models import PendingSignature, PetitionState, Signature
from petitions.queries.links import my_signature_token
from testimonials.models import AuthorContact, Status, Testimonial
from tests.factories import make_message, make_pending_signature, make_petition, make_signature
from tests.outbox.webhook_making import make_endpoint, owe_event
from tests.petitions.counting import load_signatures
from tests.testimonials.making import make_pending, make_unverified

pytestmark = pytest.mark.django_db
NOTHING = {
    "attempts": 0,
    "networks": 0,
    "digests": 0,
    "signatures": 0,
    "stories": 0,
    "messages": 0,
    "delivery_events": 0,
    "exports": 0,
    "webhooks": 0,
    "sessions": 0,
    "retention_runs": 0,
}


def purge() -> dict[str, int]:
    """Runs the command, and reads by kind what it says was forgotten."""
    out = StringIO()
    call_command("purge_expired", stdout=out)
    said = dict(line.rsplit(": ", 1) for line in out.getvalue().splitlines())
    return {kind.kind: int(said[str(kind.what)].replace(",", "")) for kind in ALL_RETENTIONS}


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

    Session.objects.create(session_key="ended", session_data="", expire_date=now - timedelta(minutes=1))
    networked = make_signature(signed_at=now - timedelta(days=31), verified_at=now - timedelta(days=31))
    Signature.objects.filter(pk=networked.pk).update(network_digest=b"n" * 32)

    told_at = now - DELIVERY_EVENT_RETENTION - timedelta(days=1)
    DeliveryEvent.objects.create(provider="p", event_id="1", kind="delivered", message=sent, occurred_at=told_at)

    event = owe_event(make_endpoint(now=sent_at), now=sent_at)
    OutgoingWebhook.objects.update(state="sent", sent_at=sent_at)

    assert purge() == {**dict.fromkeys(NOTHING, 1), "exports": 0, "retention_runs": 0}
    assert OutgoingWebhook.objects.get(pk=event.pk).body == ""
    assert not PendingSignature.objects.exists()
    assert Signature.objects.get(pk=old.pk).email_sealed is None
    assert set(Signature.objects.exclude(pk=networked.pk).values_list("identity_digest", flat=True)) == {None}
    assert Signature.objects.get(pk=networked.pk).network_digest is None
    assert not Session.objects.exists()
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

    assert purge()["signatures"] == BATCH + 1
