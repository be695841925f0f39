"""The words for an address that is not what it looks like, in the reader's language."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.lookalikes import AddressProblem

_SENTENCES: dict[AddressProblem, Promise] = {
    AddressProblem.LOCAL_LETTERS: _(
        "Before the @, this address has letters of another alphabet or with accents. Please type it with plain letters from a to z."
    ),
    AddressProblem.MIXED_SCRIPTS: _(
        "After the @, this address mixes letters of different alphabets that look alike. Please type it letter by letter instead of pasting it."
    ),
    AddressProblem.LOOKS_LIKE_ANOTHER: _(
        "After the @, this address has letters that only look like those of a known name. Please type it letter by letter instead of pasting it."
    ),
}


def address_sentence(problem: AddressProblem) -> str:
    """This function will say what is wrong with an address, and how to put it right."""
    return str(_SENTENCES[problem])
