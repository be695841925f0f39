"""What signers answered: tallied, listed, and taken out without a name."""

import csv
import io
from collections.abc import Iterable
from datetime import timedelta
from typing import cast

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.http import StreamingHttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from accounts.actions import create_api_token
from accounts.models import AuditEntry, Role, Team, User
from petitions.models import Petition, PetitionQuestion, QuestionKind, Signature
from petitions.queries import answer_files, answers
from petitions.queries.answers import question_tallies, text_answers
from tests.factories import NOW, make_membership, make_petition, make_question, make_signature
from tests.petitions.saying import say

pytestmark = pytest.mark.django_db


@pytest.fixture
def petition(team: Team) -> Petition:
    return make_petition(team=team, slug="keep", timezone="Europe/Paris")


@pytest.fixture
def choice(petition: Petition) -> PetitionQuestion:
    return make_question(petition=petition)


@pytest.fixture
def text(petition: Petition) -> PetitionQuestion:
    return make_question(
        petition=petition, kind=QuestionKind.TEXT, position=2, labels={"en": "Why?", "fr": "Pourquoi ?"}
    )


@pytest.fixture
def analyst_client(team: Team) -> Client:
    client = Client()
    client.force_login(make_membership(team=team, role=Role.ANALYST).user)
    return client


def choose(petition: Petition, question: PetitionQuestion, *keys: str, **fields: object) -> list[Signature]:
    signatures = [make_signature(petition=petition, **fields) for _ in keys]  # type: ignore[arg-type]
    return [say(signature, choices={str(question.pk): key}) for signature, key in zip(signatures, keys, strict=True)]


def url(view: str, *arguments: object) -> str:
    return reverse(f"petitions:{view}", args=["keep", *arguments])


# --- Tallies --------------------------------------------------------------------------------------------------------
def test_answers_are_added_up_by_option(petition: Petition, choice: PetitionQuestion) -> None:
    choose(petition, choice, "a", "a", "b", "a")
    make_signature(petition=petition)

    tally = question_tallies(petition=petition, language="fr")[0]

    assert (tally.label, tally.answered) == ("Quel usage en faites-vous ?", 4)
    assert [(each.label, each.count, each.share) for each in tally.options] == [
        ("Réponse a", 3, 75),
        ("Réponse b", 1, 25),
    ]


def test_only_counted_signatures_are_tallied(petition: Petition, choice: PetitionQuestion) -> None:
    choose(petition, choice, "a", invalidated_at=NOW)
    held = choose(petition, choice, "a")[0]
    Signature.objects.filter(pk=held.pk).update(held_at=NOW, held_reason="rule")
    choose(make_petition(), choice, "a")

    assert question_tallies(petition=petition, language="en")[0].answered == 0


def test_retired_options_and_questions_keep_their_answers(petition: Petition, choice: PetitionQuestion) -> None:
    choose(petition, choice, "b")
    PetitionQuestion.objects.update(
        retired_at=NOW,
        options=[{"key": "a", "labels": {"en": "A"}}, {"key": "b", "labels": {"en": "B"}, "retired": True}],
    )

    tally = question_tallies(petition=petition, language="en")[0]

    assert [(each.label, each.count, each.is_offered) for each in tally.options] == [("A", 0, True), ("B", 1, False)]


def test_a_page_of_answers_asks_for_the_sums_once_a_minute(
    bob_client: Client, petition: Petition, choice: PetitionQuestion
) -> None:
    choose(petition, choice, "a")

    with CaptureQueriesContext(
        connection,
    ) as first:
        bob_client.get(url("petition-answers"))
    with CaptureQueriesContext(connection) as second:
        page = bob_client.get(url("petition-answers"))

    def sums(queries: CaptureQueriesContext) -> int:
        return sum("GROUP BY choices" in query["sql"] for query in queries.captured_queries)

    assert (sums(first), sums(second)) == (1, 0)
    assertContains(page, 'width="100.00"')


