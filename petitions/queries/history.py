"""The public record of a petition: every published version of its text, and how its count came about."""

from dataclasses import dataclass
from itertools import pairwise

from petitions.models import Petition, PetitionText, TallyReason, TallyReasonTotal
from petitions.rules.changes import Change, text_changes


@dataclass(frozen=True, kw_only=True)
class PublishedVersion:
    """One version of a text, and how it differs from the one before; no changes for the first."""

    text: PetitionText
    changes: list[Change]


@dataclass(frozen=True, kw_only=True)
class Integrity:
    """How many signatures were ever counted, how many of them left, and why."""

    proved: int
    withdrawn: int
    removed: int
    restored: int

    @property
    def standing(self) -> int:
        return self.proved + self.restored - self.withdrawn - self.removed


def published_versions(*, petition: Petition) -> dict[str, list[PublishedVersion]]:
    """This function will compare each version with the one before, newest first, by language."""
    by_language: dict[str, list[PetitionText]] = {}
    for text in PetitionText.objects.filter(petition=petition).order_by("language", "version"):
        by_language.setdefault(text.language, []).append(text)
    return {language: _compared(texts) for language, texts in by_language.items()}


def integrity_of(*, petition: Petition) -> Integrity:
    """This function will read what was folded by reason; its sum is the published count."""
    n = dict(TallyReasonTotal.objects.filter(petition=petition).values_list("reason", "n"))
    return Integrity(
        proved=n.get(TallyReason.PROVED, 0),
        withdrawn=n.get(TallyReason.WITHDRAWN, 0),
        removed=n.get(TallyReason.INVALIDATED, 0),
        restored=n.get(TallyReason.RESTORED, 0),
    )


def _compared(texts: list[PetitionText]) -> list[PublishedVersion]:
    first = PublishedVersion(text=texts[0], changes=[])
    later = [
        PublishedVersion(text=new, changes=text_changes(old=_whole(old), new=_whole(new)))
        for old, new in pairwise(texts)
    ]
    return [first, *later][::-1]


def _whole(text: PetitionText) -> str:
    return f"{text.title}\n\n{text.summary}\n\n{text.body}"
