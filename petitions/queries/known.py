"""
What a petition asks and how it is called, as each process knows it at most two seconds later.

Signing and proving need these words with every request, and organisers change them now and then. Nothing here decides:
whether a petition takes signatures, and of whom, is read in the transaction that writes (queries.signing).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject

from outbox.remembering import RememberedEach
from petitions.models import Petition, PetitionText
from petitions.queries.asking import Asked, asked_of, is_asked_now, petitions_asking


@dataclass(frozen=True, kw_only=True)
class KnownPetition:
    """A petition as it was up to two seconds ago: for its words alone."""

    petition: Any  # of petitions_asking
    titles: Mapping[str, str]
    _asked: dict[str, Asked] = field(default_factory=dict)

    def title(self, *, language: str) -> str:
        """This function will name it in a language, else in its default one, else in any, else by its slug."""
        default: str = self.petition.default_language
        title = self.titles.get(language) or self.titles.get(default) or next(iter(self.titles.values()), "")
        return title or str(self.petition.slug)

    def asked(self, *, language: str, said: Mapping[str, Any] | None = None) -> Asked:
        """This function will say what it asks; see `asked_of`, which it asks again of whoever answered what is retired."""
        asked = self._asked.get(language)
        if asked is None:
            asked = self._asked[language] = asked_of(petition=self.petition, language=language)
        if said and not is_asked_now(asked, said=said):
            return asked_of(petition=self.petition, language=language, said=said)
        return asked


def known_petition(*, slug: str) -> KnownPetition:
    """This function will tell what is known of a petition, drafts too; raises Petition.DoesNotExist."""
    return _known.value(_numbers.value(slug))


def known_petition_of(*, petition_id: int) -> KnownPetition:
    """This function will tell the same by the petition's number; raises Petition.DoesNotExist."""
    return _known.value(petition_id)


def forget_petitions() -> None:
    """This function will make this process read anew what petitions ask: after it changed some of it."""
    _numbers.forget()
    _known.forget()


def _number_of(slug: str) -> int:
    return Petition.objects.values_list("pk", flat=True).get(slug=slug)


def _read(number: int) -> KnownPetition:
    texts = PetitionText.objects.filter(petition=OuterRef("pk")).order_by("language", "-version")
    titles = texts.distinct("language").values(row=JSONObject(language="language", version="version", title="title"))
    petition: Any = petitions_asking().annotate(titles_read=ArraySubquery(titles)).get(pk=number)
    # The newest first, as title_in chooses among languages that nobody asked for.
    rows = sorted(petition.titles_read, key=lambda row: -row["version"])
    return KnownPetition(petition=petition, titles={row["language"]: row["title"] for row in rows})


_numbers: RememberedEach[str, int] = RememberedEach(read=_number_of)
_known: RememberedEach[int, KnownPetition] = RememberedEach(read=_read)
