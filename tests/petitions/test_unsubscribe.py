"""Ending the news by one click: of a person in the mail or on the page, or of their mail provider (RFC 8058)."""

from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from accounts.tokens import BadToken
from outbox.delivery import deliver_batch
from outbox.models import MessageState, OutgoingMessage
from petitions.actions.correcting import leave_news, leave_news_of_mine
from petitions.actions.leaving import erase_signature, withdraw_signature
from petitions.actions.milestone_news import expand_milestone_notice
from petitions.actions.tally import fold_tally
from petitions.models import Petition, Signature
from petitions.queries.links import my_signature_token, news_token
from tests.factories import ALICE, NOW, make_petition, make_signature
from tests.parallel import results_of, run_all_in_parallel, run_in_parallel

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def signature() -> Signature:
    return make_signature(petition=make_petition(ladder=[1]), email=ALICE, wants_news=True)


def token_of(signature: Signature) -> str:
    return news_token(signature_id=signature.pk, now=timezone.now())


def url_of(signature: Signature, language: str = "en") -> str:
    with override(language):
        return reverse("petitions:unsubscribe", kwargs={"token": token_of(signature)})


def wants_news(signature: Signature) -> bool:
    return Signature.objects.get(pk=signature.pk).wants_news


def owe_news(petition: Petition) -> None:
    fold_tally(petition_id=petition.pk, now=LATER)
    while expand_milestone_notice(now=LATER):
        pass


def news_in(*states: MessageState) -> int:
    return OutgoingMessage.objects.filter(kind="milestone_news", state__in=states).count()


def owed_news() -> int:
    return news_in(MessageState.DUE)


# --- The mail -------------------------------------------------------------------------------------------------------
def test_the_mail_carries_a_link_that_ends_it(client: Client, signature: Signature, mail_dir: Path) -> None:
    owe_news(signature.petition)
    deliver_batch(now=LATER)

    [raw] = [file.read_bytes() for file in mail_dir.iterdir()]
    mail = message_from_bytes(raw, policy=policy.default)
    link = str(mail["List-Unsubscribe"]).strip(" <>")
    parts = [mail.get_body((kind,)) for kind in ("plain", "html")]
    assert all(part is not None and link in part.get_content() for part in parts)
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert f"<{link}>".encode() in raw  # on one line and as it is: providers read no encoded words here
    assert client.post(link, ONE_CLICK).status_code == 200
    assert not wants_news(signature)