def test_an_analyst_sees_sums_and_neither_texts_nor_rows(
    analyst_client: Client, petition: Petition, choice: PetitionQuestion, text: PetitionQuestion
) -> None:
    assertContains(analyst_client.get(url("petition-answers")), "Answer a")
    assert analyst_client.get(url("petition-texts", text.pk)).status_code == 403
    assert analyst_client.post(url("export-answers")).status_code == 403


def test_a_petition_without_questions_says_so(bob_client: Client, petition: Petition) -> None:
    assertContains(bob_client.get(url("petition-answers")), "No question of your own yet")


# --- Texts ----------------------------------------------------------------------------------------------------------
def test_texts_are_listed_from_the_newest(bob_client: Client, petition: Petition, text: PetitionQuestion) -> None:
    for words in ("First", "Second", ""):
        said = {str(text.pk): words} if words else {}
        say(make_signature(petition=petition), answers=said, postcode="75001")

    page = bob_client.get(url("petition-texts", text.pk))

    assert [answer.text for answer in page.context["page"].answers] == ["Second", "First"]
    assertNotContains(page, "Alice")
    assertNotContains(page, "75001")


def test_texts_are_paged_and_a_page_opens_a_bounded_number_of_rows(
    monkeypatch: pytest.MonkeyPatch, petition: Petition, text: PetitionQuestion
) -> None:
    monkeypatch.setattr(answers, "TEXTS_PER_PAGE", 2)
    monkeypatch.setattr(answers, "MOST_ROWS_OPENED", 3)
    for number in range(9):
        said = {} if number in (3, 4, 5) else {str(text.pk): str(number)}
        say(make_signature(petition=petition), answers=said, postcode="1")

    pages, before = [], 0
    while True:
        page = text_answers(petition=petition, question=text, before=before)
        pages.append([answer.text for answer in page.answers])
        before = page.next_before
        if not before:
            break

    assert [text for page in pages for text in page] == ["8", "7", "6", "2", "1", "0"]
    assert len(pages) > 3


@pytest.mark.parametrize("before", ["x", "-1", "9" * 30, "٣"])
def test_a_cursor_that_says_nothing_is_the_beginning(
    bob_client: Client, petition: Petition, text: PetitionQuestion, before: str
) -> None:
    assert bob_client.get(url("petition-texts", text.pk), {"before": before}).status_code == 200


def test_a_choice_has_no_page_of_texts(bob_client: Client, petition: Petition, choice: PetitionQuestion) -> None:
    assert bob_client.get(url("petition-texts", choice.pk)).status_code == 404
    assert bob_client.get(url("petition-texts", 2**62)).status_code == 404


# --- Rows -----------------------------------------------------------------------------------------------------------
def rows_of(client: Client) -> list[list[str]]:
    answer = cast("StreamingHttpResponse", client.post(url("export-answers")))
    body = b"".join(cast("Iterable[bytes]", answer.streaming_content)).decode()
    return list(csv.reader(io.StringIO(body)))


def test_rows_hold_what_was_said_and_nobody(
    bob_client: Client, bob: User, petition: Petition, choice: PetitionQuestion, text: PetitionQuestion
) -> None:
    said = {
        "choices": {str(choice.pk): "b"},
        "answers": {str(text.pk): "=1+1"},
        "postcode": "75001",
        "comment": "Public?",
    }
    late = NOW.replace(hour=23, minute=30)  # another day in Paris
    say(make_signature(petition=petition, name="Ada", email="ada@example.org", verified_at=late), **said)  # type: ignore[arg-type]
    make_signature(petition=petition, country="")

    rows = rows_of(bob_client)

    assert rows == [
        ["day", "country", "How do you use it?", "Why?", "postcode"],
        ["2026-03-02", "", "", "", ""],
        ["2026-03-03", "FR", "Answer b", "'=1+1", "75001"],
    ]
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.verb, entry.subject) == (bob, "answers.exported", "keep")


