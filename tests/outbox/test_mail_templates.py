"""Templates of mails are translated when they are compiled; what a mail puts into them is escaped where it has to be."""

from pathlib import Path
from typing import Any

import pytest
from django.utils import translation
from pytest_django import Settings

from outbox.mail_templates import render_mail


@pytest.fixture
def folder(settings: Settings, tmp_path: Path) -> Path:
    (tmp_path / "emails").mkdir()
    settings.MAIL_TEMPLATE_DIRS = [tmp_path]
    return tmp_path / "emails"


def rendered(folder: Path, source: str, *, language: str = "fr", file: str = "a.html", **context: Any) -> str:
    (folder / file).write_text(source)
    return render_mail(template_names=(file,), language=language, context=context)[0]


def test_a_sentence_is_in_the_language_of_its_mail_whichever_is_active(folder: Path) -> None:
    with translation.override("en"):
        assert rendered(folder, "{{ _('Sign in') }}, {{ _('One step is left') }}") == "Se connecter, Il reste un pas"


def test_a_sentence_takes_the_words_of_its_mail_and_html_escapes_them(folder: Path) -> None:
    source = "{% trans %}Name: {{ name }}{% endtrans %}"

    assert rendered(folder, source, name="<b>%(x)s {{ y }}") == "Nom\xa0: &lt;b&gt;%(x)s {{ y }}"


def test_plain_text_escapes_nothing(folder: Path) -> None:
    (folder / "a.txt").write_text("{% trans %}Name: {{ name }}{% endtrans %}")

    [text] = render_mail(template_names=("a.txt",), language="fr", context={"name": "O'Neill & <Co>"})

    assert text == "Nom\xa0: O'Neill & <Co>"


def test_what_nobody_translated_stays_as_it_is_with_its_signs_and_tags(folder: Path) -> None:
    source = "{% trans %}It's <b>100%</b> of {{ total }}{% endtrans %} {{ _('\"50%%\"') }}"

    assert rendered(folder, source, total="&") == 'It\'s <b>100%</b> of &amp; "50%"'


@pytest.mark.parametrize(("n", "words"), [(1, "1 signature"), (2, "2 signatures"), (20_000, "20\xa0000 signatures")])
def test_a_plural_and_a_number_follow_the_language(folder: Path, n: int, words: str) -> None:
    source = "{% trans count=total, n=total|localize %}{{ n }} signature{% pluralize %}{{ n }} signatures{% endtrans %}"

    assert rendered(folder, source, total=n) == words


def test_a_word_with_a_context_has_its_own_translation(folder: Path) -> None:
    assert rendered(folder, "{% set colon = pgettext('after a label', ':') %}x{{ colon }}") == "x\xa0:"


def test_a_sentence_can_be_given_on_to_another_template(folder: Path) -> None:
    (folder / "_b.html").write_text("{% macro strong(words) %}<b>{{ words }}</b>{% endmacro %}")
    source = "{% from 'emails/_b.html' import strong %}{{ strong(_('Sign in')) }}{{ strong(typed) }}"

    assert rendered(folder, source, typed="<i>") == "<b>Se connecter</b><b>&lt;i&gt;</b>"


def test_a_language_that_the_site_no_longer_has_falls_back_to_english(folder: Path) -> None:
    assert rendered(folder, "{{ _('One step is left') }}", language="xx") == "One step is left"
