"""Statements that travel together: in their order, in the caller's transaction, planned anew as tables grow."""

import gc
import weakref
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import psycopg
import pytest
from django.db import DataError, IntegrityError, OperationalError, ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext

from outbox import flights
from outbox.flights import Line, Statement, line_of
from outbox.prepared import one_transaction, run_prepared, run_together

KEEP = Statement("INSERT INTO flown (number) VALUES (%(number)s) RETURNING number")
COUNT = Statement("SELECT count(*) FROM flown")
FIND = Statement("SELECT number FROM flown WHERE number = %(number)s")
SAY = Statement("SELECT %(words)s::text")


@pytest.fixture
def flown(transactional_db: None) -> Iterator[None]:  # commits are what is tested
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE flown (number bigint PRIMARY KEY)")
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE flown")


@pytest.fixture
def other() -> Iterator[Any]:
    """Another connection to the same database."""
    with psycopg.connect(**{**connection.get_connection_params(), "autocommit": True}) as other:
        yield other


def count_of(other: Any) -> int:
    return int(other.execute("SELECT count(*) FROM flown").fetchone()[0])


@pytest.mark.usefixtures("flown")
def test_each_statement_sees_what_the_one_before_has_done() -> None:
    rows = run_together((COUNT, {}), (KEEP, {"number": 7}), (COUNT, {}))

    assert rows == [(0,), (7,), (1,)]


@pytest.mark.usefixtures("flown")
def test_one_statement_takes_numbers_of_any_size() -> None:
    rows = run_together(*((KEEP, {"number": number}) for number in (1, 40_000, 3 * 10**9)))

    assert rows == [(1,), (40_000,), (3 * 10**9,)]


@pytest.mark.usefixtures("flown")
def test_what_finds_nothing_returns_nothing() -> None:
    assert run_prepared(FIND, {"number": 1}) is None


@pytest.mark.usefixtures("flown")
def test_after_a_statement_that_fails_none_runs() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        run_together((KEEP, {"number": 1}), (KEEP, {"number": 1}), (KEEP, {"number": 2}))

    assert run_prepared(COUNT, {}) == (0,)


@pytest.mark.usefixtures("flown")
def test_a_savepoint_gives_back_what_failed_alone() -> None:
    with transaction.atomic():
        run_prepared(KEEP, {"number": 1})
        with pytest.raises(IntegrityError), transaction.atomic():
            run_prepared(KEEP, {"number": 1})

    assert run_prepared(COUNT, {}) == (1,)


@pytest.mark.usefixtures("flown")
def test_the_commit_travels_with_the_last_statement(other: Any) -> None:
    with transaction.atomic():
        run_prepared(KEEP, {"number": 1})
        assert count_of(other) == 0
        run_prepared(KEEP, {"number": 2}, commits=True)
        assert count_of(other) == 2


@pytest.mark.usefixtures("flown")
def test_inside_another_block_only_that_one_commits(other: Any) -> None:
    with transaction.atomic():
        with transaction.atomic():
            run_prepared(KEEP, {"number": 1}, commits=True)
        assert count_of(other) == 0

    assert count_of(other) == 1


@pytest.mark.usefixtures("flown")
def test_a_block_that_fails_before_its_commit_leaves_nothing(other: Any) -> None:
    with suppress(KeyError), transaction.atomic():
        run_prepared(KEEP, {"number": 1})
        raise KeyError

    assert count_of(other) == 0


@pytest.mark.usefixtures("flown")
def test_one_transaction_ends_with_the_statement_that_commits(other: Any) -> None:
    with one_transaction():
        run_prepared(KEEP, {"number": 1})
        assert count_of(other) == 0
        run_prepared(KEEP, {"number": 2}, commits=True)
        assert count_of(other) == 2


@pytest.mark.usefixtures("flown")
def test_one_transaction_that_nobody_ends_is_kept_at_the_end_of_its_block(other: Any) -> None:
    with one_transaction():
        run_prepared(KEEP, {"number": 1})
        assert count_of(other) == 0

    assert count_of(other) == 1


