"""Signing over HTTP: the same answer for everybody, and nothing typed is lost."""

from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from outbox.models import OutgoingMessage
from petitions.models import PendingSignature, Petition, PetitionState, Signature, TallyEntry
from tests.factories import ALICE, make_petition, make_signature
from tests.petitions.signing_steps import proof_tokens, prove_by
from tests.sign_forms import carried

pytestmark = pytest.mark.django_db
FORM = {"name": "Alice Example", "email": ALICE, "country": "FR", "wants_news": "on"}


def url(view: str, petition: Petition) -> str:
    return reverse(f"petitions:{view}", kwargs={"slug": petition.slug})


def post(client: Client, petition: Petition, **changes: str) -> Any:
    return client.post(url("sign", petition), {**FORM, **carried(petition.slug), **changes})


def seen_by_visitor(response: HttpResponse) -> tuple[int, bytes, dict[str, str]]:
    headers = {name: value for name, value in response.items() if name not in ("X-Request-ID", "Expires")}
    return response.status_code, response.content, headers


def test_signing_leads_to_the_page_that_asks_to_check_the_mail(client: Client) -> None:
    petition = make_petition()

    response = post(client, petition)

    assert (response.status_code, response["Location"]) == (303, url("check-your-email", petition))
    assert PendingSignature.objects.count() == OutgoingMessage.objects.count() == 1
    assert "no-store" in response["Cache-Control"]
    assert not response.cookies


def test_every_answer_is_the_same_whoever_signed_before(client: Client) -> None:
    petition = make_petition()
    make_signature(petition=petition, email="bob@example.org")
    new = post(client, petition)
    repeated = post(client, petition)
    proved = post(client, petition, email="bob@example.org")
    for _ in range(3):
        over_the_limit = post(client, petition)

    answers = [seen_by_visitor(response) for response in (new, repeated, proved, over_the_limit)]

    assert OutgoingMessage.objects.count() == 4
    assert answers == [answers[0]] * 4


@pytest.mark.parametrize("field", ["name", "email"])
def test_an_error_keeps_everything_that_was_typed(client: Client, field: str) -> None:
    response = post(client, make_petition(), **{field: "=x@"})

    page = response.content.decode()
    assert response.status_code == 422
    assert 'value="=x@"' in page
    assert '<option value="FR" selected>' in page
    assert "checked" in page
    assert "error-summary" in page
    assert "<title>Error:" in page
    assert not PendingSignature.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "a" * 5_000),
        ("name", "https://spam.example"),
        ("email", ""),
        ("email", "a" * 5_000 + "@example.org"),
        ("email", "<script>alert(1)</script>@example.org"),
        ("country", "ZZ"),
        ("country", "=1+1"),
        ("country", "\x00"),
    ],
)
def test_bad_input_is_answered_with_a_sentence(client: Client, field: str, value: str) -> None:
    response = post(client, make_petition(), **{field: value})

    assert response.status_code == 422
    assert b"<script>alert" not in response.content
    assert f'id="id_{field}_error"' in response.content.decode()


@pytest.mark.parametrize("name", ["Ada\x00", "\u202eAda", "Ada 🙂", "<script>alert(1)</script>", "عبد الله"])
def test_unusual_names_are_taken(client: Client, name: str) -> None:
    assert post(client, make_petition(), name=name).status_code == 303


