import pytest
from django.db import connection, transaction

from bench.capture import statements_of


@pytest.mark.django_db(transaction=True)
def test_a_request_is_taken_down_with_the_words_around_it() -> None:
    taken = statements_of(_ask_in_a_transaction)

    assert [statement.sql for statement in taken] == ["SELECT %s", "BEGIN", "SELECT %s + %s", "COMMIT"]
    assert [statement.values() for statement in taken] == [[b"x"], [], [1, 2], []]


@pytest.mark.django_db(transaction=True)
def test_nothing_is_taken_down_afterwards() -> None:
    taken = statements_of(lambda: None)
    _ask_in_a_transaction()

    assert taken == []
    assert connection.force_debug_cursor is False


def _ask_in_a_transaction() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s", [memoryview(b"x")])
        with transaction.atomic():
            cursor.execute("SELECT %s + %s", [1, 2])