# --- The provider ---------------------------------------------------------------------------------------------------
def as_form(client: Client, url: str) -> HttpResponse:
    return client.post(url, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded")


def as_multipart(client: Client, url: str) -> HttpResponse:
    return client.post(url, ONE_CLICK)  # what the test client sends by itself


@pytest.mark.parametrize("post", [as_form, as_multipart])
def test_a_mail_provider_ends_the_news_without_cookie_or_origin(
    signature: Signature, post: Callable[[Client, str], HttpResponse]
) -> None:
    answer = post(Client(enforce_csrf_checks=True), url_of(signature))

    assert answer.status_code == 200  # and no redirect, which providers do not follow
    assert not answer.cookies
    assert not wants_news(signature)


def test_a_provider_that_clicks_twice_gets_the_same_answer(client: Client, signature: Signature) -> None:
    url = url_of(signature)

    first, second = as_form(client, url), as_form(client, url)

    assert (first.status_code, second.status_code) == (200, 200)
    assert first.content == second.content


# --- The page -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize("purpose", [{}, {"Sec-Purpose": "prefetch;prerender"}, {"Purpose": "prefetch"}])
def test_looking_ends_nothing(client: Client, signature: Signature, method: str, purpose: dict[str, str]) -> None:
    answer = getattr(client, method)(url_of(signature), ONE_CLICK, headers=purpose)

    assert answer.status_code == 200
    assert (answer["Referrer-Policy"], "no-store" in answer["Cache-Control"]) == ("no-referrer", True)
    assert wants_news(signature)


def test_the_page_says_what_follows_and_has_one_button(client: Client, signature: Signature) -> None:
    page = client.get(url_of(signature)).content.decode()

    assert "We will send you no more news of this petition; your signature stays." in page
    assert page.count('<form method="post">') == 1
    assert ALICE not in page


def test_the_button_ends_the_news_and_says_so(client: Client, signature: Signature) -> None:
    answer = client.post(url_of(signature), ONE_CLICK, headers={"Origin": "http://testserver"})

    assert "The news of this petition has ended for you." in answer.content.decode()
    assert "The news of this petition has ended for you." in client.get(url_of(signature)).content.decode()
    assert not wants_news(signature)
    assert Signature.objects.counted().count() == 1


def test_the_page_speaks_french(client: Client, signature: Signature) -> None:
    assert '<html lang="fr"' in client.post(url_of(signature, "fr")).content.decode()


def test_another_site_ends_nothing(client: Client, signature: Signature) -> None:
    answer = client.post(url_of(signature), ONE_CLICK, headers={"Origin": "https://evil.example"})

    assert answer.status_code == 403
    assert wants_news(signature)


@pytest.mark.parametrize("leave", [withdraw_signature, erase_signature])
@pytest.mark.parametrize("method", ["get", "post"])
def test_whoever_left_altogether_finds_a_page_and_no_error(
    client: Client, signature: Signature, leave: Callable[..., None], method: str
) -> None:
    leave(token=my_signature_token(signature_id=signature.pk, now=NOW), now=NOW)

    answer = getattr(client, method)(url_of(signature))

    assert answer.status_code == 200
    assert "we have no address left to write to" in answer.content.decode()


def test_a_cut_link_explains_itself(client: Client, signature: Signature) -> None:
    path = reverse("petitions:unsubscribe", kwargs={"token": token_of(signature)[:-2]})

    assert [getattr(client, method)(path).status_code for method in ("get", "post")] == [404, 404]
    assert "This link is not complete" in client.get(path).content.decode()


def test_no_other_method_is_answered(client: Client, signature: Signature) -> None:
    assert client.put(url_of(signature)).status_code == 405


# --- The action -----------------------------------------------------------------------------------------------------
def test_the_link_works_for_as_long_as_the_signature(signature: Signature) -> None:
    leave_news(token=news_token(signature_id=signature.pk, now=NOW), now=NOW + timedelta(days=3_650))

    assert not wants_news(signature)


def test_the_link_to_a_signature_is_no_link_that_ends_news_and_the_other_way_round(signature: Signature) -> None:
    with pytest.raises(BadToken):
        leave_news(token=my_signature_token(signature_id=signature.pk, now=NOW), now=NOW)
    with pytest.raises(BadToken):
        withdraw_signature(token=token_of(signature), now=NOW)

    assert wants_news(signature)


def test_only_the_owners_news_end(signature: Signature) -> None:
    other = make_signature(petition=signature.petition, wants_news=True)
    owe_news(signature.petition)

    leave_news(token=token_of(signature), now=LATER)

    assert wants_news(other)
    [message] = OutgoingMessage.objects.filter(kind="milestone_news", state=MessageState.DUE)
    assert message.unique_key.endswith(f":{other.pk}")


@pytest.mark.parametrize("leave", [withdraw_signature, erase_signature])
def test_news_that_is_owed_already_goes_with_the_signature(signature: Signature, leave: Callable[..., None]) -> None:
    owe_news(signature.petition)

    leave(token=my_signature_token(signature_id=signature.pk, now=LATER), now=LATER)

    assert owed_news() == 0


def test_news_that_is_owed_already_goes_with_the_wish_for_it(signature: Signature) -> None:
    owe_news(signature.petition)

    leave_news_of_mine(token=my_signature_token(signature_id=signature.pk, now=LATER), now=LATER)

    assert owed_news() == 0


def test_news_that_has_left_keeps_its_row(signature: Signature, mail_dir: Path) -> None:
    owe_news(signature.petition)
    deliver_batch(now=LATER)

    leave_news(token=token_of(signature), now=LATER)

    assert news_in(MessageState.SENT) == 1


@pytest.mark.django_db(transaction=True)
def test_twenty_clicks_at_once_all_succeed(signature: Signature) -> None:
    token = token_of(signature)

    results_of(run_in_parallel(lambda: leave_news(token=token, now=NOW)))

    assert not wants_news(signature)


@pytest.mark.django_db(transaction=True)
def test_news_spread_while_people_leave_reaches_none_of_them() -> None:
    petition = make_petition(ladder=[8])
    signatures = [make_signature(petition=petition, wants_news=True, verified_at=NOW) for _ in range(8)]
    fold_tally(petition_id=petition.pk, now=LATER)
    leaving = [token_of(signature) for signature in signatures[::2]]
    acts: list[Callable[[], object]] = [lambda token=token: leave_news(token=token, now=LATER) for token in leaving]  # type: ignore[misc]

    results_of(run_all_in_parallel([*acts, lambda: expand_milestone_notice(now=LATER, batch=3)]))
    while expand_milestone_notice(now=LATER, batch=3):
        pass

    owed = OutgoingMessage.objects.filter(kind="milestone_news", state=MessageState.DUE)
    keys = owed.values_list("unique_key", flat=True)
    assert {int(key.rpartition(":")[2]) for key in keys} == {signature.pk for signature in signatures[1::2]}
