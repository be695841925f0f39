"""The options of a choice: how many there may be, and what becomes of them when their words change. Plain Python."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

FEWEST_OPTIONS = 2
MOST_OPTIONS = 10
MOST_OPTIONS_EVER = 60  # with the retired ones: their words stay for the answers that name them
Option = dict[str, Any]  # {"key": "o1", "labels": {"en": "…"}, "retired": True}


@dataclass(frozen=True, kw_only=True)
class OptionWords:
    """An option as an organiser writes it; `key` is "" for a new one."""

    key: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


def offered(options: Iterable[Option]) -> list[Option]:
    """This function will leave out the options that are retired."""
    return [option for option in options if not option.get("retired")]


def options_after_change(*, options: Sequence[Option], wanted: Sequence[OptionWords]) -> list[Option]:
    """
    This function will give the options their new words, retire those that are not wanted any more, and add the new ones.

    Returns: the wanted ones in their order, then the retired ones. A key is never used again for something else; words
             that were retired come back under their old key.
    """
    known = {option["key"]: option for option in options}
    kept, used = [], set(known)
    for words in wanted:
        key = words.key if words.key in known else _key_of_same_words(options, words) or _new_key(used)
        used.add(key)
        kept.append({"key": key, "labels": dict(words.labels)})
    wanted_keys = {option["key"] for option in kept}
    return kept + [{**option, "retired": True} for option in options if option["key"] not in wanted_keys]


def words_mark(*, labels: Mapping[str, str], options: Sequence[Option], is_required: bool) -> str:
    """This function will name the state of a question, so that nobody covers what they have not seen."""
    text = json.dumps([labels, options, is_required], sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _key_of_same_words(options: Iterable[Option], words: OptionWords) -> str | None:
    retired = (option for option in options if option.get("retired"))
    return next((option["key"] for option in retired if option["labels"] == dict(words.labels)), None)


def _new_key(used: set[str]) -> str:
    return next(key for number in range(1, MOST_OPTIONS_EVER + len(used) + 2) if (key := f"o{number}") not in used)
