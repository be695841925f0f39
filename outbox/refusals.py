"""What the exceptions of a mail server's and of a provider's library mean for the message that they met."""

from dataclasses import dataclass
from smtplib import (
    SMTPHeloError,
    SMTPNotSupportedError,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)

from anymail.exceptions import AnymailAPIError, AnymailError, AnymailRecipientsRefused
from django.core.mail import EmailMultiAlternatives
from requests import RequestException
from urllib3.exceptions import MaxRetryError

from outbox.rules import (
    SERVICE_CLOSING,
    Outcome,
    ends_talk_with_provider,
    outcome_of_http_status,
    outcome_of_smtp_code,
)

# What sending can raise: smtplib's errors and those of HTTP are OSErrors, a bad address or value is a ValueError.
SENDING_ERRORS = (OSError, ValueError, TypeError, AnymailError)
_FAILED = "failed"  # anymail's word for a message that the provider took and then did not send


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """What an answer means for its message, and for the connection. `error` is shown to staff: a code, never an address."""

    error: str
    outcome: Outcome
    ends_connection: bool = False
    # Of a server that hangs up, be it only after so many mails: it may take them when asked anew.
    is_farewell: bool = False


def refusal_of(error: Exception) -> Refusal:
    """This function will tell what an error of sending means: try again, never again, or not this message's fault."""
    match error:
        case AnymailRecipientsRefused():
            return Refusal(error="recipient refused by the provider", outcome=Outcome.PERMANENT)
        case AnymailAPIError():
            return _refused_by_provider(error)
        case SMTPNotSupportedError() | ValueError() | TypeError() | AnymailError():
            # An address or a text that this server, or any, cannot be given.
            return Refusal(error=type(error).__name__, outcome=Outcome.PERMANENT)
        case _:
            return _refused_by_server(error)


def refusal_in(mail: EmailMultiAlternatives) -> Refusal | None:
    """This function will look into the provider's answer to a mail that was sent without an error."""
    status = getattr(mail, "anymail_status", None)
    if status is not None and _FAILED in (status.status or ()):
        return Refusal(error="not sent by the provider", outcome=Outcome.TRANSIENT)
    return None


def provider_id_of(mail: EmailMultiAlternatives) -> str:
    """This function will name the message as the provider does in its webhooks, "" for a plain mail server."""
    message_id = getattr(getattr(mail, "anymail_status", None), "message_id", None)
    return message_id[:200] if isinstance(message_id, str) else ""


def _refused_by_server(error: Exception) -> Refusal:
    match error:
        case SMTPRecipientsRefused():
            code = next(iter(error.recipients.values()))[0]
            return _answered(code, outcome_of_smtp_code(code))
        case SMTPHeloError() | SMTPSenderRefused():
            # It is this site that is refused, not the recipient: an operator can put it right.
            return _answered(error.smtp_code, Outcome.TRANSIENT)
        case SMTPResponseException():
            return _answered(error.smtp_code, outcome_of_smtp_code(error.smtp_code))
        case _:
            return Refusal(error=type(error).__name__, outcome=Outcome.TRANSIENT, ends_connection=True)


def _refused_by_provider(error: AnymailAPIError) -> Refusal:
    status = error.status_code
    if _never_reached(error.__cause__):
        return Refusal(error="provider not reached", outcome=Outcome.OUTAGE, ends_connection=True)
    name = "no answer" if status is None else f"HTTP {status}"
    return Refusal(error=name, outcome=outcome_of_http_status(status), ends_connection=ends_talk_with_provider(status))


def _never_reached(cause: BaseException | None) -> bool:
    """This function will tell a connection that was never made from one that broke, when the mail may have arrived."""
    return isinstance(cause, RequestException) and bool(cause.args) and isinstance(cause.args[0], MaxRetryError)


def _answered(code: int, outcome: Outcome) -> Refusal:
    is_closing = code == SERVICE_CLOSING
    return Refusal(error=f"SMTP {code}", outcome=outcome, ends_connection=is_closing, is_farewell=is_closing)
