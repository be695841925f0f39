"""The pages behind the supporter's own link."""

import html
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from outbox.models import OutgoingMessage
from petitions.models import (
    CommentState,
    Eligibility,
    NewsConsent,
    Petition,
    PetitionState,
    QuestionKind,
    Signature,
    TallyEntry,
)
from petitions.queries.links import my_signature_token
from petitions.queries.mail_keys import confirmation_key, mail_keys
from petitions.queries.sealed import name_of
from petitions.queries.signed_details import columns_of_all
from petitions.rules.typed import TypedDetails
from tests.factories import ALICE, NOW, make_message, make_petition, make_question, make_signature

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


# --- All that is stored ---------------------------------------------------------------------------------------------
@pytest.fixture
def full(signature: Signature) -> Signature:
    """A signature of a petition that asks for everything, from somebody who has said everything."""
    petition = signature.petition
    Petition.objects.filter(pk=petition.pk).update(asks_postcode=True, asks_comment=True)
    choice = make_question(petition=petition)
    text = make_question(petition=petition, position=2, kind=QuestionKind.TEXT, labels={"en": "Since when?"})
    consent = NewsConsent.objects.create(
        petition=petition, version=3, labels={"en": "Write to me rarely"}, created_at=NOW
    )
    said = TypedDetails(
        name="Alice <b>",
        country="FR",
        wants_news=True,
        name_shown="initials",
        postcode="75011",
        comment="It reads\nwith me.",
        choices={str(choice.pk): "a"},
        answers={str(text.pk): "Since May"},
        news_consent_id=consent.pk,
    )
    Signature.objects.filter(pk=signature.pk).update(
        **columns_of_all(typed=said),
        comment_state=CommentState.PUBLISHED,
        comment_decided_at=NOW,
        domain_digest=b"d" * 32,
        network_digest=b"n" * 32,
        form_age_s=42,
    )
    owe_mails(signature)
    return Signature.objects.get(pk=signature.pk)


def owe_mails(signature: Signature) -> None:
    keys = mail_keys(slug=signature.petition.slug, digest=bytes(signature.identity_digest or b""), day=NOW.date())
    make_message(kind="verify_signature", unique_key=keys[0], recipient=ALICE)
    make_message(kind="signature_confirmed", unique_key=confirmation_key(signature_id=signature.pk), recipient=ALICE)
    OutgoingMessage.objects.filter(unique_key=keys[0]).update(state="sent", sent_at=NOW, delivered_at=NOW)
    make_message(kind="verify_signature", recipient="somebody.else@example.org")


def test_the_page_shows_all_that_is_stored(client: Client, full: Signature) -> None:
    page = html.unescape(client.get(url("my-signature", full)).text)

    shown = [
        "Alice <b>",
        ALICE,
        "France",
        "75011",
        "It reads<br>with me.",
        "Published",
        "Your initials",
        "How do you use it?",
        "Answer a",
        "Since when?",
        "Since May",
        "You agreed to version 3 of these words: “Write to me rarely”",
        "A link that was mailed",
        "This site",
        "English",
        "2 March 2026, 11:55 UTC",
        "2 March 2026, 12:00 UTC",
        "kept until 1 April 2026",
        "42 seconds",
        full.name_shape,
        "The link to confirm your signature",
        "Delivered",
        "The confirmation of your signature",
        "Waiting to leave",
    ]
    assert [text for text in shown if text not in page] == []
    assert "somebody.else" not in page


def test_the_record_holds_every_column_but_what_the_defence_concluded(client: Client, full: Signature) -> None:
    record = client.get(url("download-signature", full)).json()

    told_otherwise = {
        "id": "the link",
        "petition": "petition",
        "identity_digest": "fingerprints",
        "identity_version": "fingerprints",
        "domain_digest": "fingerprints",
        "network_digest": "fingerprints",
        "email_sealed": "email",
        "name_sealed": "name",
        "details_sealed": "comment",
        "choices": "answers",
        "form_age_s": "form_age_seconds",
        "comment_decided_at": "comment_state",
    }
    concluded = {"held_at", "held_reason", "invalidated_at", "case"}
    columns = {field.name for field in Signature._meta.local_fields}
    assert columns - concluded - set(told_otherwise) <= set(record)
    assert set(told_otherwise.values()) - {"the link"} <= set(record)
    assert not concluded & set(record)


