"""The components and template tags, rendered without a browser."""

from datetime import UTC, datetime

import pytest
from django import forms
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils.translation import override

from keep4o_site.templatetags.ui import minus, same_page_in, unbroken

QUESTION = "Who are you?"


class SmallForm(forms.Form):
    name = forms.CharField(label=QUESTION, max_length=20, help_text="As you like.")
    note = forms.CharField(max_length=500, widget=forms.Textarea, required=False)
    shown = forms.ChoiceField(choices=[("yes", "Yes"), ("no", "No")], widget=forms.RadioSelect)
    agreed = forms.BooleanField()


@pytest.fixture
def sent_empty() -> str:
    return render_to_string("components/_form.html", {"form": SmallForm({})})


def test_the_error_summary_links_to_every_faulty_field(sent_empty: str) -> None:
    assert 'role="alert"' in sent_empty
    for target in ("#id_name", "#id_shown_0", "#id_agreed"):
        assert f'href="{target}"' in sent_empty
        assert f'id="{target[1:]}"' in sent_empty


def test_a_faulty_field_names_its_hint_and_its_error(sent_empty: str) -> None:
    assert 'aria-describedby="id_name_helptext id_name_error"' in sent_empty
    assert 'id="id_name_helptext"' in sent_empty
    assert 'id="id_name_error"' in sent_empty
    assert 'aria-invalid="true"' in sent_empty


def test_what_was_typed_is_kept_and_escaped() -> None:
    markup = render_to_string(
        "components/_form.html", {"form": SmallForm({"name": '"><script>alert(1)</script>', "note": "<b>"})}
    )

    assert "<script>" not in markup
    assert "&lt;script&gt;" in markup
    assert "&lt;b&gt;" in markup


def test_only_what_may_stay_empty_is_marked() -> None:
    assert "(optional)" in _field("note")
    assert "(optional)" not in _field("name")


def test_a_long_answer_is_told_its_limit_and_no_box_is_ticked_before() -> None:
    assert 'aria-describedby="id_note_limit"' in _field("note")
    assert "500" in _field("note")
    assert "checked" not in _field("agreed") + _field("shown")


def test_the_hero_count_carries_plain_numbers_for_scripts_and_local_ones_for_people() -> None:
    with override("fr"):
        markup = render_to_string(
            "components/_count.html", {"count": 19_999, "next_milestone": 20_000, "count_url": "/count"}
        )

    assert 'data-count="19999"' in markup
    assert 'max="20000"' in markup
    assert "19\u00a0999" in markup


def test_without_a_next_milestone_there_is_no_progress() -> None:
    assert "<progress" not in render_to_string("components/_count.html", {"count": 9_000_000, "next_milestone": None})


def test_a_count_above_its_last_milestone_still_says_when_it_was_counted() -> None:
    as_of = datetime(2026, 3, 2, 12, tzinfo=UTC)
    markup = render_to_string("components/_count.html", {"count": 333, "next_milestone": None, "as_of": as_of})

    assert "Counted on 2 March 2026, 12:00 UTC" in markup


@pytest.mark.parametrize(
    ("here", "language", "there"),
    [
        ("/en/privacy/?a=1", "fr", "/fr/privacy/?a=1"),
        ("/en/privacy/?a=1", "en", "/en/privacy/?a=1"),
        ("/fr/nothing-here/", "en", "/en/"),
    ],
)
def test_the_language_switch_leads_to_the_same_page_or_home(here: str, language: str, there: str) -> None:
    request = RequestFactory().get(here)

    with override(here[1:3]):
        assert same_page_in(request, language) == there


def test_the_error_page_needs_no_request() -> None:
    assert "<main" in render_to_string("500.html")


def test_what_is_left_is_never_negative() -> None:
    assert minus(20_000, 19_999) == 1
    assert minus(20_000, 20_001) == 0


def test_a_model_name_is_not_broken_at_its_hyphen() -> None:
    assert unbroken("Keep GPT-4o, a well-known name") == "Keep GPT-\u20604o, a well-known name"


def test_markup_in_a_title_stays_text() -> None:
    assert Template("{% load ui %}{{ title|unbroken }}").render(Context({"title": "<b>GPT-4o"})).startswith("&lt;b&gt;")


def _field(name: str) -> str:
    return render_to_string("components/_field.html", {"field": SmallForm()[name]})
