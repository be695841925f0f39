"""What a person typed as the columns of an attempt or a signature, and back."""

from dataclasses import replace
from typing import Any

from outbox.sealing import seal
from petitions.models import PendingSignature, Petition, Signature
from petitions.queries.sealed import NAME_PURPOSE, Details, details_of, name_of
from petitions.rules.name_shapes import name_shape
from petitions.rules.typed import TypedDetails


def what_is_asked(*, typed: TypedDetails, petition: Petition) -> TypedDetails:
    """This function will leave out of what was typed the answers to what is not asked: they are kept nowhere."""
    asks = (
        ("country", petition.asks_country),
        ("postcode", petition.asks_postcode),
        ("comment", petition.asks_comment),
    )
    said = vars(typed)
    unasked: dict[str, Any] = {name: "" for name, is_asked in asks if not is_asked and said[name]}
    return replace(typed, **unasked) if unasked else typed


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