def test_the_record_says_what_the_page_says(client: Client, full: Signature) -> None:
    record = client.get(url("download-signature", full)).json()

    assert (record["postcode"], record["comment"], record["comment_state"]) == (
        "75011",
        "It reads\nwith me.",
        "published",
    )
    assert record["answers"] == [
        {"question": "How do you use it?", "answer": "Answer a"},
        {"question": "Since when?", "answer": "Since May"},
    ]
    assert record["news_consent"] == {"version": 3, "words": "Write to me rarely"}
    assert record["fingerprints"] == {
        "address": True,
        "mail_domain": True,
        "network_until": "2026-04-01T11:55:00+00:00",
    }
    assert [(mail["kind"], mail["state"]) for mail in record["mails"]] == [
        ("verify_signature", "sent"),
        ("signature_confirmed", "due"),
    ]


HELD = {"held_at": NOW, "held_reason": "domain_rate"}


@pytest.mark.parametrize("concluded", [HELD, {"invalidated_at": NOW}, {**HELD, "invalidated_at": NOW}])
@pytest.mark.parametrize("view", VIEWS)
def test_a_held_or_removed_signature_looks_like_every_other(
    client: Client, full: Signature, view: str, concluded: dict[str, Any]
) -> None:
    path = url(view, full)
    before = client.get(path)

    Signature.objects.filter(pk=full.pk).update(**concluded)

    after = client.get(path)
    assert (after.status_code, after.content) == (before.status_code, before.content)
    of_the_moment = {"X-Request-ID", "Expires"}
    assert {k: v for k, v in after.items() if k not in of_the_moment} == {
        k: v for k, v in before.items() if k not in of_the_moment
    }


def test_what_follows_stands_beside_every_button(client: Client, full: Signature) -> None:
    page = client.get(url("my-signature", full)).text

    for button, sentence in [
        ("Save", "Saving replaces what is stored, at once."),
        ("End the news", "We will send you no more news of this petition"),
        ("Erase my name and address", "Erasing takes everything that names or describes you"),
        ("Withdraw my signature", "Withdrawing deletes the signature with everything on this page"),
    ]:
        before, _, _after = page.rpartition(f">{button}<")
        assert sentence in before[-600:], button


def test_the_page_says_where_the_name_is_shown(client: Client, signature: Signature, full: Signature) -> None:
    asked = client.get(url("my-signature", full)).text

    assert "It is shown beside your comment once that is published, and nowhere else." in asked
    other = make_signature()
    assert "Your name is shown nowhere." in client.get(url("my-signature", other)).text


def test_another_browser_needs_no_cookie(full: Signature) -> None:
    path = url("my-signature", full)
    sent = {"name": "Alice", "country": "FR", "seen": seen_on_page(Client(), full)}

    assert Client().post(path, sent).status_code == 303
    assert "Alice" in Client().get(path).text


# --- Two tabs -------------------------------------------------------------------------------------------------------
def test_a_stale_form_is_told_so_and_keeps_what_was_typed(client: Client, signature: Signature) -> None:
    opened = seen_on_page(client, signature)
    client.post(url("my-signature", signature), {"name": "Alice", "country": "FR", "seen": opened})

    stale = client.post(
        url("my-signature", signature), {"name": "Alice in Wonderland", "country": "FR", "seen": opened}
    )

    assert stale.status_code == 409
    assert "This was changed meanwhile" in stale.text
    assert 'value="Alice in Wonderland"' in stale.text
    assert "<dd>Alice</dd>" in stale.text
    assert name_of(Signature.objects.get()) == "Alice"
    again = re.search(r'name="seen" value="([0-9a-f]+)"', stale.text)
    assert again is not None
    sent = {"name": "Alice in Wonderland", "country": "FR", "seen": again[1]}
    assert client.post(url("my-signature", signature), sent).status_code == 303


def test_a_form_without_its_mark_overwrites_nothing(client: Client, signature: Signature) -> None:
    assert client.post(url("my-signature", signature), {"name": "Alice", "country": "FR"}).status_code == 409
    assert name_of(Signature.objects.get()) == "Alice <b>"


