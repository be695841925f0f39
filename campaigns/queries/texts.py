"""Which of several languages a reader gets: their own, else English, else the first there is."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

FALLBACK_LANGUAGE = "en"


class _Text(Protocol):
    language: str


Text = TypeVar("Text", bound=_Text)


def best_text(texts: Iterable[Text], language: str) -> Text | None:
    """This function will pick the text that serves a reader of the language best; None only if there is none."""
    ranked = sorted(
        texts, key=lambda text: (text.language != language, text.language != FALLBACK_LANGUAGE, text.language)
    )
    return ranked[0] if ranked else None
