"""The pages behind the supporter's own link."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from petitions.models import PetitionState, Signature, TallyEntry
from petitions.queries.links import my_signature_token
from petitions.queries.sealed import name_of
from tests.factories import ALICE, NOW, make_petition, make_signature

pytestmark = pytest.mark.django_db
VIEWS = ["my-signature", "download-signature", "withdraw-signature", "erase-signature"]


def url(view: str, signature: Signature) -> str:
    return reverse(
        f"petitions:{view}", kwargs={"token": my_signature_token(signature_id=signature.pk, now=timezone.now())}
    )


def seen_on_page(client: Client, signature: Signature) -> str:
    """What the form of the page says was stored when the page was made."""
    found = re.search(r'name="seen" value="([0-9a-f]+)"', client.get(url("my-signature", signature)).text)
    assert found is not None
    return found[1]


@pytest.fixture
def signature() -> Signature:
    return make_signature(email=ALICE, name="Alice <b>", country="FR", owed=False)


@pytest.mark.parametrize("view", VIEWS)
def test_each_page_is_for_the_owner_of_the_link_alone(client: Client, signature: Signature, view: str) -> None:
    response = client.get(url(view, signature))

    assert response.status_code == 200
    assert response["Referrer-Policy"] == "no-referrer"
    assert "no-store" in response["Cache-Control"]
    assert "noindex" in response["X-Robots-Tag"]
    assert not response.cookies


@pytest.mark.parametrize("view", VIEWS)
def test_looking_changes_nothing(client: Client, signature: Signature, view: str) -> None:
    before = Signature.objects.values().get()

    client.get(url(view, signature))
    client.head(url(view, signature))

    assert Signature.objects.values().get() == before
    assert not TallyEntry.objects.exists()


@pytest.mark.parametrize("view", VIEWS)
def test_a_cut_link_explains_itself(client: Client, signature: Signature, view: str) -> None:
    path = reverse(f"petitions:{view}", kwargs={"token": my_signature_token(signature_id=1, now=NOW)[:-2]})

    assert client.get(path).status_code == 404
    assert "This link is not complete" in client.get(path).content.decode()


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_withdrawn_signature_is_gone_for_good(client: Client, signature: Signature, view: str, method: str) -> None:
    path = url(view, signature)
    signature.delete()
    if (view, method) == ("download-signature", "post"):
        return

    response = getattr(client, method)(path, {"name": "Alice"})

    assert response.status_code == 410
    assert "This signature is no longer here" in response.content.decode()


def test_the_owner_sees_what_is_stored(client: Client, signature: Signature) -> None:
    page = client.get(url("my-signature", signature)).content.decode()

    assert "Alice &lt;b&gt;" in page
    assert ALICE in page
    assert "<dd>France</dd>" in page
    assert "2 March 2026, 12:00 UTC" in page


def test_the_owner_takes_it_along_as_json(client: Client, signature: Signature) -> None:
    response = client.get(url("download-signature", signature))

    assert response["Content-Disposition"].startswith("attachment")
    record = response.json()
    assert (record["name"], record["email"], record["country"]) == ("Alice <b>", ALICE, "FR")
    assert record["verified_at"] == "2026-03-02T12:00:00+00:00"


def test_the_owner_corrects_it(client: Client, signature: Signature) -> None:
    sent = {"name": "Alice", "country": "BE", "seen": seen_on_page(client, signature)}

    response = client.post(url("my-signature", signature), sent)

    corrected = Signature.objects.get()
    assert response.status_code == 303
    assert (name_of(corrected), corrected.country) == ("Alice", "BE")
    assert "Your changes are saved." in client.get(response["Location"]).content.decode()


def test_a_correction_that_is_no_name_is_refused_and_kept(client: Client, signature: Signature) -> None:
    response = client.post(url("my-signature", signature), {"name": "=1+1", "country": "BE"})

    page = response.content.decode()
    assert response.status_code == 422
    assert 'value="=1+1"' in page
    assert '<option value="BE" selected>' in page
    assert name_of(Signature.objects.get()) == "Alice <b>"


def test_withdrawing_asks_first_and_then_deletes(client: Client, signature: Signature) -> None:
    path = url("withdraw-signature", signature)
    assert "Withdraw your signature?" in client.get(path).content.decode()

    response = client.post(path)

    assert response.status_code == 303
    assert client.get(response["Location"]).status_code == 410
    assert not Signature.objects.exists()
    assert TallyEntry.objects.get().delta == -1


def test_erasing_asks_first_and_then_shows_that_nobody_is_named(client: Client, signature: Signature) -> None:
    path = url("erase-signature", signature)
    assert "The count stays what it is" in client.get(path).content.decode()

    response = client.post(path)

    page = client.get(response["Location"]).content.decode()
    assert response.status_code == 303
    assert "Erased on" in page
    assert ALICE not in page
    assert "Alice" not in page
    assert Signature.objects.counted().count() == 1


def test_after_closing_an_erased_signature_has_no_page(client: Client) -> None:
    signature = make_signature(petition=make_petition(state=PetitionState.CLOSED, closes_at=NOW))

    response: Any = client.post(url("erase-signature", signature))

    assert client.get(response["Location"]).status_code == 410


@pytest.mark.parametrize("view", ["my-signature", "withdraw-signature", "erase-signature"])
def test_another_site_changes_nothing(client: Client, signature: Signature, view: str) -> None:
    response = client.post(url(view, signature), {"name": "Mallory"}, headers={"Origin": "https://evil.example"})

    assert response.status_code == 403
    assert name_of(Signature.objects.get()) == "Alice <b>"


def test_a_download_is_not_posted(client: Client, signature: Signature) -> None:
    assert client.post(url("download-signature", signature)).status_code == 405
