"""Staff see what failed and may try it again; they never see to whom it was going."""

import pytest
from django.test import Client
from django.urls import reverse, reverse_lazy

from outbox.delivery import deliver_batch
from outbox.models import MessageState, OutgoingMessage
from tests.factories import NOW, make_message, make_user
from tests.outbox.smtp_server import SmtpServer

pytestmark = pytest.mark.django_db
LIST = reverse_lazy("admin:outbox_outgoingmessage_changelist")


@pytest.fixture
def root_client() -> Client:
    client = Client()
    client.force_login(make_user(email="root@example.org", is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def failed(smtp: SmtpServer) -> OutgoingMessage:
    smtp.recipient_answers["alice@example.org"] = "550 no"
    message = make_message()
    deliver_batch(now=NOW)
    return message


def test_the_list_shows_failures_and_names_nobody(root_client: Client, failed: OutgoingMessage) -> None:
    page = root_client.get(LIST, {"state": "failed"}).content.decode()

    assert "SMTP 550" in page
    assert "greeting" in page
    assert "alice" not in page.casefold()


def test_one_message_shows_nobody_either(root_client: Client, failed: OutgoingMessage) -> None:
    page = root_client.get(reverse("admin:outbox_outgoingmessage_change", args=[failed.pk])).content.decode()

    assert "SMTP 550" in page
    assert "alice" not in page.casefold()
    assert "payload" not in page


def test_the_button_makes_a_failed_message_due_again(root_client: Client, failed: OutgoingMessage) -> None:
    chosen = {"action": "send_again", "_selected_action": [failed.pk]}

    answer = root_client.post(LIST, chosen, follow=True)

    failed.refresh_from_db()
    assert "1 message is due again" in answer.content.decode()
    assert (failed.state, failed.attempts) == (MessageState.DUE, 0)


@pytest.mark.parametrize("action", ["add", "delete"])
def test_rows_are_neither_made_nor_deleted_by_hand(root_client: Client, failed: OutgoingMessage, action: str) -> None:
    arguments = [] if action == "add" else [failed.pk]
    url = reverse(f"admin:outbox_outgoingmessage_{action}", args=arguments)

    assert root_client.post(url).status_code == 403


def test_a_stranger_is_shown_the_door(charlie_client: Client) -> None:
    assert charlie_client.get(LIST).status_code in {302, 403, 404}