@pytest.mark.usefixtures("flown")
def test_one_transaction_in_which_something_fails_leaves_nothing_behind(other: Any) -> None:
    with suppress(KeyError), one_transaction():
        run_prepared(KEEP, {"number": 1})
        raise KeyError
    with suppress(IntegrityError), one_transaction():
        run_prepared(KEEP, {"number": 2})
        run_prepared(KEEP, {"number": 2})

    assert count_of(other) == 0
    run_prepared(KEEP, {"number": 3})  # alone again, so kept at once
    assert count_of(other) == 1


@pytest.mark.usefixtures("flown")
def test_after_its_commit_a_block_begins_anew(other: Any) -> None:
    with suppress(KeyError), one_transaction():
        run_prepared(KEEP, {"number": 1}, commits=True)
        run_prepared(KEEP, {"number": 2})
        raise KeyError

    assert count_of(other) == 1


@pytest.mark.usefixtures("flown")
def test_what_one_transaction_reads_through_the_orm_is_read_inside_it(other: Any) -> None:
    with one_transaction():
        run_prepared(KEEP, {"number": 1})
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM flown")
            assert cursor.fetchone() == (1,)
        assert count_of(other) == 0


@pytest.mark.usefixtures("flown")
def test_one_transaction_inside_another_block_ends_with_that_one(other: Any) -> None:
    with transaction.atomic():
        with one_transaction():
            run_prepared(KEEP, {"number": 1}, commits=True)
        with suppress(KeyError), one_transaction():
            run_prepared(KEEP, {"number": 2})
            raise KeyError
        assert count_of(other) == 0

    assert count_of(other) == 1


@pytest.mark.usefixtures("flown")
def test_no_other_block_opens_inside_one_transaction(other: Any) -> None:
    with suppress(ProgrammingError), one_transaction():
        run_prepared(KEEP, {"number": 1})
        with transaction.atomic():
            run_prepared(KEEP, {"number": 2}, commits=True)

    assert count_of(other) == 0
    run_prepared(KEEP, {"number": 3})
    assert count_of(other) == 1


@pytest.mark.usefixtures("flown")
def test_one_transaction_is_one_also_where_somebody_listens(other: Any) -> None:
    with CaptureQueriesContext(connection), suppress(KeyError), one_transaction():
        run_prepared(KEEP, {"number": 1}, commits=True)
        raise KeyError

    assert count_of(other) == 0


def test_a_connection_that_is_lost_in_one_transaction_is_told_and_not_used_again(
    transactional_db: None, other: Any
) -> None:
    def lose_it_unheard() -> None:
        with one_transaction():
            run_prepared(SAY, {"words": "here"})
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.connection.info.backend_pid])
            with suppress(OperationalError):
                run_prepared(SAY, {"words": "gone"}, commits=True)

    with pytest.raises(OperationalError):
        lose_it_unheard()

    connection.close()
    assert run_prepared(SAY, {"words": "back"}) == ("back",)


@pytest.mark.parametrize("begin", [one_transaction, lambda: run_prepared(SAY, {"words": "gone"})])
@pytest.mark.usefixtures("transactional_db")
def test_a_connection_that_was_lost_before_its_first_statement_is_told_as_any_other(
    begin: Callable[[], object],
) -> None:
    connection.close()
    connection.ensure_connection()
    connection.connection.close()  # as by a question whose loss somebody has borne: what is remembered goes on

    with pytest.raises(OperationalError):
        begin()

    connection.close()
    assert run_prepared(SAY, {"words": "back"}) == ("back",)


