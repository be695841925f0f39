"""Every counted signature as a row of CSV, by COPY: nothing that is sealed, and no instant finer than a count's."""

import csv
import io
from typing import IO

from django.db import connection
from psycopg import sql

from petitions.models import Petition, PetitionQuestion, QuestionKind
from petitions.queries.answers import question_label, questions_of
from petitions.queries.asking import words_in
from petitions.rules.cells import formula_safe

COLUMNS = ("quarter_hour_utc", "country", "channel", "language")
_COPY = """
COPY (
    SELECT to_char(date_bin('15 minutes', verified_at, timestamptz '2000-01-01 00:00:00Z') AT TIME ZONE 'UTC',
            'YYYY-MM-DD"T"HH24:MI"Z"'), country, channel, language{choices}
    FROM petitions_signature
    WHERE petition_id = {petition_id} AND invalidated_at IS NULL AND held_at IS NULL
    ORDER BY verified_at, id
) TO STDOUT (FORMAT csv)
"""


def write_signature_rows(*, petition: Petition, language: str, file: IO[bytes]) -> int:
    """
    This function will write a header and one row for each counted signature, oldest first, as the tables are now.

    Args:    language: of the words of questions and options; the keys of a choice that has no words stay keys.
    Returns: how many rows. Memory does not grow with them: PostgreSQL makes the lines, here they only pass.
    """
    questions = [question for question in questions_of(petition=petition) if question.kind == QuestionKind.CHOICE]
    labels = [question_label(question=question, petition=petition, language=language) for question in questions]
    file.write(_header([*COLUMNS, *labels]))
    with connection.cursor() as cursor:
        with cursor.copy(_statement(petition=petition, questions=questions, language=language)) as lines:
            file.writelines(lines)
        return int(cursor.rowcount)


def _header(names: list[str]) -> bytes:
    line = io.StringIO(newline="")
    csv.writer(line, lineterminator="\n").writerow([formula_safe(name) for name in names])
    return line.getvalue().encode()


def _statement(*, petition: Petition, questions: list[PetitionQuestion], language: str) -> sql.Composed:
    default = petition.default_language
    chosen = [_words_chosen(question, language=language, default=default) for question in questions]
    choices = sql.Composed([sql.SQL(", ") + words for words in chosen])
    return sql.SQL(_COPY).format(choices=choices, petition_id=sql.Literal(petition.pk))


def _words_chosen(question: PetitionQuestion, *, language: str, default: str) -> sql.Composable:
    """This function will say in SQL which words a signature's choice has; COPY takes no parameters."""
    key = sql.SQL("jsonb_extract_path_text(choices, {})").format(sql.Literal(str(question.pk)))
    words = {
        option["key"]: words_in(option["labels"], language=language, default=default) for option in question.options
    }
    cases = [
        sql.SQL(" WHEN {} THEN {}").format(sql.Literal(known), sql.Literal(formula_safe(text)))
        for known, text in words.items()
    ]
    return sql.SQL("CASE {key}{cases} ELSE {key} END").format(key=key, cases=sql.Composed(cases)) if cases else key
