"""The steps that several tests of signing take."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from outbox.models import OutgoingMessage
from petitions.actions.signing import TypedSignature, sign_petition, verify_signature
from petitions.models import Petition
from petitions.queries.links import open_proof_link
from petitions.rules.defence import Judgement
from petitions.rules.typed import TypedDetails
from tests.factories import ALICE, NOW

UNSUSPICIOUS = Judgement()


def typed(**changes: Any) -> TypedSignature:
    return TypedSignature(**{"name": "Alice Example", "email": ALICE, "country": "FR", "wants_news": True, **changes})


def sign(
    petition: Petition,
    *,
    now: datetime = NOW,
    language: str = "en",
    judgement: Judgement = UNSUSPICIOUS,
    **changes: Any,
) -> None:
    sign_petition(slug=petition.slug, typed=typed(**changes), judged=lambda: judgement, language=language, now=now)


def prove_by(*, token: str, now: datetime, corrected: TypedDetails | None = None) -> Petition:
    """Opens a link and proves by it, as its page does."""
    return verify_signature(link=open_proof_link(token=token, now=now), corrected=corrected, now=now)


def context_of(message: OutgoingMessage) -> dict[str, Any]:
    return message.payload().context


def proof_tokens() -> list[str]:
    """The tokens of all links that were mailed to be proved, oldest first."""
    messages = OutgoingMessage.objects.with_payload().filter(kind="verify_signature").order_by("id")
    return [_token_in(context_of(message)["proof_url"]) for message in messages]


def my_signature_token_mailed() -> str:
    message = OutgoingMessage.objects.filter(kind__in=["signature_confirmed", "already_signed"]).latest("id")
    return _token_in(context_of(message)["my_signature_url"])


def signed_and_mailed(petition: Petition, **changes: Any) -> str:
    """Signs, and returns the token of the link that was mailed for it."""
    sign(petition, **changes)
    return proof_tokens()[-1]


def statements_of(act: Callable[[], object]) -> list[str]:
    """The SQL statements of an act, without those that only begin, nest and end its transaction."""
    with CaptureQueriesContext(connection) as captured:
        act()
    statements = [query["sql"] for query in captured.captured_queries]
    # None: the debugging cursor could not put the values into the text again.
    return [sql or "" for sql in statements if not (sql or "").startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT"))]


def _token_in(url: str) -> str:
    return url.rstrip("/").rsplit("/", 1)[1]