@pytest.mark.parametrize("field", ["name", "email", "country", "wants_news"])
def test_bytes_that_are_no_text_are_no_server_error(client: Client, field: str) -> None:
    good = {"name": b"Alice", "email": b"alice@example.org", "country": b"", "wants_news": b""}
    body = b"&".join(key.encode() + b"=" + value for key, value in {**good, field: b"%ff%fe%00"}.items())

    response = client.post(url("sign", make_petition()), data=body, content_type="application/x-www-form-urlencoded")

    assert response.status_code == (303 if field == "wants_news" else 422)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"{", "application/json"),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
        (b"name=a", "application/x-www-form-urlencoded; charset=nonsense"),
        (b"", "text/plain"),
        (b"a=1&" * 200, "application/x-www-form-urlencoded"),
        (b"name=" + b"a" * 300_000, "application/x-www-form-urlencoded"),
    ],
)
def test_a_body_that_is_no_form_is_no_server_error(client: Client, body: bytes, content_type: str) -> None:
    response = client.generic("POST", url("sign", make_petition()), data=body, content_type=content_type)

    assert response.status_code in (400, 413, 422)
    assert b"<h1" in response.content


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Referer": "https://evil.example/page"},
    ],
)
def test_another_sites_form_is_refused(client: Client, headers: dict[str, str]) -> None:
    response = client.post(url("sign", make_petition()), FORM, headers=headers)

    assert response.status_code == 403
    assert b"<h1" in response.content
    assert not PendingSignature.objects.exists()


@pytest.mark.parametrize("headers", [{"Origin": "http://testserver"}, {"Sec-Fetch-Site": "same-origin"}, {}])
def test_our_own_form_is_taken(client: Client, headers: dict[str, str]) -> None:
    assert client.post(url("sign", make_petition()), FORM, headers=headers).status_code == 303


@pytest.mark.parametrize("method", ["get", "head", "put", "delete"])
def test_signing_is_a_post(client: Client, method: str) -> None:
    response = getattr(client, method)(url("sign", make_petition()))

    assert (response.status_code, response["Allow"]) == (405, "POST")


def test_an_unknown_petition_cannot_be_signed(client: Client) -> None:
    assert client.post("/en/petitions/nothing/sign/", FORM).status_code == 404
    assert client.post("/en/petitions/nothing/sign/", {}).status_code == 404


@pytest.mark.parametrize("state", [PetitionState.DRAFT, PetitionState.SCHEDULED])
def test_what_is_not_public_yet_cannot_be_signed(client: Client, state: PetitionState) -> None:
    assert post(client, make_petition(state=state)).status_code == 404


@pytest.mark.parametrize("email", [ALICE, "no address"])
def test_a_paused_petition_says_so_and_loses_nothing_typed(client: Client, email: str) -> None:
    petition = make_petition(state=PetitionState.PAUSED, pause_reason="We are checking the text.")

    response = post(client, petition, email=email)

    page = response.content.decode()
    assert response.status_code == 409
    assert "Signing is paused, so your signature was not taken." in page
    assert "We are checking the text." in page
    assert "Alice Example" in page
    assert email in page
    assert not PendingSignature.objects.exists()


def test_a_closed_petition_says_so_in_the_visitors_language(client: Client) -> None:
    petition = make_petition(closes_at=timezone.now() - timedelta(minutes=1))

    response = client.post(url("sign", petition).replace("/en/", "/fr/"), FORM)

    assert response.status_code == 409
    assert '<html lang="fr"' in response.content.decode()
    assert "Alice Example" in response.content.decode()


# --- The link ---------------------------------------------------------------------------------------------------------
def link_for(client: Client, petition: Petition, **changes: str) -> str:
    post(client, petition, **changes)
    return reverse("petitions:verify", kwargs={"token": proof_tokens()[-1]})


def assert_tells_nobody(response: Any) -> None:
    assert response["Referrer-Policy"] == "no-referrer"
    assert "no-store" in response["Cache-Control"]
    assert "noindex" in response["X-Robots-Tag"]


def test_the_link_shows_what_was_typed_and_one_button(client: Client) -> None:
    link = link_for(client, make_petition(), name="Alice <b> Example")

    response = client.get(link)

    page = response.content.decode()
    assert response.status_code == 200
    assert "Keep it available (en)" in page
    assert "Alice &lt;b&gt; Example" in page
    assert "France" in page
    assert page.count("<button") == page.count("<form") == 1
    assert ALICE not in page
    assert_tells_nobody(response)


def test_looking_at_the_link_changes_nothing(client: Client) -> None:
    link = link_for(client, make_petition())

    for _ in range(3):
        client.get(link)
        client.head(link)

    assert PendingSignature.objects.count() == 1
    assert not Signature.objects.exists()
    assert not TallyEntry.objects.exists()