@pytest.mark.usefixtures("flown")
def test_a_constraint_that_waits_for_the_end_is_heard_there(other: Any) -> None:
    run_prepared(
        Statement("CREATE TABLE flown_after (number bigint REFERENCES flown DEFERRABLE INITIALLY DEFERRED)"), {}
    )
    keep_after = Statement("INSERT INTO flown_after VALUES (%(number)s) RETURNING number")

    with pytest.raises(IntegrityError):
        run_prepared(keep_after, {"number": 1})
    with pytest.raises(IntegrityError), one_transaction():
        run_prepared(keep_after, {"number": 1}, commits=True)
    with pytest.raises(IntegrityError), one_transaction():
        run_prepared(keep_after, {"number": 1})

    assert run_prepared(Statement("SELECT count(*) FROM flown_after"), {}) == (0,)
    run_prepared(Statement("DROP TABLE flown_after"), {})


LISTS = [
    ("text[]", ["plain", 'with "quotes"', "back\\slash", "{a,b}", "NULL", "", "é\n"]),
    ("bytea[]", [b"", b"\x00\xff", b'"\\']),
    ("bigint[]", [0, -1, 3 * 10**9]),
    ("text[]", []),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("of_type", "values"), LISTS)
def test_a_list_arrives_as_it_was_sent(of_type: str, values: list[Any]) -> None:
    assert run_prepared(Statement(f"SELECT %(values)s::{of_type}"), {"values": values}) == (values,)


@pytest.mark.django_db
def test_an_instant_arrives_as_it_was_sent_and_speaks_of_utc() -> None:
    sent = datetime(2026, 3, 29, 1, 30, 0, 123456, tzinfo=timezone(timedelta(hours=2)))

    (came,) = run_prepared(Statement("SELECT %(at)s::timestamptz"), {"at": sent}) or (None,)

    assert came == sent
    assert came.replace(tzinfo=None) == sent.astimezone(UTC).replace(tzinfo=None)


@pytest.mark.django_db
def test_a_text_that_cannot_be_kept_harms_nothing_else() -> None:
    with pytest.raises(DataError):
        run_prepared(SAY, {"words": "a\x00b"})

    assert run_prepared(SAY, {"words": "%s é"}) == ("%s é",)


def test_a_lost_connection_is_told_and_not_used_again(transactional_db: None, other: Any) -> None:
    run_prepared(SAY, {"words": "here"})
    other.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.connection.info.backend_pid])

    with pytest.raises(OperationalError):
        run_prepared(SAY, {"words": "gone"})

    assert connection.connection.closed
    connection.close()
    assert run_prepared(SAY, {"words": "back"}) == ("back",)


@pytest.mark.usefixtures("flown")
def test_a_plan_made_for_an_empty_table_does_not_outlive_its_second(monkeypatch: pytest.MonkeyPatch) -> None:
    run_prepared(Statement("VACUUM ANALYZE flown"), {})
    run_prepared(KEEP, {"number": -1})
    run_prepared(FIND, {"number": 1})
    before = plan_of(FIND)
    run_prepared(Statement("INSERT INTO flown SELECT generate_series(1, 50000)"), {})
    run_prepared(FIND, {"number": 1})
    assert plan_of(FIND) == before

    monkeypatch.setattr(flights, "PLANS_LIVE_S", 0.0)
    run_prepared(FIND, {"number": 1})

    assert "Index" in plan_of(FIND)


def plan_of(statement: Statement) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (COSTS OFF) EXECUTE {statement.name.decode()}(1)")
        return "\n".join(row[0] for row in cursor.fetchall())


def test_a_connection_that_nobody_holds_is_gone_with_its_line() -> None:
    driver = psycopg.connect(**connection.get_connection_params())
    line_of(driver, keeps_plans=lambda: True).run([(SAY, {"words": "a"})], commits=True)
    gone = weakref.ref(driver)
    driver.close()

    del driver
    gc.collect()

    assert gone() is None


def test_behind_a_pooler_nothing_is_left_on_the_connection(transactional_db: None, other: Any) -> None:
    line = Line(other, keeps_plans=False)

    assert line.run([(SAY, {"words": "a"}), (SAY, {"words": "b"})], commits=False) == [("a",), ("b",)]
    assert other.execute("SELECT count(*) FROM pg_prepared_statements").fetchone() == (0,)
