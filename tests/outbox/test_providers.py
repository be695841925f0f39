"""Mail through a provider's API: what is asked of it, and what each of its answers means for the messages."""

import importlib
import logging
from collections.abc import Iterator
from datetime import timedelta
from random import Random
from types import ModuleType

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

import keep4o_site.settings.mail
from keep4o_site import env
from outbox.composing import compose
from outbox.delivery import deliver_batch
from outbox.models import MessagePriority, MessageState, OutgoingMessage
from outbox.rules import MAX_ATTEMPTS
from tests.factories import NOW, make_message
from tests.outbox.provider_payloads import BREVO_ID, MAILGUN_ID, POSTMARK_ID
from tests.outbox.provider_server import ProviderServer, running_provider

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=7)
SENT = {"To": "alice@example.org", "MessageID": POSTMARK_ID, "ErrorCode": 0, "Message": "OK"}
ENVIRONMENT = {
    "postmark": {"POSTMARK_SERVER_TOKEN": "a-token"},
    "mailgun": {"MAILGUN_API_KEY": "a-key", "MAILGUN_WEBHOOK_SIGNING_KEY": "a-signing-key"},
    "brevo": {"BREVO_API_KEY": "a-key"},
}
ACCEPTS = {
    "postmark": (SENT, POSTMARK_ID),
    "mailgun": ({"id": MAILGUN_ID, "message": "Queued. Thank you."}, MAILGUN_ID),
    "brevo": ({"messageId": BREVO_ID}, BREVO_ID),
}


