"""Everything sealed in the database, as each app lists it. A test fails for a sealed column that is not here."""

from accounts.sealed import SEALED_TABLES as _OF_ACCOUNTS
from outbox.models import SEALED_TABLES as _OF_MESSAGES
from outbox.resealing import SealedTable
from petitions.queries.sealed import SEALED_TABLES as _OF_PETITIONS
from testimonials.queries.sealed import SEALED_TABLES as _OF_STORIES

ALL_SEALED_TABLES: tuple[SealedTable, ...] = (*_OF_ACCOUNTS, *_OF_PETITIONS, *_OF_STORIES, *_OF_MESSAGES)
