"""How often the database is asked for a whole signature, through the pages: few times, and the same for everybody."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from outbox.models import OutgoingMessage
from outbox.remembering import forget_everything
from petitions.models import AttemptEntry, PendingSignature, Petition, Signature, TallyEntry
from tests.factories import make_petition, make_question
from tests.petitions.signing_steps import proof_tokens, statements_of
from tests.sign_forms import carried

pytestmark = pytest.mark.django_db
SIGN, LOOK, PROVE = 3, 1, 2


@pytest.fixture
def petition() -> Petition:
    """One that asks for all there is, and that this process knows."""
    petition = make_petition(asks_postcode=True, asks_comment=True)
    make_question(petition=petition)
    post(petition, "warm@example.org")
    Client().post(newest_link())
    return petition


def post(petition: Petition, email: str, **more: str) -> Any:
    form = {"name": "Alice Example", "email": email, "country": "FR", "comment": "Why not.", "postcode": "1000"}
    url = reverse("petitions:sign", kwargs={"slug": petition.slug})
    return Client().post(url, {**form, **carried(petition.slug), **more})


def newest_link() -> str:
    return reverse("petitions:verify", kwargs={"token": proof_tokens()[-1]})


def test_signing_asks_the_database_three_times(petition: Petition) -> None:
    asked = statements_of(lambda: post(petition, "alice@example.org"))

    assert len(asked) == SIGN
    assert PendingSignature.objects.count() == 1


def test_a_process_that_knows_nothing_yet_asks_once_more_for_the_form(petition: Petition) -> None:
    forget_everything()

    asked = statements_of(lambda: post(petition, "alice@example.org"))

    of_staff = [sql for sql in asked if any(name in sql for name in ("outbox_switch", "holdrule", "maildomainruleset"))]
    assert len(asked) - len(of_staff) == SIGN + 2  # by its name for the form, by its number for the mail


def test_looking_at_the_link_asks_once_and_proving_twice(petition: Petition) -> None:
    post(petition, "alice@example.org")
    link = newest_link()

    looked = statements_of(lambda: Client().get(link))
    pressed = statements_of(lambda: Client().post(link, {"name": "Alice Example", "country": "FR"}))

    assert (len(looked), len(pressed)) == (LOOK, PROVE)
    assert Signature.objects.count() == TallyEntry.objects.count() == 2


def test_the_button_alone_asks_as_often_as_the_form(petition: Petition) -> None:
    post(petition, "alice@example.org")
    link = newest_link()

    assert len(statements_of(lambda: Client().post(link))) == PROVE


def test_looking_at_a_link_draws_no_number_of_a_signature(petition: Petition) -> None:
    post(petition, "alice@example.org")
    link = newest_link()
    newest = Signature.objects.latest("id").pk

    for _ in range(5):
        Client().get(link)
    Client().post(link)

    assert Signature.objects.latest("id").pk == newest + 1


def test_the_one_statement_of_an_attempt_writes_all_that_it_owes(petition: Petition) -> None:
    before = AttemptEntry.objects.count(), OutgoingMessage.objects.count()

    post(petition, "alice@example.org")

    assert (AttemptEntry.objects.count(), OutgoingMessage.objects.count()) == (before[0] + 1, before[1] + 1)
    attempt = PendingSignature.objects.get()
    assert f".{attempt.pk}." in newest_link()