def read_settings(monkeypatch: pytest.MonkeyPatch, **environment: str) -> ModuleType:
    """The module of settings as an operator's environment makes it."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return importlib.reload(keep4o_site.settings.mail)


@pytest.fixture(autouse=True)
def _module_as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    yield
    monkeypatch.undo()
    env._environ.ENVIRON.files_cache.clear()
    importlib.reload(keep4o_site.settings.mail)


@pytest.fixture
def provider() -> Iterator[ProviderServer]:
    with running_provider(ProviderServer(answer=SENT)) as server:
        yield server


@pytest.fixture
def postmark(provider: ProviderServer, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> ProviderServer:
    use_provider(settings, monkeypatch, "postmark", provider.url)
    return provider


def use_provider(settings: Settings, monkeypatch: pytest.MonkeyPatch, name: str, url: str) -> None:
    """Exactly what the environment of an operator makes of the settings."""
    environment = {**ENVIRONMENT[name], "MAIL_PROVIDER": name, f"{name.upper()}_API_URL": url, "EMAIL_TIMEOUT_S": "1"}
    read = read_settings(monkeypatch, **environment)
    settings.EMAIL_BACKEND, settings.ANYMAIL, settings.MAIL_PROVIDER = read.EMAIL_BACKEND, read.ANYMAIL, name
    settings.DEFAULT_FROM_EMAIL = "Keep4o <no-reply@keep4o.example>"


# --- One setting ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", sorted(ENVIRONMENT))
def test_each_provider_sends_with_nothing_but_its_settings(
    provider: ProviderServer, settings: Settings, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    use_provider(settings, monkeypatch, name, provider.url)
    provider.answer, provider_id = ACCEPTS[name]
    message = make_message()

    assert deliver_batch(now=NOW).sent == 1

    message.refresh_from_db()
    assert (message.state, message.provider_id) == (MessageState.SENT, provider_id)
    assert "alice@example.org" in str(provider.requests[0])
    assert compose(message).extra_headers["Message-ID"] in str(provider.requests[0])


def test_postmark_is_asked_for_no_tracking_and_to_keep_our_message_id(postmark: ProviderServer) -> None:
    make_message()

    deliver_batch(now=NOW)

    [asked] = postmark.requests
    headers = {header["Name"]: header["Value"] for header in asked["Headers"]}
    assert (asked["TrackOpens"], asked["TrackLinks"]) == (False, "None")
    assert headers["X-PM-KeepID"] == "true"
    assert headers["Auto-Submitted"] == "auto-generated"
    assert asked["TextBody"].startswith("Good day, Alice.")
    assert "<html" in asked["HtmlBody"]


def test_mailgun_is_asked_for_no_tracking(
    provider: ProviderServer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_provider(settings, monkeypatch, "mailgun", provider.url)
    provider.answer = ACCEPTS["mailgun"][0]
    make_message()

    deliver_batch(now=NOW)

    [asked] = provider.requests
    assert (asked["o:tracking-opens"], asked["o:tracking-clicks"]) == ("no", "no")
    assert provider.paths == ["/keep4o.example/messages"]


def test_bulk_mail_keeps_its_one_click_at_a_provider(postmark: ProviderServer) -> None:
    make_message(priority=MessagePriority.BULK, unsubscribe_url="https://keep4o.example/en/unsubscribe/x/")

    deliver_batch(now=NOW)

    headers = {header["Name"]: header["Value"] for header in postmark.requests[0]["Headers"]}
    assert headers["List-Unsubscribe"] == "<https://keep4o.example/en/unsubscribe/x/>"
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_without_a_provider_mail_goes_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_settings(monkeypatch).EMAIL_BACKEND == "outbox.mailbox.FileBackend"
    assert read_settings(monkeypatch, EMAIL_HOST="localhost").EMAIL_BACKEND.endswith("smtp.EmailBackend")


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"MAIL_PROVIDER": "pigeon"}, "MAIL_PROVIDER must be one of brevo, mailgun, postmark"),
        ({"MAIL_PROVIDER": "postmark"}, "POSTMARK_SERVER_TOKEN is missing"),
        ({"MAIL_PROVIDER": "postmark", "POSTMARK_SERVER_TOKEN": " "}, "POSTMARK_SERVER_TOKEN is missing"),
        ({"MAIL_PROVIDER": "postmark", "POSTMARK_SERVER_TOKEN": "clé"}, "POSTMARK_SERVER_TOKEN holds"),
        ({"MAIL_PROVIDER": "mailgun", "MAILGUN_API_KEY": "k"}, "MAILGUN_WEBHOOK_SIGNING_KEY is missing"),
        ({"MAIL_PROVIDER": "brevo", "BREVO_API_KEY": "k", "EMAIL_HOST": "mx"}, "MAIL_PROVIDER and EMAIL_HOST exclude"),
        ({"MAIL_PROVIDER": "brevo", "BREVO_API_KEY": "k", "ANYMAIL_WEBHOOK_SECRET": "short"}, "ANYMAIL_WEBHOOK_SECRET"),
        ({"MAIL_PROVIDER": "brevo", "BREVO_API_KEY": "k", "ANYMAIL_WEBHOOK_SECRET": "u:pass word 123456"}, "_SECRET"),
    ],
)
def test_a_wrong_value_stops_the_start_and_is_named(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], named: str
) -> None:
    with pytest.raises(ImproperlyConfigured, match=named):
        read_settings(monkeypatch, **environment)


def test_credentials_may_come_from_files(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    secret_file = tmp_path / "token"  # type: ignore[operator]
    secret_file.write_text("from-a-file\n")

    read = read_settings(monkeypatch, MAIL_PROVIDER="Postmark", POSTMARK_SERVER_TOKEN_FILE=str(secret_file))

    assert read.ANYMAIL["POSTMARK_SERVER_TOKEN"] == "from-a-file"
    assert read.ANYMAIL["WEBHOOK_SECRET"] == ""


# --- Answers ----------------------------------------------------------------------------------------------------------
def test_a_recipient_that_the_provider_refuses_fails_alone(postmark: ProviderServer) -> None:
    postmark.status = 422
    postmark.answer = {
        "ErrorCode": 406,
        "Message": "You tried to send to a recipient that has been marked as inactive.\n"
        "Found inactive addresses: alice@example.org.\n"
        "Inactive recipients are ones that have generated a hard bounce or a spam complaint.",
    }
    message = make_message()

    report = deliver_batch(now=NOW)

    message.refresh_from_db()
    assert (report.failed, report.server_lost) == (1, False)
    assert (message.state, message.last_error) == (MessageState.FAILED, "recipient refused by the provider")


def test_a_sender_that_is_not_verified_yet_fails_nothing_for_good(postmark: ProviderServer) -> None:
    postmark.status = 422
    postmark.answer = {"ErrorCode": 400, "Message": "The 'From' address you supplied is not a Sender Signature."}
    message = make_message()

    assert deliver_batch(now=NOW).delayed == 1

    message.refresh_from_db()
    assert (message.state, message.attempts, message.last_error) == (MessageState.DUE, 1, "HTTP 422")
    postmark.status, postmark.answer = 200, SENT
    assert deliver_batch(now=LATER).sent == 1


@pytest.mark.parametrize("status", [401, 403, 429])
def test_a_refusal_that_is_nobodys_message_counts_as_no_attempt(postmark: ProviderServer, status: int) -> None:
    postmark.status, postmark.answer = status, {"ErrorCode": 10, "Message": "no"}
    for _ in range(3):
        make_message()

    for _ in range(MAX_ATTEMPTS + 1):
        assert deliver_batch(now=LATER, rng=Random(1)).server_lost
        OutgoingMessage.objects.update(due_at=NOW)

    rows = set(OutgoingMessage.objects.values_list("state", "attempts", "last_error"))
    assert rows == {(MessageState.DUE, 0, f"HTTP {status}")}
    postmark.status, postmark.answer = 200, SENT
    assert deliver_batch(now=NOW).sent == 3


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_broken_provider_is_left_alone_and_asked_again(postmark: ProviderServer, status: int) -> None:
    postmark.status, postmark.answer = status, {}
    for _ in range(4):
        make_message()

    report = deliver_batch(now=NOW)

    assert (report.delayed, report.server_lost, len(postmark.requests)) == (4, True, 1)
    assert sorted(OutgoingMessage.objects.values_list("attempts", flat=True)) == [0, 0, 0, 1]
    postmark.status, postmark.answer = 200, SENT
    assert deliver_batch(now=LATER).sent == 4


def test_a_provider_that_does_not_answer_in_time_may_get_the_same_message_again(postmark: ProviderServer) -> None:
    postmark.delay_s = 1.2
    message = make_message()

    assert deliver_batch(now=NOW).server_lost

    message.refresh_from_db()
    assert (message.state, message.attempts, message.last_error) == (MessageState.DUE, 1, "no answer")
    postmark.delay_s = 0
    assert deliver_batch(now=LATER).sent == 1
    [first, second] = [{h["Name"]: h["Value"] for h in asked["Headers"]} for asked in postmark.requests]
    assert first["Message-ID"] == second["Message-ID"]


def test_a_provider_that_hangs_up_loses_nothing(postmark: ProviderServer) -> None:
    postmark.hangs_up = True
    make_message()

    assert deliver_batch(now=NOW).server_lost

    postmark.hangs_up = False
    assert deliver_batch(now=LATER).sent == 1


def test_a_provider_that_cannot_be_reached_counts_as_no_attempt(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_provider(ProviderServer()) as gone:
        use_provider(settings, monkeypatch, "postmark", gone.url)
    message = make_message()

    for _ in range(MAX_ATTEMPTS + 1):
        message.refresh_from_db()
        assert deliver_batch(now=message.due_at).server_lost

    message.refresh_from_db()
    assert (message.state, message.attempts, message.last_error) == (MessageState.DUE, 0, "provider not reached")


def test_an_answer_that_nobody_understands_is_tried_again(postmark: ProviderServer) -> None:
    postmark.answer = {"surprise": True}
    message = make_message()

    assert deliver_batch(now=NOW).delayed == 1

    message.refresh_from_db()
    assert message.state == MessageState.DUE


def test_no_refusal_of_a_provider_names_anybody(postmark: ProviderServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)  # below it, urllib3 says which host it calls
    make_message()
    for status in (400, 401, 406, 422, 500):
        postmark.status, postmark.answer = status, {"ErrorCode": 300, "Message": "Invalid 'To': 'alice@example.org'"}
        deliver_batch(now=LATER)
        OutgoingMessage.objects.filter(state=MessageState.DUE).update(due_at=NOW)

    said = [str(vars(record)) for record in caplog.records]
    said += OutgoingMessage.objects.values_list("last_error", flat=True)
    assert not [line for line in said if "alice" in line.lower() or "a-token" in line]
