"""The fields that a petition asks for: which are there, what they take, and what becomes of it."""

import pytest

from petitions.forms.details import DetailsForm, initial_of
from petitions.models import NewsConsent, QuestionKind
from petitions.queries.asking import Asked, AskedQuestion
from petitions.rules.typed import TypedDetails

CHOICE = AskedQuestion(
    id=1, kind=QuestionKind.CHOICE, label="Which?", options=(("a", "One"), ("b", "Two")), is_required=False
)
REQUIRED = AskedQuestion(
    id=2, kind=QuestionKind.CHOICE, label="Which one?", options=(("a", "One"), ("b", "Two")), is_required=True
)
MANY = AskedQuestion(
    id=3,
    kind=QuestionKind.CHOICE,
    label="Which of many?",
    options=tuple((str(number), f"Option {number}") for number in range(9)),
    is_required=True,
)
TEXT = AskedQuestion(id=4, kind=QuestionKind.TEXT, label="Why?", options=(), is_required=False)


def asked(*questions: AskedQuestion, consent: int | None = None, **changes: bool) -> Asked:
    return Asked(
        country=changes.get("country", True),
        postcode=changes.get("postcode", True),
        comment=changes.get("comment", True),
        questions=questions,
        news_consent=NewsConsent(pk=consent, labels={}) if consent else None,
        news_label="Tell me by e-mail what becomes of it" if consent else "",
    )


def form(asks: Asked, **said: str) -> DetailsForm:
    return DetailsForm({"name": "Ada", **said}, asked=asks)


def typed(asks: Asked, **said: str) -> TypedDetails:
    filled = form(asks, **said)
    assert filled.is_valid(), filled.errors
    return filled.typed


def test_only_what_is_asked_is_there() -> None:
    bare = asked(country=False, postcode=False, comment=False)

    assert list(DetailsForm(asked=bare).fields) == ["name", "wants_news"]


def test_fields_stand_in_one_order() -> None:
    fields = list(DetailsForm(asked=asked(CHOICE, TEXT, consent=7)).fields)

    assert fields == [
        "name",
        "country",
        "postcode",
        "question_1",
        "question_4",
        "comment",
        "name_shown",
        "wants_news",
        "news_consent",
    ]


def test_all_that_was_typed_comes_out_cleaned() -> None:
    said = typed(
        asked(CHOICE, TEXT),
        name=" Ada  Lovelace ",
        country="GB",
        postcode=" w1  1aa ",
        comment="One.\r\n\r\n\r\n\r\nTwo.\u202e",
        name_shown="full",
        question_1="b",
        question_4=" So. ",
        wants_news="on",
    )

    assert said == TypedDetails(
        name="Ada Lovelace",
        country="GB",
        postcode="w1 1aa",
        comment="One.\n\nTwo.",
        name_shown="full",
        choices={"1": "b"},
        answers={"4": "So."},
        wants_news=True,
    )


def test_what_was_left_open_is_kept_nowhere() -> None:
    said = typed(asked(CHOICE, TEXT), question_1="", question_4=" ")

    assert (said.choices, said.answers, said.name_shown) == ({}, {}, "hidden")


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("comment", "a" * 501, "A comment can have at most 500 characters; this one has 501."),
        ("postcode", "1" * 13, "A postcode can have at most 12 characters."),
        ("name_shown", "x", "Please choose one of the answers."),
        ("question_1", "z", "Please choose one of the answers."),
        ("question_2", "", "Please answer this question."),
        ("question_3", "", "Please answer this question."),
        ("question_4", "a" * 201, "An answer can have at most 200 characters; this one has 201."),
        ("comment", "\ufffd", "Some characters could not be read. Please type this again."),
    ],
)
def test_what_cannot_be_taken_is_answered_with_a_sentence(field: str, value: str, sentence: str) -> None:
    good = {"question_2": "a", "question_3": "1"}

    assert form(asked(CHOICE, REQUIRED, MANY, TEXT), **{**good, field: value}).errors == {field: [sentence]}


def test_a_long_list_is_a_list_and_a_short_one_is_buttons() -> None:
    page = DetailsForm(asked=asked(CHOICE, MANY))

    assert str(page["question_3"]).startswith("<select")
    assert 'type="radio"' in str(page["question_1"])


def test_an_answer_that_may_be_left_open_can_be_let_go_again() -> None:
    assert "No answer" in str(DetailsForm(asked=asked(CHOICE))["question_1"])
    assert "No answer" not in str(DetailsForm(asked=asked(REQUIRED))["question_2"])


def test_nobody_is_named_beside_a_comment_who_did_not_say_so() -> None:
    shown = DetailsForm(asked=asked())["name_shown"]

    assert [choice.data["value"] for choice in shown if choice.data["selected"]] == ["hidden"]


def test_the_news_box_stands_beside_the_petitions_own_words() -> None:
    asks = asked(consent=7)

    assert DetailsForm(asked=asks)["wants_news"].label == "Tell me by e-mail what becomes of it"
    assert typed(asks, wants_news="on", news_consent="7").news_consent_id == 7
    assert typed(asks, news_consent="7").news_consent_id is None


@pytest.mark.parametrize("read", ["7", "", "x", "9" * 400])
def test_nobody_agrees_to_words_that_they_have_not_read(read: str) -> None:
    stale = form(asked(consent=8), wants_news="on", news_consent=read)

    sentence = "The words beside this box have changed since you opened the page. Please read them again."
    assert stale.errors == {"wants_news": [sentence]}
    assert 'value="8"' in str(stale["news_consent"])
    assert form(asked(consent=8), news_consent=read).is_valid()


@pytest.mark.parametrize(("agreed_to", "is_ticked"), [(7, False), (8, True)])
def test_the_box_is_ticked_again_only_beside_the_words_that_were_agreed_to(agreed_to: int, is_ticked: bool) -> None:
    known = TypedDetails(name="Ada", wants_news=True, news_consent_id=agreed_to)

    page = DetailsForm(asked=asked(consent=8), initial=initial_of(known))

    assert ("checked" in str(page["wants_news"])) is is_ticked


def test_what_is_known_fills_the_form_and_comes_out_as_it_was() -> None:
    known = TypedDetails(
        name="Ada",
        country="GB",
        postcode="W1",
        comment="Mine.",
        name_shown="initials",
        choices={"1": "b"},
        answers={"4": "So."},
        wants_news=True,
    )
    page = DetailsForm(asked=asked(CHOICE, TEXT), initial=initial_of(known))
    sent = {field.name: "on" if field.value() is True else str(field.value()) for field in page}

    assert DetailsForm(sent, asked=asked(CHOICE, TEXT)).is_valid()
    assert typed(asked(CHOICE, TEXT), **sent) == known


def test_what_was_typed_is_told_back_in_words() -> None:
    filled = form(asked(CHOICE, TEXT, comment=False), country="FR", question_1="b", question_4="So.")

    assert [(str(label), words) for label, words in filled.as_typed()] == [
        ("Your name", "Ada"),
        ("Your country", "France"),
        ("Which?", "Two"),
        ("Why?", "So."),
    ]
