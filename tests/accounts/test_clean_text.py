"""What people type is kept as they see it, without what they cannot see."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.rules import clean_text


def test_blanks_are_collapsed_and_ends_are_bare() -> None:
    assert clean_text("  Ada\t \u00a0 Lovelace\r\n ") == "Ada Lovelace"


def test_letters_are_composed() -> None:
    assert clean_text("Zoe\u0308") == "Zo\u00eb"


@pytest.mark.parametrize(
    "unseen",
    ["\x00", "\x07", "\x1b", "\x7f", "\u200b", "\u200c", "\u200d", "\u200e", "\u202e", "\u2066", "\u2069", "\ufeff", "\u00ad", "\u3164", "\ud800"],
)  # fmt: skip
def test_what_no_reader_sees_is_dropped(unseen: str) -> None:
    assert clean_text(f"Ali{unseen}ce") == "Alice"


@pytest.mark.parametrize("name", ["مهدی‌زاده", "شيماء", "クリス", "👩‍👩‍👧 Ada", "🏳️‍🌈", "<b>Ada</b>", "क्‍ष", "O’Neill"])
def test_what_a_reader_sees_is_kept(name: str) -> None:
    assert clean_text(name) == name


def test_an_accent_parted_from_its_letter_joins_it() -> None:
    assert clean_text("Zoe\u200b\u0308") == "Zo\u00eb"


def test_a_text_of_nothing_visible_is_empty() -> None:
    assert clean_text(" \u200b\u2060\x00\n") == ""


def test_one_line_swallows_line_ends() -> None:
    assert clean_text("one\ntwo\u2028three") == "one two three"


def test_many_lines_keep_paragraphs_and_french_spaces() -> None:
    assert (
        clean_text("Bonjour\u00a0!\r\n\r\n\r\n\r\nÀ  bientôt \u2029fin", multiline=True)
        == "Bonjour\u00a0!\n\nÀ bientôt\nfin"
    )


@given(st.text(alphabet=st.characters()), st.booleans())
def test_cleaning_twice_changes_nothing_more(text: str, multiline: bool) -> None:
    once = clean_text(text, multiline=multiline)

    assert clean_text(once, multiline=multiline) == once
