"""Mail scanners, link previews and prefetching browsers follow every link of a mail: nothing changes by it."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from petitions.models import PendingSignature, Signature
from petitions.queries.links import my_signature_token, news_token, proof_token
from tests.factories import make_pending_signature, make_signature

pytestmark = pytest.mark.django_db
WRITES = ("INSERT", "UPDATE", "DELETE", "SAVEPOINT", "BEGIN")
LINKS = ["verify", "renew-link", "my-signature", "download-signature", "withdraw-signature", "erase-signature"]
HEADERS = [
    {"Sec-Purpose": "prefetch"},
    {"Sec-Purpose": "prefetch;prerender", "Purpose": "prefetch"},
    {"X-Moz": "prefetch"},
    {"User-Agent": "Mozilla/5.0 (compatible; Microsoft Office; ms-office; Safelinks)", "Accept": "*/*"},
    {"Range": "bytes=0-1023"},
]


def links() -> list[str]:
    now = timezone.now()
    signature = make_signature(wants_news=True)
    proof = proof_token(attempt=make_pending_signature(created_at=now), now=now)
    mine = my_signature_token(signature_id=signature.pk, now=now)
    tokens = {"verify": proof, "renew-link": proof}
    found = [reverse(f"petitions:{name}", args=[tokens.get(name, mine)]) for name in LINKS]
    return [*found, reverse("petitions:unsubscribe", args=[news_token(signature_id=signature.pk, now=now)])]


@pytest.mark.parametrize("headers", HEADERS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PROPFIND"])
def test_following_a_link_of_a_mail_changes_nothing(client: Client, method: str, headers: dict[str, str]) -> None:
    paths = links()

    with CaptureQueriesContext(connection) as asked:
        statuses = {client.generic(method, path, headers=headers).status_code for path in paths}

    assert statuses <= {200, 405}
    assert not [query["sql"] for query in asked if query["sql"].startswith(WRITES)]
    assert (PendingSignature.objects.count(), Signature.objects.get().wants_news) == (1, True)


def test_a_prefetched_link_is_kept_by_nobody_and_works_when_it_is_pressed(client: Client) -> None:
    link = links()[0]

    prefetched = client.get(link, headers={"Sec-Purpose": "prefetch"})

    assert "no-store" in prefetched.headers["Cache-Control"]
    assert client.post(link).status_code == 303
    assert Signature.objects.count() == 2