def test_rows_leave_in_batches_and_each_once(
    monkeypatch: pytest.MonkeyPatch, bob_client: Client, petition: Petition
) -> None:
    monkeypatch.setattr(answer_files, "ROWS_PER_BATCH", 3)
    for number in range(10):
        say(make_signature(petition=petition, verified_at=NOW + timedelta(days=number // 4)), postcode=str(number))

    with CaptureQueriesContext(connection) as queries:
        rows = rows_of(bob_client)

    assert [row[-1] for row in rows[1:]] == [str(number) for number in range(10)]
    assert sum("details_sealed" in query["sql"] for query in queries.captured_queries) == 4


def test_rows_of_those_who_do_not_count_stay(bob_client: Client, petition: Petition) -> None:
    make_signature(petition=petition, invalidated_at=NOW)

    assert len(rows_of(bob_client)) == 1


def test_rows_are_taken_by_post_and_by_the_team_only(
    bob_client: Client, charlie_client: Client, mona_client: Client, client: Client, petition: Petition
) -> None:
    assert bob_client.get(url("export-answers")).status_code == 405
    assert [visitor.post(url("export-answers")).status_code for visitor in (charlie_client, mona_client, client)] == [
        403,
        403,
        302,
    ]
    make_petition(slug="theirs")
    assert bob_client.post(reverse("petitions:export-answers", args=["theirs"])).status_code == 404
    assert not AuditEntry.objects.exists()


# --- Sums for programs ----------------------------------------------------------------------------------------------
def test_the_api_adds_up_by_a_question_for_the_team_only(
    client: Client, bob: User, team: Team, petition: Petition, choice: PetitionQuestion
) -> None:
    choose(petition, choice, "a", "a", "b")
    make_signature(petition=petition)
    secret = create_api_token(team=team, actor=bob, name="t", now=NOW).secret
    path, by = "/api/v1/petitions/keep/counts", f"question-{choice.pk}"

    answer = client.get(path, {"by": by}, headers={"Authorization": f"Bearer {secret}"})

    assert answer.json()["rows"] == [
        {by: "Answer a", "key": "a", "signatures": 2},
        {by: "Answer b", "key": "b", "signatures": 1},
        {by: "unknown", "key": "", "signatures": 1},
    ]
    assert answer.json()["total"] == 4
    assert client.get(path, {"by": by}).status_code == 403
    for unknown in ("question-0", "question-", "question-x", f"question-{choice.pk + 999}", "question-" + "9" * 40):
        told = client.get(path, {"by": unknown}, headers={"Authorization": f"Bearer {secret}"})
        assert (told.status_code, "question-<number>" in told.json()["detail"]) == (422, True)


def test_a_span_of_days_is_respected(
    client: Client, bob_client: Client, petition: Petition, choice: PetitionQuestion
) -> None:
    choose(petition, choice, "a", verified_at=NOW)
    choose(petition, choice, "a", verified_at=NOW + timedelta(days=2))

    answer = bob_client.get("/api/v1/petitions/keep/counts", {"by": f"question-{choice.pk}", "to": "2026-03-03"})

    assert [row["signatures"] for row in answer.json()["rows"]] == [1, 0, 0]


def test_a_short_text_cannot_be_added_up(bob_client: Client, petition: Petition, text: PetitionQuestion) -> None:
    assert bob_client.get("/api/v1/petitions/keep/counts", {"by": f"question-{text.pk}"}).status_code == 422


def test_the_export_page_offers_the_choices(bob_client: Client, petition: Petition, choice: PetitionQuestion) -> None:
    choose(petition, choice, "b")

    page = bob_client.get(url("export-counts"), {"by": f"question-{choice.pk}"})

    assert page.context["preview"] == [("Answer a", "a", 0), ("Answer b", "b", 1), ("unknown", "", 0)]
    assertContains(page, "How do you use it?")
    assert bob_client.get(url("export-counts"), {"by": "question-0"}).status_code == 422


def test_the_command_adds_up_by_a_question(
    petition: Petition, choice: PetitionQuestion, capsys: pytest.CaptureFixture[str]
) -> None:
    choose(petition, choice, "b")

    call_command("export_counts", "keep", by=f"question-{choice.pk}")

    assert capsys.readouterr().out.splitlines()[1:] == ["Answer a,a,0", "Answer b,b,1", "unknown,,0"]
    with pytest.raises(CommandError, match="question-<number>"):
        call_command("export_counts", "keep", by="decade")
