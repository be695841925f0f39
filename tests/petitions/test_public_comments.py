"""Published comments: signed as their authors chose, paged, cacheable, and gone at once."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import Team
from petitions.actions.leaving import erase_signature, withdraw_signature
from petitions.models import CommentState, NameShown, Petition, PetitionState, Signature
from petitions.queries.comments import COMMENTS_PER_PAGE, public_comments
from petitions.queries.links import my_signature_token
from tests.factories import NOW, make_petition, make_signature
from tests.petitions.saying import say

pytestmark = pytest.mark.django_db
PUBLISHED = CommentState.PUBLISHED


@pytest.fixture
def petition(team: Team) -> Petition:
    return make_petition(team=team, slug="keep", asks_comment=True)


def url(view: str = "petition-comments") -> str:
    return reverse(f"petitions:{view}", args=["keep"])


def publish(petition: Petition, text: str = "Keep it, please.", *, minutes: int = 0, **changes: object) -> Signature:
    signature = make_signature(petition=petition, name="Ada Lovelace", country=str(changes.pop("country", "FR")))
    decided_at = NOW + timedelta(minutes=minutes)
    return say(signature, comment=text, state=PUBLISHED, decided_at=decided_at, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name_shown", "country", "expected"),
    [
        (NameShown.FULL, "FR", "<bdi>Ada Lovelace</bdi>"),
        (NameShown.INITIALS, "FR", "<bdi>A. L.</bdi>"),
        (NameShown.HIDDEN, "FR", "A supporter (France)"),
        (NameShown.HIDDEN, "", "A supporter\n"),
    ],
)
def test_a_comment_is_signed_as_its_author_chose(
    client: Client, petition: Petition, name_shown: NameShown, country: str, expected: str
) -> None:
    publish(petition, name_shown=name_shown, country=country)

    page = client.get(url())

    assertContains(page, "Keep it, please.")
    assertContains(page, expected)
    if name_shown != NameShown.FULL:
        assertNotContains(page, "Lovelace")


@pytest.mark.parametrize("state", [CommentState.WAITING, CommentState.DECLINED])
def test_what_is_not_published_is_nowhere(client: Client, petition: Petition, state: CommentState) -> None:
    say(make_signature(petition=petition), comment="Not for everybody", state=state)

    for view in ("petition-comments", "petition-detail"):
        assertNotContains(client.get(url(view)), "Not for everybody")


@pytest.mark.parametrize("end", ["withdrawn", "erased", "invalidated", "held"])
def test_a_comment_vanishes_with_its_signature(client: Client, petition: Petition, end: str) -> None:
    signature = publish(petition)
    token = my_signature_token(signature_id=signature.pk, now=NOW)
    assertContains(client.get(url("petition-detail")), "Keep it, please.")

    if end == "withdrawn":
        withdraw_signature(token=token, now=NOW)
    elif end == "erased":
        erase_signature(token=token, now=NOW)
    elif end == "invalidated":
        Signature.objects.update(invalidated_at=NOW)
    else:
        Signature.objects.update(held_at=NOW, held_reason="rule")

    for view in ("petition-comments", "petition-detail"):
        assertNotContains(client.get(url(view)), "Keep it, please.")


def test_the_petition_shows_the_newest_three(client: Client, petition: Petition) -> None:
    for number in range(5):
        publish(petition, f"Comment no. {number}", minutes=number)

    page = client.get(url("petition-detail")).content.decode()

    assert [number for number in range(5) if f"Comment no. {number}" in page] == [2, 3, 4]
    assert url() in page


def test_a_petition_that_asks_for_no_comment_reads_none(
    petition: Petition, django_assert_num_queries: DjangoAssertNumQueries, client: Client
) -> None:
    publish(petition)
    Petition.objects.update(asks_comment=False)

    assertNotContains(client.get(url("petition-detail")), "Keep it, please.")
    assertContains(client.get(url()), "Keep it, please.")


def test_comments_are_paged_from_the_newest_decision(
    petition: Petition, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(COMMENTS_PER_PAGE + 5):
        publish(petition, str(number), minutes=number // 4)  # some were decided on at the same instant

    with django_assert_num_queries(1):
        first = public_comments(petition=petition)
    second = public_comments(petition=petition, cursor=first.next_cursor)

    texts = [int(comment.text) for comment in (*first.comments, *second.comments)]
    assert texts == sorted(texts, reverse=True)
    assert len(set(texts)) == COMMENTS_PER_PAGE + 5
    assert second.next_cursor == ""


@pytest.mark.parametrize(
    "cursor", ["", "x", "1", "1.", ".1", "1.1.1", "-1.1", "٣.٣", "9" * 40 + ".1", "9" * 17 + "." + "9" * 18]
)
def test_a_cursor_that_says_nothing_does_no_harm(client: Client, petition: Petition, cursor: str) -> None:
    publish(petition)

    assertContains(client.get(url(), {"before": cursor}), "Keep it, please.")


def test_the_page_is_for_every_cache_for_a_second(client: Client, petition: Petition) -> None:
    answer = client.get(url())

    assert answer["Cache-Control"] == "public, max-age=0, s-maxage=1"
    assert not answer.cookies
    assert client.post(url()).status_code == 405


@pytest.mark.parametrize("state", [PetitionState.DRAFT, PetitionState.SCHEDULED])
def test_comments_of_what_is_not_public_are_not_there(client: Client, petition: Petition, state: PetitionState) -> None:
    Petition.objects.update(state=state)

    assert client.get(url()).status_code == 404


def test_what_is_said_is_never_markup(client: Client, petition: Petition) -> None:
    publish(petition, "<script>alert(1)</script>")

    assertNotContains(client.get(url()), "<script>alert")


@pytest.mark.parametrize(
    ("rule", "listed", "said"),
    [
        ({"who_may_sign": "domains", "allowed_domains": ["example.org"]}, "example.org", "with an address at"),
        (
            {"who_may_sign": "countries", "allowed_countries": ["FR", "BE"]},
            "Belgium, France",
            "people of these countries",
        ),
    ],
)
def test_the_petition_says_who_may_sign(
    client: Client, petition: Petition, rule: dict[str, object], listed: str, said: str
) -> None:
    assertNotContains(client.get(url("petition-detail")), said)
    Petition.objects.update(**rule)

    page = client.get(url("petition-detail"))

    assertContains(page, said)
    assertContains(page, listed)
