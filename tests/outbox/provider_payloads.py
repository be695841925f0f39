"""What providers post to a webhook, in the shape of their documentation; the values are ours."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

WHEN = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5)  # providers tell at once
LATER = WHEN + timedelta(minutes=2)
SECRET = "keep4o:a-long-webhook-password"
MAILGUN_SIGNING_KEY = "mailgun-signing-key-0123456789"
POSTMARK_ID = "883953f4-6105-42a2-a16a-77a8eac79483"
MAILGUN_ID = "<20260302120000.1.AB12CD34EF56@mg.keep4o.example>"
BREVO_ID = "<202603021200.12345678901@smtp-relay.mailin.fr>"


def basic_auth(pair: str = SECRET) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}


def postmark_delivery(**changes: Any) -> dict[str, Any]:
    """https://postmarkapp.com/developer/webhooks/delivery-webhook"""
    return {
        "MessageID": POSTMARK_ID,
        "Recipient": "alice@example.org",
        "DeliveredAt": _iso(WHEN),
        "Details": "Test delivery webhook details",
        "Tag": "",
        "ServerID": 23,
        "Metadata": {},
        "RecordType": "Delivery",
        "MessageStream": "outbound",
    } | changes


def postmark_bounce(**changes: Any) -> dict[str, Any]:
    """https://postmarkapp.com/developer/webhooks/bounce-webhook"""
    return {
        "ID": 4323372036854775807,
        "Type": "HardBounce",
        "TypeCode": 1,
        "Name": "Hard bounce",
        "Tag": "",
        "MessageID": POSTMARK_ID,
        "Metadata": {},
        "ServerID": 23,
        "Description": "The server was unable to deliver your message (ex: unknown user, mailbox not found).",
        "Details": "smtp;550 5.1.1 The email account that you tried to reach does not exist.",
        "Email": "alice@example.org",
        "From": "no-reply@keep4o.example",
        "BouncedAt": _iso(WHEN),
        "DumpAvailable": True,
        "Inactive": True,
        "CanActivate": True,
        "Subject": "Hello, Alice",
        "RecordType": "Bounce",
        "MessageStream": "outbound",
    } | changes


def postmark_complaint(**changes: Any) -> dict[str, Any]:
    """https://postmarkapp.com/developer/webhooks/spam-complaint-webhook"""
    complaint = {
        "ID": 42,
        "Type": "SpamComplaint",
        "TypeCode": 512,
        "Name": "Spam complaint",
        "Description": "The subscriber explicitly marked this message as spam.",
        "Details": "",
        "BouncedAt": _iso(LATER),
        "RecordType": "SpamComplaint",
    }
    return postmark_bounce(**complaint, **changes)


def mailgun(event: str, *, token: str = "a" * 50, key: str = MAILGUN_SIGNING_KEY, **changes: Any) -> dict[str, Any]:
    """https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/webhook-payloads"""
    timestamp = str(int(WHEN.timestamp()))
    signature = hmac.new(key.encode(), f"{timestamp}{token}".encode(), hashlib.sha256).hexdigest()
    data = {
        "event": event,
        "id": "CCXMjJ7nQi2N3BPigGOdgQ",
        "timestamp": WHEN.timestamp(),
        "log-level": "info",
        "recipient": "alice@example.org",
        "recipient-domain": "example.org",
        "envelope": {"sender": "no-reply@keep4o.example", "targets": "alice@example.org", "transport": "smtp"},
        "message": {"headers": {"message-id": MAILGUN_ID.strip("<>"), "to": "alice@example.org"}, "size": 341},
        "user-variables": {},
        "tags": [],
        "flags": {"is-authenticated": True, "is-test-mode": False},
    }
    return {
        "signature": {"token": token, "timestamp": timestamp, "signature": signature},
        "event-data": data | changes,
    }


def mailgun_failure(severity: str, code: int, message: str, **changes: Any) -> dict[str, Any]:
    status = {"code": code, "message": message, "description": "", "attempt-no": 1}
    return mailgun("failed", **{"severity": severity, "reason": "bounce", "delivery-status": status}, **changes)


def brevo(event: str, **changes: Any) -> dict[str, Any]:
    """https://developers.brevo.com/docs/transactional-webhooks"""
    return {
        "event": event,
        "email": "alice@example.org",
        "id": 26224,
        "date": WHEN.strftime("%Y-%m-%d %H:%M:%S"),
        "ts": int(WHEN.timestamp()),
        "ts_event": int(WHEN.timestamp()),
        "ts_epoch": int(WHEN.timestamp() * 1000),
        "message-id": BREVO_ID,
        "subject": "Hello, Alice",
        "sending_ip": "203.0.113.7",
        "tags": [],
    } | changes


def as_body(payload: dict[str, Any]) -> bytes:
    return json.dumps(payload).encode()


def _iso(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%S.0000000Z")
