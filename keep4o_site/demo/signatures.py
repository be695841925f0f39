"""The history of the demo's 19,999 synthetic signatures over the two real waves, the same at every load."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from accounts.identity import identity_digest
from keep4o_site.demo.attack import STILL_COUNTED
from outbox.sealing import seal
from petitions.models import Channel, Petition

OPENED_AT = datetime(2025, 8, 7, 17, tzinfo=UTC)
# (first day, how many, mean distance in days): steep beginnings that fade, as the movement's own waves did.
_WAVES = (
    (OPENED_AT, 7_400, 4.0),
    (datetime(2025, 9, 26, 9, tzinfo=UTC), 1_300, 3.0),
    (datetime(2025, 11, 21, 8, tzinfo=UTC), 500, 4.0),
    (datetime(2026, 1, 29, 18, tzinfo=UTC), 4_900, 4.0),
    (datetime(2026, 2, 10, 14, tzinfo=UTC), 4_500, 2.5),
)
_QUIET_UNTIL = datetime(2026, 10, 31, tzinfo=UTC)
_TOTAL = 19_999 - STILL_COUNTED  # the others are of the last two days
_COUNTRIES = ("US", "GB", "FR", "JP", "DE", "CA", "BR", "ES", "AU", "IN", "BE", "CH", "KR", "MX", "NL", "")
_WEIGHTS = (30, 11, 10, 9, 7, 6, 4, 4, 3, 3, 2, 2, 2, 2, 2, 3)
_SEED = 2025_08_07
_COPY = """
COPY petitions_signature (
    petition_id, identity_digest, email_sealed, name_sealed, country, wants_news, language, channel, signed_at, verified_at
) FROM STDIN
"""


def copy_signatures(*, petition: Petition) -> None:
    """This function will write the signatures, as an import of history would; a recount makes them count."""
    rng = random.Random(_SEED)  # noqa: S311 # a demonstration must repeat itself
    instants = sorted(_instants(rng))
    # All of them first: a digest may ask the database for its rules, which a COPY under way keeps busy.
    rows = [
        _row(petition, number, verified_at, rng.choices(_COUNTRIES, _WEIGHTS)[0])
        for number, verified_at in enumerate(instants, start=1)
    ]
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for row in rows:
            copy.write_row(row)


def _instants(rng: random.Random) -> Iterator[datetime]:
    for first, count, mean_days in _WAVES:
        for _ in range(count):
            yield _by_daylight(first + timedelta(days=rng.expovariate(1 / mean_days)), rng)
    quiet = (_QUIET_UNTIL - OPENED_AT).total_seconds()
    for _ in range(_TOTAL - sum(count for _first, count, _mean in _WAVES)):
        yield OPENED_AT + timedelta(seconds=rng.uniform(0, quiet))


def _by_daylight(instant: datetime, rng: random.Random) -> datetime:
    if instant.hour in range(3, 10) and rng.random() < 0.6:  # most of the Americas and of Europe sleeps
        return instant + timedelta(hours=9)
    return instant


def _row(petition: Petition, number: int, verified_at: datetime, country: str) -> tuple[Any, ...]:
    address = f"supporter{number:05}@demo.invalid"
    language = "fr" if country in ("FR", "BE", "CH") else "en"
    return (
        petition.pk,
        identity_digest(address=address),
        seal(text=address, purpose="signature.email"),
        seal(text=f"Demo supporter {number}", purpose="signature.name"),
        country,
        False,
        language,
        Channel.IMPORT,
        verified_at - timedelta(minutes=3),
        verified_at,
    )
