"""What a petition asks its signers, in the words of one language."""

from collections.abc import Mapping
from dataclasses import dataclass

from petitions.models import NewsConsent, Petition, PetitionQuestion, QuestionKind


@dataclass(frozen=True, kw_only=True)
class AskedQuestion:
    """One own question as a form shows it; `options` are pairs of key and words, () for a text."""

    id: int
    kind: QuestionKind
    label: str
    options: tuple[tuple[str, str], ...]
    is_required: bool

    @property
    def field_name(self) -> str:
        return f"question_{self.id}"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The fields of a petition's form beside name and address."""

    country: bool
    postcode: bool
    comment: bool
    questions: tuple[AskedQuestion, ...]
    news_consent: NewsConsent | None
    news_label: str  # "" for the site's own words


def asked_of(*, petition: Petition, language: str) -> Asked:
    """This function will read what a petition asks now, in two statements; words fall back to its default language."""
    questions = PetitionQuestion.objects.filter(petition=petition, retired_at__isnull=True).order_by("position")
    consent = NewsConsent.objects.filter(petition=petition).order_by("-version").first()
    default = petition.default_language
    return Asked(
        country=petition.asks_country,
        postcode=petition.asks_postcode,
        comment=petition.asks_comment,
        questions=tuple(_asked(question, language=language, default=default) for question in questions),
        news_consent=consent,
        news_label=words_in(consent.labels, language=language, default=default) if consent else "",
    )


def words_in(labels: Mapping[str, str], *, language: str, default: str) -> str:
    """This function will choose the words of a language, else of the default one, else of any."""
    return labels.get(language) or labels.get(default) or next(iter(labels.values()), "")


def _asked(question: PetitionQuestion, *, language: str, default: str) -> AskedQuestion:
    return AskedQuestion(
        id=question.pk,
        kind=QuestionKind(question.kind),
        label=words_in(question.labels, language=language, default=default),
        options=tuple(
            (option["key"], words_in(option["labels"], language=language, default=default))
            for option in question.options
        ),
        is_required=question.is_required,
    )