def test_correcting_what_another_tab_has_withdrawn_says_that_nothing_was_kept(
    client: Client, signature: Signature
) -> None:
    opened = seen_on_page(client, signature)
    client.post(url("withdraw-signature", signature))

    answer = client.post(url("my-signature", signature), {"name": "Alice", "country": "FR", "seen": opened})

    assert answer.status_code == 410
    assert "What you have just sent was not kept" in answer.text
    assert not Signature.objects.exists()


@pytest.mark.parametrize(
    ("view", "sent"), [("my-signature", {"name": "Alice", "country": "FR"}), ("signature-news", {"wants_news": "on"})]
)
def test_changing_what_another_tab_has_erased_says_so(
    client: Client, signature: Signature, view: str, sent: dict[str, str]
) -> None:
    opened = seen_on_page(client, signature)
    client.post(url("erase-signature", signature))

    answer = client.post(url(view, signature), {**sent, "seen": opened})

    assert answer.status_code == 409
    assert "Your name and address were erased meanwhile" in answer.text
    assert Signature.objects.get().name_sealed is None


@pytest.mark.parametrize("act", ["withdraw-signature", "erase-signature"])
def test_leaving_twice_is_no_error_of_ours(client: Client, signature: Signature, act: str) -> None:
    first, second = client.post(url(act, signature)), client.post(url(act, signature))

    assert first.status_code == 303
    assert second.status_code == (410 if act == "withdraw-signature" else 303)


# --- News -----------------------------------------------------------------------------------------------------------
def test_news_begin_and_end_with_one_button_each(client: Client, signature: Signature) -> None:
    page = client.get(url("my-signature", signature)).text
    assert "We will write to your address when this petition reaches a milestone" in page

    assert client.post(url("signature-news", signature), {"wants_news": "on"}).status_code == 303
    assert Signature.objects.get().wants_news
    assert client.post(url("signature-news", signature), {"wants_news": ""}).status_code == 303
    assert not Signature.objects.get().wants_news


def test_joining_agrees_to_the_words_on_the_page(client: Client, full: Signature) -> None:
    client.post(url("signature-news", full), {"wants_news": ""})
    newest = NewsConsent.objects.create(
        petition=full.petition, version=4, labels={"en": "Write to me often"}, created_at=NOW
    )
    page = client.get(url("my-signature", full)).text
    assert "Write to me often" in page
    assert f'name="news_consent" value="{newest.pk}"' in page

    stale = client.post(url("signature-news", full), {"wants_news": "on", "news_consent": full.news_consent_id})
    client.post(url("signature-news", full), {"wants_news": "on", "news_consent": newest.pk})

    assert stale.status_code == 409
    assert "Please read them again" in stale.text
    assert Signature.objects.get().news_consent == newest


@pytest.mark.parametrize("consent", ["x", "-1", "9" * 400, "\x00"])
def test_a_consent_that_is_none_is_refused(client: Client, signature: Signature, consent: str) -> None:
    answer = client.post(url("signature-news", signature), {"wants_news": "on", "news_consent": consent})

    assert answer.status_code in (409, 422)
    assert not Signature.objects.get().wants_news


def test_news_are_neither_begun_nor_ended_by_looking_nor_by_another_site(client: Client, signature: Signature) -> None:
    path = url("signature-news", signature)

    assert [client.get(path).status_code, client.head(path).status_code] == [405, 405]
    foreign = client.post(path, {"wants_news": "on"}, headers={"Origin": "https://evil.example"})
    assert foreign.status_code == 403
    assert not Signature.objects.get().wants_news


def test_a_country_that_may_not_sign_is_refused_beside_its_field(client: Client, signature: Signature) -> None:
    Petition.objects.update(who_may_sign=Eligibility.COUNTRIES, allowed_countries=["FR"])
    sent = {"name": "Alice", "country": "DE", "seen": seen_on_page(client, signature)}

    answer = client.post(url("my-signature", signature), sent)

    assert answer.status_code == 422
    assert "Only people of these countries can sign: France." in answer.text


def test_the_page_takes_few_statements(
    client: Client, full: Signature, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(7):
        client.get(url("my-signature", full))
