"""A question of a petition's own: its words in each language, and the options of a choice, one line each."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.forms import BoundField
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from petitions.models import PetitionQuestion, QuestionKind
from petitions.organiser_forms.asking import words_by_language, words_fields
from petitions.rules.questions import FEWEST_OPTIONS, MOST_OPTIONS, OptionWords, offered

LABEL_MAX_CHARS = 200
OPTION_MAX_CHARS = 80


@dataclass(frozen=True, kw_only=True)
class OptionRow:
    """One line of the form: an option's words in each language."""

    legend: str
    fields: list[BoundField]


class QuestionForm(forms.Form):
    """
    Asks a new question, or words one that is asked.

    Args: question: the one to word, None for a new one.  kind: fixed for good, since answers are kept by it.
    """

    seen = forms.CharField(required=False, max_length=32, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any = None,
        *,
        kind: QuestionKind,
        default_language: str,
        question: PetitionQuestion | None = None,
        seen: str = "",
    ) -> None:
        super().__init__(data, initial={"seen": seen, **_known_words(question)})
        self.default_language = default_language
        self.option_names = _option_names(question) if kind == QuestionKind.CHOICE else {}
        label = _("Question")
        self.fields.update(
            words_fields("label", label=label, default_language=default_language, max_length=LABEL_MAX_CHARS)
        )
        for name in self.option_names:
            self.fields.update(_option_fields(name, default_language=default_language))
        self.fields["is_required"] = forms.BooleanField(
            label=_("Everybody who signs has to answer it"),
            required=False,
            help_text=_("A question that may be left out loses fewer signatures."),
        )

    @property
    def labels(self) -> dict[str, str]:
        """The question by language."""
        return words_by_language(self.cleaned_data, "label")

    @property
    def options(self) -> list[OptionWords]:
        """The options that have words, in the order of their lines."""
        words = {name: words_by_language(self.cleaned_data, name) for name in self.option_names}
        return [OptionWords(key=self.option_names[name], labels=labels) for name, labels in words.items() if labels]

    @property
    def label_fields(self) -> list[BoundField]:
        return [self[name] for name in self.fields if name.startswith("label_")]

    def option_rows(self) -> Iterator[OptionRow]:
        """The lines of the options, for the page."""
        for number, name in enumerate(self.option_names, start=1):
            legend = gettext("Answer %(number)d") % {"number": number}
            yield OptionRow(legend=legend, fields=[self[field] for field in self.fields if _is_of(field, name)])

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if self.option_names:
            self._check_main_language(cleaned)
            self._check_options(cleaned)
        return cleaned

    def _check_main_language(self, cleaned: Mapping[str, Any]) -> None:
        for name in self.option_names:
            main = f"{name}_{self.default_language}"
            if words_by_language(cleaned, name) and not cleaned.get(main) and main not in self.errors:
                self.add_error(main, _("Please write this in the petition's main language."))

    def _check_options(self, cleaned: Mapping[str, Any]) -> None:
        main = [cleaned.get(f"{name}_{self.default_language}", "").casefold() for name in self.option_names]
        written = [words for words in main if words]
        if len(set(written)) < len(written):
            self.add_error(None, _("Two answers say the same: nobody could choose between them."))
        if len(written) < FEWEST_OPTIONS and not self.errors:
            sentence = ngettext(
                "Please write at least %(fewest)d answer to choose from.",
                "Please write at least %(fewest)d answers to choose from.",
                FEWEST_OPTIONS,
            )
            self.add_error(None, sentence % {"fewest": FEWEST_OPTIONS})


def with_known_words(data: Mapping[str, Any], *, question: PetitionQuestion, mark: str) -> dict[str, Any]:
    """
    This function will lay what was sent over the newest words of a question that somebody else has changed meanwhile.

    An option that the sender has never seen keeps its words, instead of going for want of them; `mark` says that they
    have seen it now.
    """
    known = {name: words for name, words in _known_words(question).items() if name != "is_required"}
    return {**known, **{name: data[name] for name in data}, "seen": mark}


def _known_words(question: PetitionQuestion | None) -> dict[str, Any]:
    if question is None:
        return {}
    words = {f"label_{code}": text for code, text in question.labels.items()}
    for option in offered(question.options):
        words |= {f"option_{option['key']}_{code}": text for code, text in option["labels"].items()}
    return {**words, "is_required": question.is_required}


def _option_names(question: PetitionQuestion | None) -> dict[str, str]:
    """This function will name the lines: one for each option by its key, then empty ones up to the most there can be."""
    kept = {f"option_{option['key']}": option["key"] for option in offered(question.options)} if question else {}
    return kept | {f"new_{number}": "" for number in range(1, MOST_OPTIONS - len(kept) + 1)}


def _option_fields(name: str, *, default_language: str) -> dict[str, forms.Field]:
    fields = words_fields(name, label=_("Answer"), default_language=default_language, max_length=OPTION_MAX_CHARS)
    for field in fields.values():
        field.required = False  # a line without words is no answer
    return fields


def _is_of(field: str, name: str) -> bool:
    return (
        re.fullmatch(f"{re.escape(name)}_(?:{'|'.join(code for code, _name in settings.LANGUAGES)})", field) is not None
    )
