"""The controls of our forms are those that Django's templates would draw."""

from datetime import date
from typing import Any

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.forms.widgets import Widget
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy, override

from keep4o_site.form_controls import FormControls

CHOICES = [("a", "An <answer>"), ("b", "B")]


@pytest.mark.parametrize(
    ("widget", "value"),
    [
        (forms.TextInput(attrs={"autocomplete": "name", "maxlength": 80, "required": True, "disabled": False}), 'O"<&'),
        (forms.TextInput(attrs={"placeholder": gettext_lazy("Petitions"), "data-x": None}), ""),
        (forms.TextInput(attrs={"data-safe": mark_safe("&amp;")}), mark_safe("&amp;")),
        (forms.EmailInput(), None),
        (forms.NumberInput(attrs={"min": 1000}), 12345),
        (forms.URLInput(), "https://example.org/?a=1&b=2"),
        (forms.PasswordInput(), "secret"),
        (forms.HiddenInput(), 12345),
        (forms.CheckboxInput(), True),
        (forms.CheckboxInput(), False),
        (forms.CheckboxInput(), "<b>"),
        (forms.DateInput(), date(2026, 3, 2)),
        (forms.DateTimeInput(), None),
        (forms.TimeInput(), "12:00"),
        (forms.Textarea(), "<b>\nwords"),
        (forms.Select(choices=CHOICES), "b"),
        (forms.RadioSelect(choices=CHOICES), "a"),
        (forms.CheckboxSelectMultiple(choices=CHOICES), ["a", "b"]),
        (forms.ClearableFileInput(), None),
    ],
)
def test_a_control_is_what_the_templates_of_django_draw(widget: Widget, value: Any) -> None:
    attrs = {"id": "id_it", "aria-describedby": 'a"b'}

    with override("fr"):  # where numbers are written otherwise
        drawn = widget.render("it", value, attrs, renderer=FormControls())
        by_templates = widget.render("it", value, attrs, renderer=DjangoTemplates())

    assert drawn == by_templates


def test_an_answer_beside_its_own_words_is_drawn_as_django_draws_it() -> None:
    class Answers(forms.Form):
        answer = forms.ChoiceField(choices=CHOICES, widget=forms.RadioSelect)

    ours, theirs = (Answers({"answer": "b"}, renderer=renderer()) for renderer in (FormControls, DjangoTemplates))

    assert [choice.tag() for choice in ours["answer"]] == [choice.tag() for choice in theirs["answer"]]
    assert [str(choice) for choice in ours["answer"]] == [str(choice) for choice in theirs["answer"]]
