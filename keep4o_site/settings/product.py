"""Rules of the product that an operator may tune."""

from datetime import timedelta

PENDING_SIGNATURE_LIFETIME = timedelta(days=14)
SIGNING_GRACE_AFTER_CLOSING = timedelta(hours=24)
ADDRESS_RETENTION_AFTER_CLOSING = timedelta(days=180)
DELIVERED_MESSAGE_RETENTION = timedelta(days=7)