def test_pressing_the_button_proves_and_thanks(client: Client) -> None:
    petition = make_petition()
    link = link_for(client, petition)

    response = client.post(link)

    assert (response.status_code, response["Location"]) == (303, url("thank-you", petition))
    assert Signature.objects.count() == 1
    assert_tells_nobody(response)


def test_pressing_twice_thanks_twice(client: Client) -> None:
    petition = make_petition()
    link = link_for(client, petition)

    assert [client.post(link)["Location"] for _ in range(2)] == [url("thank-you", petition)] * 2
    assert "Your signature counts already" in client.get(link).content.decode()


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_another_site_cannot_press_the_button(client: Client, headers: dict[str, str]) -> None:
    link = link_for(client, make_petition())

    assert client.post(link, headers=headers).status_code == 403
    assert not Signature.objects.exists()


def test_a_browser_that_hides_its_origin_may_press_the_button(client: Client) -> None:
    # What browsers of before 2023 send from a page with Referrer-Policy: no-referrer.
    assert client.post(link_for(client, make_petition()), headers={"Origin": "null"}).status_code == 303


@pytest.mark.parametrize("token", ["x", "1.2.3~abc", "~", "a" * 3_000, "%00", "%F0%9F%99%82", "1.1.AAAA.t~x"])
@pytest.mark.parametrize("method", ["get", "head", "post"])
def test_a_link_that_is_none_explains_itself(client: Client, token: str, method: str) -> None:
    response = getattr(client, method)(f"/en/verify/{token}/")

    assert response.status_code == (400 if token == "%00" else 404)
    if method != "head" and response.status_code == 404:
        assert "This link is not complete" in response.content.decode()
        assert_tells_nobody(response)


def test_a_cut_link_explains_itself(client: Client) -> None:
    link = link_for(client, make_petition())

    assert client.get(link[:-4] + "/").status_code == 404
    assert client.post(link[:-4] + "/").status_code == 404


@pytest.mark.parametrize("method", ["get", "post"])
def test_an_expired_link_offers_to_sign_again(client: Client, method: str) -> None:
    petition = make_petition()
    link = link_for(client, petition)
    PendingSignature.objects.all().delete()

    response = getattr(client, method)(link)

    assert response.status_code == 410
    assert f"{url('petition-detail', petition)}#sign" in response.content.decode()
    assert_tells_nobody(response)


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_link_that_comes_too_late_says_when_the_petition_closed(client: Client, method: str) -> None:
    petition = make_petition()
    link = link_for(client, petition)
    closes_at = timezone.now() - timedelta(hours=25)
    Petition.objects.filter(pk=petition.pk).update(state=PetitionState.CLOSED, closes_at=closes_at)

    response = getattr(client, method)(link)

    assert response.status_code == 410
    assert "Links worked for 24 more hours" in response.content.decode()
    assert not Signature.objects.exists()


def test_the_link_answers_other_methods_with_a_page(client: Client) -> None:
    response = client.put(link_for(client, make_petition()))

    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD, POST")


def test_the_link_works_in_the_other_language(client: Client) -> None:
    link = link_for(client, make_petition()).replace("/en/", "/fr/")

    page = client.get(link).content.decode()

    assert "Keep it available (fr)" in page


def test_nothing_of_a_link_or_a_person_is_logged(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        link = link_for(client, make_petition())
        client.get(link)
        client.post(link)

    written = "\n".join(str(vars(record)) for record in caplog.records if record.name.startswith("keep4o"))
    assert link not in written
    assert ALICE not in written
    assert "Alice" not in written


def test_a_proof_in_the_action_is_the_proof_on_the_page(client: Client) -> None:
    petition = make_petition()
    link = link_for(client, petition)
    prove_by(token=proof_tokens()[0], now=timezone.now())

    assert client.get(link).status_code == 200
    assert client.post(link).status_code == 303
