"""What the tests read of the mails that accounts owe."""

from outbox.models import OutgoingMessage, Payload


def owed_mail(kind: str = "") -> OutgoingMessage:
    """The one mail of this kind that is owed; the newest if there are several."""
    messages = OutgoingMessage.objects.filter(kind=kind) if kind else OutgoingMessage.objects.all()
    return messages.latest("pk")


def payload_of(message: OutgoingMessage) -> Payload:
    return Payload.unsealed(bytes(message.payload_sealed or b""))


def owed_kinds() -> list[str]:
    return list(OutgoingMessage.objects.order_by("pk").values_list("kind", flat=True))
