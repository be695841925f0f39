"""Rows that are read without the ORM: they are what it would have read."""

from typing import Any

import pytest
from django.db.models import Model

from outbox.flights import Statement
from outbox.prepared import run_prepared
from outbox.rows import RowText
from petitions.models import PendingSignature, Petition
from tests.factories import make_petition, make_question
from tests.petitions.signing_steps import sign

pytestmark = pytest.mark.django_db


def read(model: type[Model], **loaded: Model) -> Any:
    rows = RowText(model, has_number=True)
    statement = Statement(f"SELECT {rows.columns} FROM {model._meta.db_table}")  # names, no input
    return rows.instance_of(run_prepared(statement, {}) or (), **loaded)


def told(row: Model) -> dict[str, Any]:
    """All that a row says, bytes as such: the ORM's driver hands out views of them."""
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    return {name: bytes(value) if isinstance(value, memoryview) else value for name, value in values.items()}


def test_an_attempt_is_read_as_the_orm_reads_it() -> None:
    petition = make_petition()
    question = make_question(petition=petition)
    sign(petition, name="Zoë", choices={str(question.pk): "é"})

    attempt = read(PendingSignature)

    assert told(attempt) == told(PendingSignature.objects.get())
    assert attempt == PendingSignature.objects.get()
    assert attempt.petition == petition


def test_a_petition_is_read_as_the_orm_reads_it() -> None:
    make_petition(allowed_domains=["example.org"], ladder=[5, 10])

    assert told(read(Petition)) == told(Petition.objects.get())


def test_what_a_row_leads_to_is_not_read_again(django_assert_num_queries: Any) -> None:
    petition = make_petition()
    sign(petition)

    attempt = read(PendingSignature, petition=petition)

    with django_assert_num_queries(0):
        assert attempt.petition is petition


def test_a_row_that_was_read_can_be_changed_and_kept() -> None:
    sign(make_petition())
    attempt = read(PendingSignature)

    attempt.held_reason = "disposable"
    attempt.save()

    assert PendingSignature.objects.get().held_reason == "disposable"
    assert PendingSignature.objects.count() == 1
