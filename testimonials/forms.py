"""The shape of what authors and moderators send: raw fields in, clean texts and choices out."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, MinLengthValidator
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.rules import clean_text
from petitions.forms import UNREADABLE, AddressField, CleanedCharField
from testimonials.models import ContentLabel, DecisionAction, ReasonText, StoryLanguage
from testimonials.rules import consents, stories
from testimonials.rules.stories import StoryDraft

ANONYMOUS = "anonymous"
NAMED = "named"
_MAX_VERSION = 2**31 - 1
_CHOOSE = _("Choose one of the offered answers.")
_TOO_LONG = ngettext_lazy(
    "This is %(show_value)s character long; at most %(limit_value)s are possible.",
    "This is %(show_value)s characters long; at most %(limit_value)s are possible.",
    "show_value",
)
_TOO_SHORT = ngettext_lazy(
    "This is %(show_value)s character long; please write at least %(limit_value)s.",
    "This is %(show_value)s characters long; please write at least %(limit_value)s.",
    "show_value",
)


class CleanTextField(CleanedCharField):
    """Text from people, cleaned before it is measured: what nobody sees counts for nothing."""

    def __init__(
        self, *, max_length: int, min_length: int | None = None, multiline: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(strip=False, **kwargs)
        # Set here, not given above: the browser gets no maxlength, which would cut a pasted text in silence.
        self.max_length, self.min_length, self.multiline = max_length, min_length, multiline
        self.validators.append(MaxLengthValidator(max_length, message=_TOO_LONG))
        if min_length is not None:
            self.validators.append(MinLengthValidator(min_length, message=_TOO_SHORT))

    def to_python(self, value: Any) -> str:
        text = str(value or "")
        if not self.multiline or UNREADABLE in text:
            return super().to_python(text)
        return clean_text(text, multiline=True)


class StoryForm(forms.Form):
    """What an author sends. Status, version and all else that moderators decide are no fields of it."""

    body = CleanTextField(
        label=_("Your story"),
        help_text=_("What happened, and what it meant to you. Please leave out other people's names and addresses."),
        multiline=True,
        min_length=stories.MIN_BODY_CHARS,
        max_length=stories.MAX_BODY_CHARS,
        widget=forms.Textarea(attrs={"rows": 14}),
        error_messages={"required": _("Write your story here.")},
    )
    language = forms.ChoiceField(
        label=_("Language of the story"),
        choices=StoryLanguage.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _CHOOSE, "invalid_choice": _CHOOSE},
    )
    content_labels = forms.MultipleChoiceField(
        label=_("Does your story speak of something that may weigh on a reader?"),
        help_text=_("We say so before the text, and readers choose whether to open it."),
        choices=[(value, capfirst(label)) for value, label in ContentLabel.choices],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        error_messages={"invalid_choice": _CHOOSE},
    )
    display = forms.ChoiceField(
        label=_("How shall we name you?"),
        choices=[(ANONYMOUS, _("Not at all: “Anonymous”")), (NAMED, _("By the name that I give below"))],
        initial=ANONYMOUS,
        widget=forms.RadioSelect,
        error_messages={"required": _CHOOSE, "invalid_choice": _CHOOSE},
    )
    display_name = CleanTextField(
        label=_("The name to show"),
        help_text=_("A first name or a pen name is enough."),
        max_length=stories.MAX_DISPLAY_NAME_CHARS,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "nickname"}),
    )
    email = AddressField(
        help_text=_(
            "Never shown to anyone, moderators included. You confirm it by a link, and we write to you about this "
            "story only."
        )
    )
    adult = forms.BooleanField(
        label=_("I am 18 or older"),
        error_messages={"required": _("We can publish stories of adults only.")},
    )
    consent_publish = forms.BooleanField(
        error_messages={"required": _("Without your consent we cannot keep your story.")}
    )
    consent_press = forms.BooleanField(required=False)
    consent_company = forms.BooleanField(required=False)
    consent_translate = forms.BooleanField(required=False)
    consent_version = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, *, page_language: str) -> None:
        super().__init__(data, initial={"language": page_language})
        for purpose in consents.PURPOSES:
            wording = consents.consent_wording(purpose=purpose, language=page_language)
            self.fields[f"consent_{purpose}"].label = wording

    def clean_consent_version(self) -> str:
        version: str = self.cleaned_data["consent_version"]
        if version != consents.CURRENT_VERSION:
            message = _(
                "The wording of the consents has changed meanwhile. Please read them again, then send the form."
            )
            raise ValidationError(message, code="outdated")
        return version

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("display") == NAMED and "display_name" in cleaned and not cleaned["display_name"]:
            self.add_error("display_name", _("Write the name to show, or choose “Anonymous”."))
        return cleaned

    @property
    def shown_consent_version(self) -> str:
        """The version that this page shows, whichever an older page has sent."""
        return consents.CURRENT_VERSION

    def consent_fields(self) -> list[forms.BoundField]:
        """The consents, for a group of their own: one box for each purpose, none of them ticked."""
        return [self[f"consent_{purpose}"] for purpose in consents.PURPOSES]

    def to_draft(self) -> StoryDraft:
        """What a valid form says."""
        cleaned = self.cleaned_data
        return StoryDraft(
            body=cleaned["body"],
            language=cleaned["language"],
            consents=frozenset(purpose for purpose in consents.PURPOSES if cleaned[f"consent_{purpose}"]),
            display_name=cleaned["display_name"] if cleaned["display"] == NAMED else "",
            content_labels=tuple(cleaned["content_labels"]),
        )


class DecisionForm(forms.Form):
    """What a moderator sends. Version and revision are what their screen showed, and are only ever compared."""

    use_required_attribute = False

    version = forms.IntegerField(min_value=1, max_value=_MAX_VERSION, widget=forms.HiddenInput)
    revision = forms.UUIDField(widget=forms.HiddenInput)
    reason = forms.ChoiceField(
        label=_("Reason for declining"),
        error_messages={
            "required": _("Choose the reason: the author is told it."),
            "invalid_choice": _("Choose one of the reasons that are offered."),
        },
    )
    message = CleanTextField(
        label=_("Message to the author"),
        multiline=True,
        max_length=stories.MAX_MESSAGE_CHARS,
        widget=forms.Textarea(attrs={"rows": 7}),
        error_messages={"required": _("Write to the author what stands in the way and what they can do.")},
    )
    action = forms.ChoiceField(
        choices=DecisionAction.choices,
        error_messages={"required": _("Choose whether to approve or to decline."), "invalid_choice": _CHOOSE},
    )

    def __init__(
        self, data: Any = None, *, reasons: Sequence[ReasonText], initial: dict[str, Any] | None = None
    ) -> None:
        super().__init__(data, initial=initial)
        offered = [(text.reason_id, text.title) for text in reasons]
        reason = self.fields["reason"]
        assert isinstance(reason, forms.ChoiceField)
        reason.choices = [("", _("Choose a reason")), *offered]
        for name in ("version", "revision"):
            self.fields[name].error_messages = dict.fromkeys(
                ("required", "invalid", "min_value", "max_value"),
                gettext("The form does not say which text you were looking at. Load the page again."),
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("action") == DecisionAction.APPROVE:
            for name in ("reason", "message"):  # what only declining takes may stay empty
                if self.has_error(name, code="required"):
                    del self.errors[name]
        return cleaned
