"""Who may sign and prove, what a name is, and what changed between two texts."""

from datetime import UTC, datetime, timedelta

import pytest

from petitions.rules.changes import Change, ChangeKind, text_changes
from petitions.rules.countries import country_names
from petitions.rules.signing import NameProblem, name_problem, takes_proofs, takes_signatures

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize("state", ["draft", "scheduled", "paused", "closed"])
def test_only_an_open_petition_takes_signatures(state: str) -> None:
    assert not takes_signatures(state=state, closes_at=None, now=NOW)
    assert takes_signatures(state="open", closes_at=None, now=NOW)


def test_a_petition_is_closed_from_its_hour_on_whatever_its_row_still_says() -> None:
    assert takes_signatures(state="open", closes_at=NOW + timedelta(microseconds=1), now=NOW)
    assert not takes_signatures(state="open", closes_at=NOW, now=NOW)


def test_links_work_one_day_after_closing_and_no_longer() -> None:
    assert takes_proofs(state="closed", closes_at=NOW - DAY, grace=DAY, now=NOW)
    assert not takes_proofs(state="closed", closes_at=NOW - DAY - timedelta(microseconds=1), grace=DAY, now=NOW)


def test_links_work_while_a_petition_is_paused() -> None:
    assert takes_proofs(state="paused", closes_at=None, grace=DAY, now=NOW)


@pytest.mark.parametrize("state", ["draft", "scheduled"])
def test_nothing_is_proved_before_a_petition_is_public(state: str) -> None:
    assert not takes_proofs(state=state, closes_at=None, grace=DAY, now=NOW)


@pytest.mark.parametrize(
    "name",
    [
        "Ada",
        "J.R.R. Tolkien",
        "Dr.Smith",
        "O'Neill-García",
        "مهدی",
        "李小龍",
        "🙂",
        "<script>alert(1)</script>",
        "M.de La Tour",
        "Ada L. Coman",
        "Anna/Hanna Meier",
        "Dot Cotton",
        "A. I. Comte",
        "Comrade (Dorothy) Linka",
        "Ms. Link",
        "Jr. Dev Patel",
    ],
)
def test_people_may_be_called_anything(name: str) -> None:
    assert name_problem(name) is None


@pytest.mark.parametrize("name", ["=1+1", "+33 6 12", "-2", "@ada", "\uff1dSUM(A1)"])
def test_formulas_are_no_names(name: str) -> None:
    assert name_problem(name) is NameProblem.FORMULA


@pytest.mark.parametrize(
    "name",
    [
        "https://buy.example",
        "Visit www.buy.example",
        "Buy.COM now",
        "x ftp://y",
        "t.me/prize",
        "Prize: bit.ly/x",
        "buy。com",
        "buy．com",
        "buy[.]example",
        "buy dot com",
        "buy (dot) now",
        "hxxps buy",
        "win.casino",
        "write to me@buy.example",
    ],
)
def test_web_addresses_are_no_names(name: str) -> None:
    assert name_problem(name) is NameProblem.WEB_ADDRESS


def test_countries_are_named_and_sorted_in_each_language() -> None:
    english, french = country_names("en"), country_names("fr")

    assert english["DE"] == "Germany"
    assert french["DE"] == "Allemagne"
    assert english.keys() == french.keys()
    assert (
        list(french.values()).index("Équateur")
        < list(french.values()).index("Érythrée")
        < list(french.values()).index("Espagne")
    )
    assert not {"EU", "UN", "ZZ", "XA", "001"} & english.keys()


def test_changes_are_told_line_by_line() -> None:
    changes = text_changes(old="a\nb\nc\nd\ne\nf\ng", new="a\nB\nc\nd\ne\nf\ng\nh")

    assert changes == [
        Change(kind=ChangeKind.KEPT, text="a"),
        Change(kind=ChangeKind.REMOVED, text="b"),
        Change(kind=ChangeKind.ADDED, text="B"),
        Change(kind=ChangeKind.KEPT, text="c"),
        Change(kind=ChangeKind.SKIPPED),
        Change(kind=ChangeKind.KEPT, text="g"),
        Change(kind=ChangeKind.ADDED, text="h"),
    ]


def test_equal_texts_have_no_changes() -> None:
    assert text_changes(old="a\nb", new="a\nb") == []
