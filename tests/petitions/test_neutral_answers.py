"""What a visitor is told after signing: byte for byte the same, whatever the address has behind it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from outbox.models import OutgoingMessage
from petitions.models import PendingSignature, Petition, Signature
from petitions.rules.signing import MAILS_PER_DAY
from tests.factories import ALICE, make_petition, make_signature
from tests.petitions.signing_steps import proof_tokens

pytestmark = pytest.mark.django_db
# The number of the request and the second of the answer; everything else is compared.
OF_ONE_REQUEST = frozenset({"X-Request-ID", "Expires"})
Answer = tuple[int, dict[str, str], str, bytes]


def post(client: Client, petition: Petition, **changes: str) -> Any:
    form = {"name": "Alice Example", "email": ALICE, "country": "FR", **changes}
    return client.post(reverse("petitions:sign", kwargs={"slug": petition.slug}), form)


def seen(response: Any) -> Answer:
    headers = {name: value for name, value in response.items() if name not in OF_ONE_REQUEST}
    return response.status_code, headers, str(response.cookies), response.content


def new(petition: Petition) -> Answer:
    return seen(post(Client(), petition))


def repeated(petition: Petition) -> Answer:
    post(Client(), petition)
    return seen(post(Client(), petition, name="Another Name"))


def proved(petition: Petition) -> Answer:
    make_signature(petition=petition, email=ALICE)
    return seen(post(Client(), petition))


def held(petition: Petition) -> Answer:
    answer = seen(post(Client(), petition, email="alice@mailinator.com"))
    assert PendingSignature.objects.get(petition=petition).held_reason
    return answer


def withheld(petition: Petition) -> Answer:
    answer = seen(post(Client(), petition, homepage="https://spam.example"))
    assert PendingSignature.objects.get(petition=petition, mail_number=None).held_reason == "honeypot"
    return answer


def over_three_mails(petition: Petition) -> Answer:
    for _ in range(MAILS_PER_DAY):
        post(Client(), petition)
    mailed = OutgoingMessage.objects.count()
    answer = seen(post(Client(), petition))
    assert OutgoingMessage.objects.count() == mailed
    return answer


@pytest.mark.parametrize("case", [repeated, proved, held, withheld, over_three_mails])
def test_the_answer_is_the_one_that_a_new_address_gets(case: Callable[[Petition], Answer]) -> None:
    answer_to_new = new(make_petition(slug="elsewhere"))

    answer = case(make_petition(slug="keep-it-up"))

    assert _without(answer, "keep-it-up") == _without(answer_to_new, "elsewhere")
    assert answer[2] == ""  # no cookie


@pytest.mark.parametrize("case", [repeated, proved, held, withheld, over_three_mails])
def test_the_page_after_it_is_the_one_that_a_new_address_sees(case: Callable[[Petition], Answer]) -> None:
    petition = make_petition()
    path = reverse("petitions:check-your-email", kwargs={"slug": petition.slug})
    before = seen(Client().get(path))

    case(petition)

    assert seen(Client().get(path)) == before


def test_whoever_is_held_sees_the_same_pages_to_the_end() -> None:
    petition, other = make_petition(slug="keep-it-up"), make_petition(slug="elsewhere")
    post(Client(), petition, email="alice@mailinator.com")
    post(Client(), other)
    PendingSignature.objects.filter(petition=other).update(held_reason="")
    pages = [reverse("petitions:verify", kwargs={"token": token}) for token in proof_tokens()]

    looked = [Client().get(page) for page in pages]
    pressed = [Client().post(page) for page in pages]
    again = [Client().get(page) for page in pages]

    assert Signature.objects.filter(held_at__isnull=False).count() == 1
    for answers in (looked, pressed, again):
        answer, usual = (seen(each) for each in answers)
        assert _without(answer, petition.slug, pages[0]) == _without(usual, other.slug, pages[1])


def _without(answer: Answer, *own: str) -> Answer:
    """The answer without what names its petition or its link."""
    status, headers, cookies, content = answer
    for text in (*own, *(text.replace("/en/", "/fr/") for text in own)):
        headers = {name: value.replace(text, "…") for name, value in headers.items()}
        content = content.replace(text.encode(), b"...")
    bare = {name: value for name, value in headers.items() if name != "Content-Length"}
    return status, bare, cookies, content
