"""What a person typed as the columns of an attempt or a signature, and back."""

from dataclasses import replace
from typing import Any

from outbox.sealing import seal
from petitions.models import PendingSignature, Petition, Signature
from petitions.queries.sealed import NAME_PURPOSE, Details, details_of, name_of
from petitions.rules.name_shapes import name_shape
from petitions.rules.typed import TypedDetails


def columns_of(*, typed: TypedDetails, petition: Petition) -> dict[str, Any]:
    """This function will seal and name by column what was typed; an answer to what is not asked is kept nowhere."""
    asked = replace(
        typed,
        country=typed.country if petition.asks_country else "",
        postcode=typed.postcode if petition.asks_postcode else "",
        comment=typed.comment if petition.asks_comment else "",
    )
    return columns_of_all(typed=asked)


def columns_of_all(*, typed: TypedDetails) -> dict[str, Any]:
    """This function will seal and name by column what was typed, whether the petition still asks for it or not."""
    details = Details(postcode=typed.postcode, comment=typed.comment, answers=typed.answers)
    return {
        "name_sealed": seal(text=typed.name, purpose=NAME_PURPOSE),
        "name_shape": name_shape(typed.name),
        "name_shown": typed.name_shown,
        "country": typed.country,
        "wants_news": typed.wants_news,
        "news_consent_id": typed.news_consent_id,
        "choices": typed.choices,
        "details_sealed": details.sealed(),
    }


def typed_of(row: PendingSignature | Signature) -> TypedDetails:
    """This function will open what a row's person typed of themselves."""
    details = details_of(row)
    return TypedDetails(
        name=name_of(row),
        country=row.country,
        wants_news=row.wants_news,
        name_shown=row.name_shown,
        postcode=details.postcode,
        comment=details.comment,
        choices=row.choices,
        answers=details.answers,
        news_consent_id=row.news_consent_id,
    )
