"""What a person says of themselves when they sign, correct an attempt before its proof, or correct a signature."""

from collections.abc import Iterator
from copy import deepcopy
from functools import lru_cache
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _

from petitions.forms.eligibility import FIELD_OF_PROBLEM, eligibility_sentence
from petitions.forms.fields import CleanedCharField, CountryField, NameField, NewsField
from petitions.models import NameShown, QuestionKind
from petitions.queries.asking import Asked, AskedQuestion, field_name_of
from petitions.rules.eligibility import EligibilityProblem
from petitions.rules.typed import TypedDetails

COMMENT_MAX_CHARS = 500
POSTCODE_MAX_CHARS = 12
ANSWER_MAX_CHARS = 200
MOST_RADIOS = 6  # more options are a list to choose from
_FIELDS_OF_COMMENTS = ("comment", "name_shown")
_NAME_SHOWN_LABELS = (
    (NameShown.FULL, _("My full name")),
    (NameShown.INITIALS, _("My initials")),
    (NameShown.HIDDEN, _("No name")),
)


class CommentField(CleanedCharField):
    """A few lines of a person's own; the limit applies to what is left after cleaning."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            label=_("Your comment"),
            help_text=_("It may be published on this site, after somebody of the team has read it."),
            is_multiline=True,
            required=False,
            max_length=COMMENT_MAX_CHARS,
            error_messages={
                "max_length": _("A comment can have at most %(limit_value)d characters; this one has %(show_value)d."),
            },
            widget=forms.Textarea(attrs={"rows": 4}),
            **options,
        )


class PostcodeField(CleanedCharField):
    """A postcode of any country; nobody has to tell."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            label=_("Your postcode"),
            help_text=_("It is kept encrypted and not published."),
            required=False,
            max_length=POSTCODE_MAX_CHARS,
            error_messages={"max_length": _("A postcode can have at most %(limit_value)d characters.")},
            widget=forms.TextInput(attrs={"autocomplete": "postal-code"}),
            **options,
        )


class NameShownField(forms.ChoiceField):
    """How the name stands beside a published comment; hidden unless somebody says otherwise."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            label=_("What stands beside your comment?"),
            choices=_NAME_SHOWN_LABELS,
            initial=NameShown.HIDDEN,
            error_messages={"invalid_choice": _("Please choose one of the answers.")},
            widget=forms.RadioSelect,
            **options,
        )

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)) or NameShown.HIDDEN  # an answer is never missing


class ReadConsentField(forms.IntegerField):
    """Which version of the words beside the box stood on the page; always shown as the newest."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, widget=forms.HiddenInput, **options)

    def clean(self, value: Any) -> int | None:
        try:
            read: int | None = super().clean(value)
        except ValidationError:
            return None  # no person writes here: whatever else it says, the words were not read
        return read

    def bound_data(self, data: Any, initial: Any) -> Any:  # noqa: ARG002 # what was sent is judged, never shown again
        return initial


