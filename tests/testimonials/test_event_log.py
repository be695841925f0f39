"""The check of the log: it finds what was done to the log behind its back."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from testimonials.models import Testimonial
from testimonials.queries.event_log import faults_of_event_log
from tests.testimonials.making import make_declined, make_pending, make_published

pytestmark = pytest.mark.django_db


def tamper(statement: str) -> None:
    """What somebody could do who owns the tables: the triggers off, a change, the triggers on."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE testimonials_testimonialevent DISABLE TRIGGER USER")
        cursor.execute(statement)
        cursor.execute("ALTER TABLE testimonials_testimonialevent ENABLE TRIGGER USER")


def test_a_log_that_nobody_touched_is_whole() -> None:
    make_published()
    make_declined()
    make_pending()
    out = StringIO()

    call_command("check_event_log", stdout=out)

    assert out.getvalue() == "The event log is whole.\n"


@pytest.mark.parametrize(
    "column", ["verb = 'declined'", "at = at + interval '1 hour'", "actor_pseudonym = 'Salix 100'", "reason_code = 'x'"]
)
def test_an_entry_that_was_edited_is_named(column: str) -> None:
    story = make_published()

    tamper(f"UPDATE testimonials_testimonialevent SET {column} WHERE verb = 'approved'")

    assert list(faults_of_event_log()) == [f"{story.pk}: entry 3 was changed"]


def test_an_entry_that_was_taken_out_is_missed() -> None:
    story = make_published()

    tamper("DELETE FROM testimonials_testimonialevent WHERE number = 2")

    assert list(faults_of_event_log()) == [f"{story.pk}: entry 2 is missing"]


def test_a_log_whose_end_was_cut_off_does_not_match_the_story() -> None:
    story = make_published()

    tamper("DELETE FROM testimonials_testimonialevent WHERE number = 3")

    assert list(faults_of_event_log()) == [f"{story.pk}: the last entry is not the story's state"]


def test_a_status_that_changed_without_an_entry_is_found() -> None:
    story = make_published()

    Testimonial.objects.filter(pk=story.pk).update(status="withdrawn")

    assert list(faults_of_event_log()) == [f"{story.pk}: the last entry is not the story's state"]


def test_a_story_without_any_entry_is_found() -> None:
    story = make_pending()

    tamper("DELETE FROM testimonials_testimonialevent")

    assert list(faults_of_event_log()) == [f"{story.pk}: no entry at all"]


def test_the_command_fails_on_a_fault() -> None:
    make_published()
    tamper("UPDATE testimonials_testimonialevent SET verb = 'declined' WHERE number = 3")

    with pytest.raises(CommandError, match="entry 3 was changed"):
        call_command("check_event_log")
