"""A story's whole way: written, confirmed, approved, read, taken back. Through pages and mails alone."""

import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from outbox.delivery import deliver_batch
from outbox.mailbox import list_mails
from testimonials.models import TestimonialEvent
from testimonials.queries.event_log import faults_of_event_log
from testimonials.rules.consents import CURRENT_VERSION
from tests.factories import ALICE
from tests.testimonials.making import make_campaign

TEXT = "Pendant deux ans, il a été mon premier lecteur. Un matin, il n'était plus là, et personne n'avait prévenu."


def newest_mail() -> str:
    deliver_batch(now=timezone.now())
    return list_mails(recipient=ALICE)[0].text


def link(mail: str, part: str) -> str:
    """The path of the link that leads to a part of the site."""
    found = re.search(rf"https?://[^/\s]+(/fr/{part}/\S+)", mail)
    assert found is not None
    return found.group(1)


@pytest.mark.django_db
def test_a_story_is_told_approved_read_and_taken_back(
    mail_dir: Path, client: Client, mona_client: Client, mona: User
) -> None:
    campaign = make_campaign(team=mona.memberships.get().team, slug="keep4o")

    sent = client.post(
        f"/fr/campaigns/{campaign.slug}/stories/new/",
        {
            "body": TEXT,
            "language": "fr",
            "display": "anonymous",
            "email": ALICE,
            "adult": "on",
            "consent_publish": "on",
            "consent_version": CURRENT_VERSION,
        },
        follow=True,
    )
    assert "3114" in sent.content.decode()

    client.post(link(newest_mail(), "confirm-story"))
    queue = mona_client.get(reverse("testimonials:moderation-queue")).content.decode()
    address = re.search(r'href="(/\w+/moderate/[0-9a-f-]{36}/)"', queue)
    assert address is not None
    page = mona_client.get(address.group(1)).content.decode()
    assert "mon premier lecteur" in page
    seen = {name: re.search(rf'name="{name}" value="([^"]+)"', page)[1] for name in ("version", "revision")}  # type: ignore[index]
    assert mona_client.post(address.group(1), {"action": "approve", **seen}).status_code == 302

    letter = newest_mail()
    public = link(letter, "campaigns")
    assert "mon premier lecteur" in client.get(public).content.decode()
    assert "mon premier lecteur" in client.get(f"/fr/campaigns/{campaign.slug}/stories/").content.decode()

    client.post(link(letter, "my-story") + "withdraw/")
    assert client.get(public).status_code == 410
    assert "mon premier lecteur" not in client.get(f"/fr/campaigns/{campaign.slug}/stories/").content.decode()
    verbs = TestimonialEvent.objects.order_by("number").values_list("verb", flat=True)
    assert list(verbs) == ["submitted", "confirmed", "approved", "withdrew"]
    assert list(faults_of_event_log()) == []
