"""The published words of a petition: the newest version in each language."""

from collections.abc import Iterable

from django.db.models import Case, CharField, IntegerField, OuterRef, Subquery, When

from petitions.models import Petition, PetitionText


def newest_texts(*, petition_id: int) -> dict[str, PetitionText]:
    """This function will read the newest version in each language, by language; {} before anything is published."""
    texts = PetitionText.objects.filter(petition_id=petition_id).order_by("language", "-version").distinct("language")
    return {text.language: text for text in texts}


def petition_title(*, petition: Petition, language: str) -> str:
    """This function will name a petition in a language, else in its default language, else by its slug."""
    return petition_titles(petitions=[petition], language=language)[petition.pk]


def petition_titles(*, petitions: Iterable[Petition], language: str) -> dict[int, str]:
    """This function will name several petitions with one query, by their number."""
    petitions = list(petitions)
    texts = PetitionText.objects.filter(petition__in=petitions).order_by("petition_id", "language", "-version")
    titles = {(text.petition_id, text.language): text.title for text in texts.distinct("petition_id", "language")}
    return {
        petition.pk: titles.get((petition.pk, language))
        or titles.get((petition.pk, petition.default_language))
        or petition.slug
        for petition in petitions
    }


def title_in(*, language: str | OuterRef, petition: str = "pk", default_language: str = "default_language") -> Subquery:
    """
    This function will select the same title inside another statement, as an annotation; NULL without any text.

    Args: language: its code, or where the annotated row holds it.  petition, default_language: where it holds these.
    """
    preference = Case(
        When(language=language, then=0),
        When(language=OuterRef(default_language), then=1),
        default=2,
        output_field=IntegerField(),
    )
    # Annotated first: Django resolves references to the outer row there, but not inside order_by.
    texts = PetitionText.objects.filter(petition=OuterRef(petition)).annotate(preference=preference)
    return Subquery(texts.order_by("preference", "-version", "id").values("title")[:1], output_field=CharField())
