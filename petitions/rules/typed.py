"""What a person typed of themselves, cleaned. Plain Python."""

from dataclasses import dataclass, field

NAME_HIDDEN = "hidden"  # of models.NameShown


@dataclass(frozen=True, kw_only=True)
class TypedDetails:
    """All that a signature says beside the address; "" and {} for what was not said or is not asked."""

    name: str
    country: str = ""
    wants_news: bool = False
    name_shown: str = NAME_HIDDEN
    postcode: str = ""
    comment: str = ""
    choices: dict[str, str] = field(default_factory=dict)  # question id -> key of the option
    answers: dict[str, str] = field(default_factory=dict)  # question id -> short text
    news_consent_id: int | None = None  # the version of the words that were agreed to
