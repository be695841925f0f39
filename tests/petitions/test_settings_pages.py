"""The organisers' pages of what a petition asks: each button, each refusal, and nothing typed is lost."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import Role, Team
from petitions.actions import editing
from petitions.models import NewsConsent, Petition, PetitionQuestion, QuestionKind
from tests.factories import NOW, make_membership, make_petition, make_question

pytestmark = pytest.mark.django_db
WORDS = {"label_en": "Will you come?", "new_1_en": "Yes", "new_1_fr": "Oui", "new_2_en": "No"}
BUTTONS: dict[str, dict[str, Any]] = {
    "change-asked": {"asks_comment": "on"},
    "change-eligibility": {"who_may_sign": "anyone"},
    "publish-news-consent": {"words_en": "News?", "seen_version": "0"},
}


@pytest.fixture
def petition(team: Team) -> Petition:
    return make_petition(team=team, slug="keep")


def url(view: str, *arguments: object, slug: str = "keep") -> str:
    return reverse(f"petitions:{view}", args=[slug, *arguments])


SETTINGS = "/en/organise/petitions/keep/settings/"


# --- Who may enter --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("view", list(BUTTONS))
def test_buttons_are_posts_of_the_petitions_own_team(
    bob_client: Client, mona_client: Client, client: Client, petition: Petition, view: str
) -> None:
    make_petition(slug="theirs")

    assert bob_client.get(url(view)).status_code == 405
    assert mona_client.post(url(view), BUTTONS[view]).status_code == 403
    assert client.post(url(view), BUTTONS[view]).status_code == 302
    assert bob_client.post(url(view, slug="theirs"), BUTTONS[view]).status_code == 404
    assertRedirects(bob_client.post(url(view), BUTTONS[view]), SETTINGS)


@pytest.mark.parametrize("view", ["retire-question", "move-question-up", "edit-question"])
def test_questions_of_another_team_are_not_found(bob_client: Client, petition: Petition, view: str) -> None:
    theirs = make_question(petition=make_petition(slug="theirs"))

    for number in (theirs.pk, 2**62):
        assert bob_client.post(url(view, number), WORDS).status_code == 404
    assert bob_client.post(url(view, theirs.pk, slug="theirs"), WORDS).status_code == 404


def test_an_analyst_changes_nothing(team: Team, petition: Petition) -> None:
    client = Client()
    client.force_login(make_membership(team=team, role=Role.ANALYST).user)

    assert client.get(url("petition-settings")).status_code == 403
    assert client.post(url("new-question", "choice"), WORDS).status_code == 403


# --- Fields and rule ------------------------------------------------------------------------------------------------
def test_the_page_shows_what_is_asked(bob_client: Client, petition: Petition) -> None:
    make_question(petition=petition, is_required=True, labels={"en": "How?"})
    make_question(petition=petition, retired_at=NOW, labels={"en": "When?"})

    page = bob_client.get(SETTINGS)

    for words in ("How?", "Answer a", "must be answered", "not in French", "1 question that is not asked any more"):
        assertContains(page, words)


def test_fields_are_saved(bob_client: Client, petition: Petition) -> None:
    answer = bob_client.post(url("change-asked"), {"asks_postcode": "on"}, follow=True)

    petition.refresh_from_db()
    assert (petition.asks_country, petition.asks_postcode, petition.asks_comment) == (False, True, False)
    assertContains(answer, "The fields are saved.")


@pytest.mark.parametrize(
    "typed", ["@Example.org\n\n b.example ", "example.org\r\nb.example", "EXAMPLE.ORG.\nb.example"]
)
def test_domains_are_read_as_people_write_them(bob_client: Client, petition: Petition, typed: str) -> None:
    bob_client.post(url("change-eligibility"), {"who_may_sign": "domains", "allowed_domains": typed})

    petition.refresh_from_db()
    assert petition.allowed_domains == ["b.example", "example.org"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"who_may_sign": "domains", "allowed_domains": "not a domain"}, "Please write one mail domain on each line"),
        ({"who_may_sign": "domains", "allowed_domains": "localhost"}, "Please write one mail domain on each line"),
        ({"who_may_sign": "domains", "allowed_domains": ""}, "Please name at least one mail domain."),
        ({"who_may_sign": "domains", "allowed_domains": "\n".join(f"d{n}.example" for n in range(201))}, "at most 200"),
        ({"who_may_sign": "countries"}, "Please choose at least one country."),
        ({"who_may_sign": "countries", "allowed_countries": ["XX"]}, "Please choose countries from the list."),
        ({"who_may_sign": "friends"}, "Select a valid choice"),
        ({}, "This field is required"),
    ],
)
def test_a_rule_without_sense_is_refused_and_kept(
    bob_client: Client, petition: Petition, typed: dict[str, Any], said: str
) -> None:
    answer = bob_client.post(url("change-eligibility"), typed)

    assertContains(answer, said, status_code=422)
    assertContains(answer, "<title>Error:", status_code=422)
    if typed.get("allowed_domains") == "not a domain":
        assertContains(answer, "not a domain</textarea>", status_code=422)


def test_a_rule_of_countries_that_are_not_asked_is_explained(bob_client: Client, petition: Petition) -> None:
    Petition.objects.update(asks_country=False)

    answer = bob_client.post(url("change-eligibility"), {"who_may_sign": "countries", "allowed_countries": ["FR"]})

    assertContains(answer, "needs the country to be asked for", status_code=422)


def test_the_country_is_not_taken_from_a_rule_that_needs_it(bob_client: Client, petition: Petition) -> None:
    Petition.objects.update(who_may_sign="countries", allowed_countries=["FR"])

    assertContains(bob_client.post(url("change-asked"), {}), "needs the country to be asked for", status_code=422)


# --- Consent --------------------------------------------------------------------------------------------------------
def test_words_of_consent_are_published_by_version(bob_client: Client, petition: Petition) -> None:
    bob_client.post(
        url("publish-news-consent"), {"words_en": "News?", "words_fr": "Des nouvelles ?", "seen_version": 0}
    )

    assert NewsConsent.objects.get().labels == {"en": "News?", "fr": "Des nouvelles ?"}
    assertContains(bob_client.get(SETTINGS), "Des nouvelles ?")


def test_words_over_somebody_elses_are_shown_first(bob_client: Client, petition: Petition) -> None:
    editing.publish_news_consent(petition_id=petition.pk, labels={"en": "Theirs"}, seen_version=0, now=NOW)

    answer = bob_client.post(url("publish-news-consent"), {"words_en": "Mine", "seen_version": 0})

    assertContains(answer, "Somebody published another version", status_code=409)
    assertContains(answer, "Mine</textarea>", status_code=409)
    assertContains(answer, 'name="seen_version" value="1"', status_code=409)
    assert NewsConsent.objects.count() == 1


@pytest.mark.parametrize(
    "typed",
    [{"words_fr": "Quoi ?", "seen_version": 0}, {"words_en": "x" * 301, "seen_version": 0}, {"words_en": "News?"}],
)
def test_words_without_sense_are_refused(bob_client: Client, petition: Petition, typed: dict[str, Any]) -> None:
    assert bob_client.post(url("publish-news-consent"), typed).status_code == 422
    assert not NewsConsent.objects.exists()


# --- Questions ------------------------------------------------------------------------------------------------------
def test_a_choice_is_written_and_asked(bob_client: Client, petition: Petition) -> None:
    assert bob_client.get(url("new-question", "choice")).status_code == 200

    answer = bob_client.post(url("new-question", "choice"), {**WORDS, "is_required": "on"})

    assertRedirects(answer, SETTINGS)
    question = PetitionQuestion.objects.get()
    assert (question.labels, question.is_required) == ({"en": "Will you come?"}, True)
    assert question.options == [
        {"key": "o1", "labels": {"en": "Yes", "fr": "Oui"}},
        {"key": "o2", "labels": {"en": "No"}},
    ]


def test_a_text_is_written_and_asked(bob_client: Client, petition: Petition) -> None:
    bob_client.post(url("new-question", "text"), {"label_en": "Why?", "new_1_en": "No option"})

    question = PetitionQuestion.objects.get()
    assert (question.kind, question.options, question.labels) == (QuestionKind.TEXT, [], {"en": "Why?"})


def test_an_unknown_kind_is_not_there(bob_client: Client, petition: Petition) -> None:
    assert bob_client.get(url("new-question", "essay")).status_code == 404


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"label_en": ""}, "main language"),
        ({"label_en": "x" * 201}, "at most 200 characters"),
        ({"new_2_en": ""}, "Please write at least 2 answers to choose from."),
        ({"new_2_en": " YES "}, "Two answers say the same"),
        ({"new_2_en": "", "new_2_fr": "Non"}, "main language"),
        ({"new_2_en": "x" * 81}, "at most 80 characters"),
    ],
)
def test_a_question_without_sense_is_refused_and_kept(
    bob_client: Client, petition: Petition, changes: dict[str, str], said: str
) -> None:
    answer = bob_client.post(url("new-question", "choice"), {**WORDS, **changes})

    assertContains(answer, said, status_code=422)
    assertContains(answer, 'value="Oui"', status_code=422)
    assert not PetitionQuestion.objects.exists()


def test_a_sixth_question_is_refused_and_kept(bob_client: Client, petition: Petition) -> None:
    for position in range(1, 6):
        make_question(petition=petition, position=position)

    answer = bob_client.post(url("new-question", "choice"), WORDS)

    assertContains(answer, "asks five questions already", status_code=409)
    assertContains(answer, 'value="Will you come?"', status_code=409)
    assertNotContains(bob_client.get(SETTINGS), "Add a choice")


def edited(question: PetitionQuestion, **changes: str) -> dict[str, str]:
    words = {"label_en": "How do you use it?", "option_a_en": "Answer a", "option_b_en": "Answer b"}
    return {**words, "seen": editing.mark_of(question), **changes}


def test_a_question_is_worded_anew(bob_client: Client, petition: Petition) -> None:
    question = make_question(petition=petition)
    assertContains(bob_client.get(url("edit-question", question.pk)), 'value="Réponse b"')

    answer = bob_client.post(url("edit-question", question.pk), edited(question, option_a_en="", new_1_en="Both"))

    assertRedirects(answer, SETTINGS)
    question.refresh_from_db()
    assert [(option["key"], option.get("retired", False)) for option in question.options] == [
        ("b", False),
        ("o1", False),
        ("a", True),
    ]


def test_an_edit_over_somebody_elses_is_shown_with_theirs(bob_client: Client, petition: Petition) -> None:
    question = make_question(petition=petition)
    sent = edited(question, label_en="Mine")
    theirs = [*question.options, {"key": "c", "labels": {"en": "Their answer"}}]
    PetitionQuestion.objects.update(options=theirs)

    answer = bob_client.post(url("edit-question", question.pk), sent)

    assertContains(answer, "Somebody else has changed this question", status_code=409)
    assertContains(answer, 'value="Mine"', status_code=409)
    assertContains(answer, 'value="Their answer"', status_code=409)
    question.refresh_from_db()
    assertContains(answer, editing.mark_of(question), status_code=409)


def test_an_edit_without_sense_is_refused(bob_client: Client, petition: Petition) -> None:
    question = make_question(petition=petition)

    answer = bob_client.post(url("edit-question", question.pk), edited(question, option_b_en="", option_b_fr=""))

    assertContains(answer, "at least 2 answers", status_code=422)


def test_a_question_is_moved_and_retired(bob_client: Client, petition: Petition) -> None:
    make_question(petition=petition, position=1)
    second = make_question(petition=petition, position=2)

    assertRedirects(bob_client.post(url("move-question-up", second.pk)), SETTINGS)
    second.refresh_from_db()
    assert second.position == 1
    assertRedirects(bob_client.post(url("retire-question", second.pk)), SETTINGS)
    second.refresh_from_db()
    assert second.retired_at is not None
    assert bob_client.get(url("edit-question", second.pk)).status_code == 404
    assert bob_client.get(url("retire-question", second.pk)).status_code == 405
    assert bob_client.get(url("move-question-up", second.pk)).status_code == 405
