"""What docs/webhooks.md tells receivers, run as it stands there."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from standardwebhooks.webhooks import WebhookVerificationError

from accounts.webhook_actions import TEST_EVENT
from outbox.webhook_rules import MAX_ATTEMPTS, RETRY_DELAYS_S, make_secret, signed_headers
from petitions.actions.webhook_events import CLOSED, MILESTONE_REACHED, OPENED

DOC = (Path(settings.BASE_DIR) / "docs" / "webhooks.md").read_text()
BODY = '{"type":"petition.opened","data":{"petition":"côte"}}'.encode()


def snippets() -> dict[str, Any]:
    names: dict[str, Any] = {}
    for code in re.findall(r"```python\n(.*?)```", DOC, re.DOTALL):
        exec(code, names)
    return names


@pytest.mark.parametrize("function", ["receive", "receive_by_hand"])
def test_a_receiver_by_the_book_takes_what_is_ours_and_nothing_else(function: str) -> None:
    receive = snippets()[function]
    secret, other = make_secret(), make_secret()
    now = timezone.now()
    headers = signed_headers(secrets_in_force=[other, secret], webhook_id="msg_1", at=now, body=BODY)

    assert receive(secret=secret, headers=headers, body=BODY)[0] == "msg_1"
    assert receive(secret=secret, headers=headers, body=BODY)[1]["data"] == {"petition": "côte"}
    refused = [
        {"secret": make_secret(), "headers": headers, "body": BODY},
        {"secret": secret, "headers": headers, "body": BODY + b" "},
        {"secret": secret, "headers": {**headers, "webhook-id": "msg_2"}, "body": BODY},
        {"secret": secret, "headers": {**headers, "webhook-timestamp": "1"}, "body": BODY},
    ]
    for arguments in refused:
        with pytest.raises((ValueError, WebhookVerificationError)):
            receive(**arguments)


def test_every_event_type_is_described() -> None:
    assert all(f"`{name}`" in DOC for name in (MILESTONE_REACHED, OPENED, CLOSED, TEST_EVENT))


def test_the_schedule_is_the_one_that_is_described() -> None:
    words = [f"{s} s" if s < 60 else f"{s // 60} min" if s < 3600 else f"{s // 3600} h" for s in RETRY_DELAYS_S]

    assert re.sub(r"\s+", " ", f"{', '.join(words[:-1])} and {words[-1]}") in re.sub(r"\s+", " ", DOC)
    assert MAX_ATTEMPTS == 10
