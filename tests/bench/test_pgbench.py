from datetime import UTC, datetime

import pytest

from bench.capture import Statement
from bench.pgbench import script_of
from keep4o_site.stack.trouble import Trouble

NOW = datetime(2026, 3, 2, 12, 30, tzinfo=UTC)
INSERT = "INSERT INTO t (who, kind, at, pk) VALUES (%s, %s, %s, %s)"


def _insert(who: bytes, pk: int) -> list[Statement]:
    return [Statement("BEGIN"), Statement(INSERT, (who, "verify:me", NOW, pk)), Statement("COMMIT")]


def test_what_two_requests_share_is_a_constant_and_what_differs_is_made_from_the_key() -> None:
    script = script_of(first=_insert(b"a" * 32, 7), second=_insert(b"b" * 32, 8), key=r"\set k 1", known={7: ":k"})

    assert script.text.splitlines() == [
        r"\set k 1",
        "BEGIN;",
        f"{INSERT.partition('(%s')[0]}(substr(sha256(int8send(:k::bigint + 1)), 1, 32), :c0, :c1::timestamptz, :k);",
        "COMMIT;",
    ]
    assert script.definitions == {"c0": "verify:me", "c1": NOW.isoformat()}
    assert script.statement_count == 3


def test_a_value_that_comes_twice_stays_one_value() -> None:
    script = script_of(first=_insert(b"a" * 32, 7) * 2, second=_insert(b"b" * 32, 8) * 2, key="", known={7: ":k"})

    made = [line for line in script.text.splitlines() if line.startswith("INSERT")]
    assert made[0] == made[1]


def test_a_unique_key_stays_as_long_as_it_was() -> None:
    first, second = (
        Statement("SELECT %(key)s", {"key": "confirm:" + "a1" * 16}),
        Statement("SELECT %(key)s", {"key": "confirm:" + "b2" * 16}),
    )

    script = script_of(first=[first], second=[second], key="")

    assert sum(map(len, script.definitions.values())) + 16 == len("confirm:") + 32


def test_lists_are_arrays_of_their_members() -> None:
    first = Statement("SELECT %s, %s::int[], 100 %% 7", (["same", "same"], []))

    script = script_of(first=[first], second=[first], key="")

    assert script.text.strip() == "SELECT ARRAY[:c0, :c0], '{}'::int[], 100 % 7;"


def test_requests_that_ask_different_things_are_no_limit() -> None:
    with pytest.raises(Trouble, match="asked the database different things"):
        script_of(first=[Statement("SELECT 1")], second=[Statement("SELECT 2")], key="")


def test_what_a_clock_says_is_a_constant() -> None:
    first, second = (Statement("SELECT %(form_age_s)s", {"form_age_s": seconds}) for seconds in (12, 13))

    assert script_of(first=[first], second=[second], key="").text.strip() == "SELECT 12;"
