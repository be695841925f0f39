"""Where help is, in the words of one language."""

from testimonials.models import CrisisResource

_FALLBACK_LANGUAGE = "en"


def crisis_resources(*, language: str) -> list[CrisisResource]:
    """This function will list every line of help in a language (English where it has none), nearest first."""
    rows = list(CrisisResource.objects.filter(language=language).order_by("position"))
    if rows or language == _FALLBACK_LANGUAGE:
        return rows
    return crisis_resources(language=_FALLBACK_LANGUAGE)