class DetailsForm(forms.Form):
    """
    Name, and whatever else the petition asks: only those fields are there.

    Args: asked: from queries.asking.  initial: what is known already, by field; `initial_of` makes it of TypedDetails.
    """

    # Whether one set of fields serves all who are asked the same: only where no field is made for a person.
    shares_fields: ClassVar[bool] = False

    name = NameField()
    country = CountryField()
    postcode = PostcodeField()
    comment = CommentField()
    name_shown = NameShownField()
    wants_news = NewsField()

    def __init__(self, data: Any = None, *, asked: Asked, initial: dict[str, Any] | None = None) -> None:
        self.asked = asked
        self.__dict__["base_fields"] = {}  # Django would copy each of them deeply, for every visitor
        # Our templates write no sign behind a label: Django would translate its colon each time.
        super().__init__(data, initial=self._without_stale_consent(initial or {}), label_suffix="")
        self.fields = self._shared_fields(asked) if self.shares_fields else self.make_fields(asked)

    @classmethod
    def make_fields(cls, asked: Asked) -> dict[str, forms.Field]:
        """This function will make the fields for what is asked, in their order."""
        return _fields_of(cls, asked)

    @classmethod
    def _shared_fields(cls, asked: Asked) -> dict[str, forms.Field]:
        return dict(_ready_fields(cls, asked, get_language() or "en"))

    @property
    def typed(self) -> TypedDetails:
        """What was typed into a valid form."""
        cleaned = self.cleaned_data
        wants_news = cleaned["wants_news"]
        return TypedDetails(
            name=cleaned["name"],
            country=cleaned.get("country", ""),
            wants_news=wants_news,
            name_shown=cleaned.get("name_shown", NameShown.HIDDEN),
            postcode=cleaned.get("postcode", ""),
            comment=cleaned.get("comment", ""),
            choices=self._answers_of(QuestionKind.CHOICE),
            answers=self._answers_of(QuestionKind.TEXT),
            news_consent_id=self._consent_id if wants_news else None,
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("wants_news") and cleaned.get("news_consent") != self._consent_id:
            sentence = _("The words beside this box have changed since you opened the page. Please read them again.")
            self.add_error("wants_news", ValidationError(sentence, code="changed"))
        return cleaned

    def as_typed(self) -> list[tuple[Any, str]]:
        """This function will pair the label of each field that was filled in with what was typed or chosen there."""
        shown = (field for field in self if not field.is_hidden and field.name not in ("wants_news", "name_shown"))
        pairs = ((field.label, _words_of(field)) for field in shown)
        return [(label, words) for label, words in pairs if words]

    @property
    def _consent_id(self) -> int | None:
        return self.asked.news_consent.pk if self.asked.news_consent else None

    def _answers_of(self, kind: QuestionKind) -> dict[str, str]:
        given = ((question, self.cleaned_data[question.field_name]) for question in self.asked.questions)
        return {str(question.id): answer for question, answer in given if question.kind == kind and answer}

    def add_eligibility_error(self, problem: EligibilityProblem) -> None:
        """This function will say beside its field what the petition's rule wants."""
        sentence = eligibility_sentence(
            problem, domains=self.asked.allowed_domains, countries=self.asked.allowed_countries
        )
        field = FIELD_OF_PROBLEM[problem]
        self.add_error(field if field in self.fields else None, ValidationError(sentence, code=problem.value))

    def _without_stale_consent(self, initial: dict[str, Any]) -> dict[str, Any]:
        """This function will not tick the box for whoever agreed to other words than those that stand beside it now."""
        agreed_to = initial.get("news_consent")
        wants_news = bool(initial.get("wants_news")) and agreed_to == self._consent_id
        return {**{name: value for name, value in initial.items() if name != "news_consent"}, "wants_news": wants_news}


class ProofForm(DetailsForm):
    """Puts an attempt right before its proof."""

    shares_fields = True


def initial_of(typed: TypedDetails) -> dict[str, Any]:
    """This function will name by field what is known already, as a form's `initial`."""
    questions = {**typed.choices, **typed.answers}
    return {
        "name": typed.name,
        "country": typed.country,
        "postcode": typed.postcode,
        "comment": typed.comment,
        "name_shown": typed.name_shown,
        "wants_news": typed.wants_news,
        "news_consent": typed.news_consent_id,
        **{field_name_of(question_id): answer for question_id, answer in questions.items()},
    }


def _words_of(field: forms.BoundField) -> str:
    value = field.value() or ""
    if isinstance(field.field, forms.ChoiceField):
        return str(dict(field.field.choices).get(value, ""))  # type: ignore[arg-type] # no groups of choices here
    return str(value)


def _unasked(asked: Asked) -> Iterator[str]:
    if not asked.country:
        yield "country"
    if not asked.postcode:
        yield "postcode"
    if not asked.comment:
        yield from _FIELDS_OF_COMMENTS


def _fields_of(form: type[DetailsForm], asked: Asked) -> dict[str, forms.Field]:
    """This function will make the fields of a form for what is asked, in their order."""
    fields: dict[str, forms.Field] = deepcopy(form.declared_fields)
    for name in _unasked(asked):
        del fields[name]
    if asked.allowed_countries:
        fields["country"] = CountryField(is_required=True)
    fields |= {question.field_name: _field_for(question) for question in asked.questions}
    if asked.news_label:
        fields["wants_news"].label = asked.news_label
    if asked.news_consent is not None:
        fields["news_consent"] = ReadConsentField(initial=asked.news_consent.pk)
    questions = (question.field_name for question in asked.questions)
    order = ("name", "email", "country", "postcode", *questions, *_FIELDS_OF_COMMENTS, "wants_news")
    return {name: fields[name] for name in order if name in fields} | fields


@lru_cache(maxsize=256)  # a petition in one language, until an organiser changes what it asks
def _ready_fields(form: type[DetailsForm], asked: Asked, language: str) -> dict[str, forms.Field]:
    """This function will make the fields of a form with their words looked up, which else is done each time."""
    fields = form.make_fields(asked)
    with override(language):
        for field in fields.values():
            field.label, field.help_text = field.label and str(field.label), str(field.help_text)
    return fields


def _field_for(question: AskedQuestion) -> forms.Field:
    return _choice_field(question) if question.kind == QuestionKind.CHOICE else _text_field(question)


def _text_field(question: AskedQuestion) -> forms.Field:
    return CleanedCharField(
        label=question.label,
        required=question.is_required,
        max_length=ANSWER_MAX_CHARS,
        error_messages={
            "required": _("Please answer this question."),
            "max_length": _("An answer can have at most %(limit_value)d characters; this one has %(show_value)d."),
        },
    )


def _choice_field(question: AskedQuestion) -> forms.Field:
    is_list = len(question.options) > MOST_RADIOS
    # A radio button once pressed cannot be let go: whoever may leave it open needs an answer that says so.
    blank = [] if question.is_required and not is_list else [("", _blank_label(question))]
    return forms.ChoiceField(
        label=question.label,
        required=question.is_required,
        choices=[*blank, *question.options],
        initial="",
        error_messages={
            "required": _("Please answer this question."),
            "invalid_choice": _("Please choose one of the answers."),
        },
        widget=forms.Select if is_list else forms.RadioSelect,
    )


def _blank_label(question: AskedQuestion) -> Any:
    return _("Please choose") if question.is_required else _("No answer")
