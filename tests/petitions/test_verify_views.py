"""The page of the link: everything on it can be put right, and every dead link shows the way on."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from outbox.models import OutgoingMessage
from petitions.models import (
    Eligibility,
    PendingSignature,
    Petition,
    PetitionState,
    QuestionKind,
    Signature,
)
from petitions.queries.links import proof_token
from petitions.queries.sealed import details_of, name_of
from tests.factories import ALICE, make_petition, make_question
from tests.petitions.signing_steps import proof_tokens, sign

pytestmark = pytest.mark.django_db
FULL = {"country": "FR", "postcode": "75011", "comment": "First.\nSecond.", "name_shown": "initials"}
LONGEST_URL = 100  # of a site with a long name, a million signatures a petition


def full_petition() -> Petition:
    petition = make_petition(asks_postcode=True, asks_comment=True)
    make_question(petition=petition, is_required=True)
    make_question(petition=petition, position=2, kind=QuestionKind.TEXT, labels={"en": "Why?", "fr": "Pourquoi ?"})
    return petition


def link_to(petition: Petition, **changes: Any) -> str:
    sign(petition, now=timezone.now(), **changes)
    return reverse("petitions:verify", kwargs={"token": proof_tokens()[-1]})


def expired_link(petition: Petition, *, days: int = 8) -> str:
    """A link of some days ago, its attempt as old as the link."""
    sign(petition, now=timezone.now() - timedelta(days=days))
    attempt = PendingSignature.objects.latest("id")
    token = proof_token(attempt=attempt, now=attempt.created_at)
    return reverse("petitions:verify", kwargs={"token": token})


def renewal(link: str) -> str:
    return f"{link}renew/"


def answers(petition: Petition, choice: str = "a", text: str = "") -> dict[str, str]:
    return {first_field(petition): choice, f"question_{petition.questions.get(position=2).pk}": text}


def first_field(petition: Petition) -> str:
    return f"question_{petition.questions.get(position=1).pk}"


# --- Putting right ----------------------------------------------------------------------------------------------------
def test_the_page_asks_again_for_all_that_was_asked_and_for_nothing_else(client: Client) -> None:
    petition = full_petition()
    choices = {str(petition.questions.get(position=1).pk): "b"}

    page = client.get(link_to(petition, choices=choices, **FULL)).content.decode()

    assert 'value="Alice Example"' in page
    assert '<option value="FR" selected>' in page
    assert 'value="75011"' in page
    assert "First.\nSecond." in page
    assert 'value="initials"' in page
    assert 'value="b"' in page
    assert page.count(" checked") == 2 + 1  # how the name is shown, the answer, and the news
    assert ALICE not in page


def test_a_petition_that_asks_for_little_shows_little(client: Client) -> None:
    page = client.get(link_to(make_petition(asks_country=False))).content.decode()

    assert not any(f'name="{field}"' in page for field in ("country", "postcode", "comment", "name_shown", "email"))


def test_what_was_put_right_is_proved(client: Client) -> None:
    petition = full_petition()
    link = link_to(petition, name="Mallory", **FULL)

    form = {"name": "Ada Lovelace", "country": "GB", "postcode": "W1", "comment": "Mine.", "name_shown": "full"}
    response = client.post(link, {**form, **answers(petition, "a", "So.")})

    signature = Signature.objects.get()
    assert response.status_code == 303
    assert (name_of(signature), signature.country, signature.name_shown) == ("Ada Lovelace", "GB", "full")
    assert (signature.wants_news, list(signature.choices.values())) == (False, ["a"])
    assert details_of(signature).comment == "Mine."


def test_the_button_alone_proves_what_was_typed_at_first(client: Client) -> None:
    petition = full_petition()
    link = link_to(petition, **FULL)

    assert client.post(link).status_code == 303

    signature = Signature.objects.get()
    assert (name_of(signature), signature.country, details_of(signature).postcode) == ("Alice Example", "FR", "75011")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "=1+1"),
        ("country", "ZZ"),
        ("postcode", "1" * 13),
        ("comment", "a" * 501),
        ("name_shown", "loudly"),
        ("question_", "z"),
        ("question_", ""),
    ],
)
def test_an_error_keeps_what_was_typed_and_proves_nothing(client: Client, field: str, value: str) -> None:
    petition = full_petition()
    name = first_field(petition) if field == "question_" else field
    form = {"name": "Ada", **FULL, **answers(petition, text="My own words"), name: value}

    response = client.post(link_to(petition, **FULL), form)

    page = response.content.decode()
    assert response.status_code == 422
    assert "error-summary" in page
    assert f"id_{name}_error" in page
    assert "My own words" in page
    assert "<title>Error:" in page
    assert not Signature.objects.exists()
    assert PendingSignature.objects.count() == 1


def test_a_country_that_may_not_sign_is_named_beside_its_field(client: Client) -> None:
    petition = make_petition(who_may_sign=Eligibility.COUNTRIES, allowed_countries=("FR", "BE"))

    response = client.post(link_to(petition), {"name": "Ada", "country": "DE"})

    assert response.status_code == 422
    assert "Only people of these countries can sign: Belgium, France." in response.content.decode()
    assert not Signature.objects.exists()


def test_another_browser_or_a_phone_without_any_cookie_proves_too() -> None:
    link = link_to(make_petition())
    phone = Client(headers={"user-agent": "Phone", "accept-language": "fr"})

    assert phone.get(link).status_code == 200
    assert phone.post(link, {"name": "Ada", "country": ""}).status_code == 303
    assert not phone.cookies
    assert Signature.objects.count() == 1


@pytest.mark.parametrize("purpose", ["prefetch", "prefetch;prerender"])
def test_whoever_only_fetches_the_page_proves_nothing(client: Client, purpose: str) -> None:
    link = link_to(make_petition())

    client.get(link, headers={"sec-purpose": purpose})
    client.head(link)
    client.get(f"{link}?name=Ada&country=FR")

    assert not Signature.objects.exists()


def test_a_whole_link_is_short_enough_for_a_mail() -> None:
    petition = make_petition()
    sign(petition)
    attempt = PendingSignature.objects.get()
    attempt.pk, attempt.petition_id = 12_345_678, 1_234

    token = proof_token(attempt=attempt, now=timezone.now())

    assert len(f"https://petitions.keep4o.example/en/verify/{token}/") <= LONGEST_URL


# --- Cut and altered links --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kept", [0.3, 0.6, 0.9])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_cut_link_offers_a_new_mail_from_its_petition(client: Client, kept: float, method: str) -> None:
    petition = make_petition()
    token = link_to(petition).split("/")[-2]
    link = reverse("petitions:verify", kwargs={"token": token[: int(len(token) * kept)]})

    response = getattr(client, method)(link)

    page = response.content.decode()
    assert response.status_code == 404
    assert "This link is not complete" in page
    assert f'href="/en/petitions/{petition.slug}/#sign"' in page
    assert not Signature.objects.exists()


@pytest.mark.parametrize("more", ["%3E", ")", '"', ".&gt;"])
def test_a_link_with_a_sign_of_the_mail_behind_it_offers_the_same(client: Client, more: str) -> None:
    petition = make_petition()

    response = client.get(f"{link_to(petition)}{more}")

    page = response.content.decode()
    assert response.status_code == 404
    assert "This link is not complete" in page
    assert f'href="/en/petitions/{petition.slug}/#sign"' in page


def test_an_altered_link_proves_nothing_and_offers_the_same(client: Client) -> None:
    petition = make_petition()
    link = link_to(petition)
    altered = link.replace("~", "~x")

    for answer in (client.get(altered), client.post(altered), client.post(renewal(altered))):
        assert answer.status_code == 404
        assert f"/en/petitions/{petition.slug}/#sign" in answer.content.decode()
    assert not Signature.objects.exists()
    assert OutgoingMessage.objects.count() == 1


@pytest.mark.parametrize("state", [PetitionState.DRAFT, PetitionState.SCHEDULED])
def test_a_link_that_names_what_is_not_public_leads_to_the_list_alone(client: Client, state: PetitionState) -> None:
    petition = make_petition(state=state)

    page = client.get(f"/en/verify/{petition.pk}.1.x/").content.decode()

    assert "#sign" not in page
    assert petition.slug not in page
    assert "/en/petitions/" in page


@pytest.mark.parametrize("path", ["/en/verify/", "/fr/verify/", f"/en/verify/{'9' * 40}.1/", "/en/verify/٣.1/"])
def test_what_is_left_of_a_link_explains_itself(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404
    assert "error-page" in client.get(path).content.decode()


# --- Expired links ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("is_gone", [False, True])
@pytest.mark.parametrize("method", ["get", "post"])
def test_an_expired_link_offers_a_new_one_whether_its_attempt_is_there_or_not(
    client: Client, is_gone: bool, method: str
) -> None:
    petition = make_petition()
    link = expired_link(petition)
    if is_gone:
        PendingSignature.objects.all().delete()

    response = getattr(client, method)(link)

    page = response.content.decode()
    assert response.status_code == 410
    assert f'action="{renewal(link)}"' in page
    assert f"/en/petitions/{petition.slug}/#sign" in page
    assert not Signature.objects.exists()


def test_one_press_mails_a_new_link_that_works(client: Client) -> None:
    petition = make_petition()
    link = expired_link(petition)

    response = client.post(renewal(link))

    new_link = reverse("petitions:verify", kwargs={"token": proof_tokens()[-1]})
    assert (response.status_code, response["Location"]) == (303, f"/en/petitions/{petition.slug}/new-link-sent/")
    assert client.get(response["Location"]).status_code == 200
    assert new_link != link
    assert client.post(new_link).status_code == 303
    assert Signature.objects.count() == 1


def test_the_answer_to_the_press_is_the_same_mailed_or_not(client: Client) -> None:
    petition = make_petition()
    link = expired_link(petition)

    pressed = [client.post(renewal(link)) for _ in range(4)]
    PendingSignature.objects.all().delete()
    pressed.append(client.post(renewal(link)))

    seen = [(answer.status_code, answer["Location"], answer.content, str(answer.cookies)) for answer in pressed]
    assert seen == [seen[0]] * 5
    assert OutgoingMessage.objects.count() == 1 + 3


def test_a_link_older_than_what_was_typed_leads_to_the_form(client: Client) -> None:
    petition = make_petition()
    link = expired_link(petition, days=15)

    page = client.get(link).content.decode()

    assert "renew/" not in page
    assert f"/en/petitions/{petition.slug}/#sign" in page


@pytest.mark.parametrize("method", ["get", "head", "put"])
def test_asking_for_a_new_link_is_a_post(client: Client, method: str) -> None:
    response = getattr(client, method)(renewal(expired_link(make_petition())))

    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert OutgoingMessage.objects.count() == 1


def test_another_site_cannot_ask_for_a_new_link(client: Client) -> None:
    link = renewal(expired_link(make_petition()))

    assert client.post(link, headers={"origin": "https://evil.example"}).status_code == 403
    assert OutgoingMessage.objects.count() == 1


def test_a_new_link_for_what_has_closed_says_when_it_closed(client: Client) -> None:
    petition = make_petition()
    link = expired_link(petition)
    closes_at = timezone.now() - timedelta(hours=25)
    Petition.objects.filter(pk=petition.pk).update(state=PetitionState.CLOSED, closes_at=closes_at)

    response = client.post(renewal(link))

    assert response.status_code == 410
    assert OutgoingMessage.objects.count() == 1
