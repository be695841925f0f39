"""Every mail of accounts in both languages, as it leaves."""

import pytest

from outbox.composing import compose
from outbox.models import OutgoingMessage
from outbox.queue import queue_email
from tests.factories import NOW

pytestmark = pytest.mark.django_db
CONTEXTS = {
    "account_login_code": {"code": "ABC-123"},
    "account_verify_email": {"code": "ABC-123"},
    "account_password_reset": {"reset_url": "https://site.example/en/reset/"},
    "account_unknown": {"sign_up_url": "https://site.example/en/signup/"},
    "account_exists": {"sign_in_url": "https://site.example/en/login/", "reset_url": "https://site.example/en/reset/"},
    "account_changed": {"change": "A passkey was added.", "account_url": "https://site.example/en/accounts/"},
    "account_role_granted": {"team": "Keep <4o>", "role": "Analyst", "sign_in_url": "https://site.example/en/code/"},
}


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("kind", CONTEXTS)
def test_the_mail_says_in_both_parts_what_it_is_for(kind: str, language: str) -> None:
    context = CONTEXTS[kind]
    queue_email(
        kind=kind, unique_key=kind, recipient="charlie@example.org", language=language, context=context, now=NOW
    )

    composed = compose(OutgoingMessage.objects.get())

    html = str(composed.alternatives[0][0])
    assert composed.subject
    assert "\n" not in composed.subject
    for value in context.values():
        assert value in composed.body
        assert value.replace("<", "&lt;").replace(">", "&gt;") in html
