"""How a comment is signed, and when it waits for review again."""

import pytest

from petitions.rules.comments import initials, shown_name, state_after_change


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Ada Lovelace", "A. L."),
        ("Jean-Luc de la Tour", "J.-L. T."),
        ("Ludwig van Beethoven", "L. B."),
        ("Aïcha Ó Briain", "A. Ó. B."),
        ("Élodie D’Arc", "É. D."),
        ("山田 太郎", "山. 太."),
        ("山田太郎", "山."),
        ("मोहन दास", "मो. दा."),
        ("محمد بن سلمان", "م. ب. س."),
        ("ßeta", "ß."),
        ("von", "V."),
        ("“Ada” (Lovelace)", "A. L."),
        ("4 non blondes", "4. N. B."),
        ("a b c d e f", "A. B. C. D."),
        ("a-b-c-d-e-f", "A.-B.-C.-D."),
        ("...", ""),
        ("", ""),
    ],
)
def test_initials_of_any_script(name: str, expected: str) -> None:
    assert initials(name) == expected


def test_the_name_is_shown_as_its_owner_chose() -> None:
    shown = {how: shown_name(name="Ada Lovelace", name_shown=how) for how in ("full", "initials", "hidden")}

    assert shown == {"full": "Ada Lovelace", "initials": "A. L.", "hidden": ""}


@pytest.mark.parametrize("state", ["waiting", "published", "declined"])
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "same"),
        ({"comment": "Other words"}, "waiting"),
        ({"comment": ""}, "none"),
        ({"name": "Eve"}, "waiting"),
        ({"name": "Eve", "name_shown": "hidden"}, "same"),
        ({"name_shown": "full"}, "waiting"),
        ({"name_shown": "hidden"}, "same"),
    ],
)
def test_what_nobody_has_reviewed_waits(state: str, changes: dict[str, str], expected: str) -> None:
    before = {"old_comment": "Words", "old_name": "Ada", "old_name_shown": "initials"}
    after = {"comment": "Words", "name": "Ada", "name_shown": "initials", **changes}

    assert state_after_change(state=state, **before, **after) == (state if expected == "same" else expected)


def test_a_first_comment_waits() -> None:
    names = {"old_name": "Ada", "name": "Ada", "old_name_shown": "hidden", "name_shown": "hidden"}

    assert state_after_change(state="none", old_comment="", comment="Words", **names) == "waiting"
