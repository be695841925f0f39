"""Translations: what the code says is found, and what lacks is named."""

from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.core.management import CommandError, call_command
from pytest_django import Settings

from keep4o_site import catalogues


@pytest.fixture
def project(settings: Settings, tmp_path: Path) -> Path:
    """A tiny project of one module and one template, to be translated into French."""
    settings.BASE_DIR = tmp_path
    settings.LOCALE_PATHS = [tmp_path / "locale"]
    settings.LANGUAGES = [("en", "English"), ("fr", "French")]
    (tmp_path / "petitions").mkdir()
    (tmp_path / "templates").mkdir()
    (tmp_path / "petitions" / "views.py").write_text('ngettext("%(n)s voice", "%(n)s voices", n)\n')
    (tmp_path / "templates" / "page.html").write_text(
        "{% load i18n %}<p>\n    {% translate 'Sign' %}\n</p>{% blocktranslate trimmed %}\n  Two\n  lines\n{% endblocktranslate %}"
    )
    call_command("translations", "update")
    return tmp_path


def test_sentences_of_code_and_templates_are_found(project: Path) -> None:
    with (project / "locale/fr/LC_MESSAGES/django.po").open("rb") as source:
        ids = {message.id for message in read_po(source) if message.id}

    assert ids == {"Sign", "Two lines", ("%(n)s voice", "%(n)s voices")}


@pytest.mark.parametrize("name", ["picture.svg", "feed.atom", "mail.txt"])
def test_sentences_of_pictures_and_feeds_are_found_too(project: Path, name: str) -> None:
    (project / "templates" / name).write_text("{% load i18n %}<text>{% translate 'Numbers' %}</text>")

    assert "not translated: 'Numbers'" in catalogues.problems("fr")


def test_a_missing_translation_fails_the_check(project: Path) -> None:
    with pytest.raises(CommandError, match="fr: not translated: 'Sign'"):
        call_command("translations", "check")


def test_a_complete_catalogue_passes_and_compiles(project: Path) -> None:
    _translate(project, sign="Signer", voice="%(n)s voix")

    call_command("translations", "update")
    call_command("translations", "check")
    call_command("translations", "compile")

    assert (project / "locale/fr/LC_MESSAGES/django.mo").stat().st_size > 0


def test_a_lost_placeholder_fails_the_check(project: Path) -> None:
    _translate(project, sign="Signer", voice="%(m)s voix")

    assert any("placeholder" in problem for problem in catalogues.problems("fr"))


def test_a_sentence_that_is_no_longer_used_fails_the_check(project: Path) -> None:
    _translate(project, sign="Signer", voice="%(n)s voix")
    (project / "templates" / "page.html").write_text("{% load i18n %}{% translate 'Sign' %}")

    assert catalogues.problems("fr") == ["no longer used: 'Two lines'"]


def _translate(project: Path, *, sign: str, voice: str) -> None:
    path = project / "locale/fr/LC_MESSAGES/django.po"
    text = path.read_text()
    text = text.replace('msgid "Sign"\nmsgstr ""', f'msgid "Sign"\nmsgstr "{sign}"')
    text = text.replace('msgid "Two lines"\nmsgstr ""', 'msgid "Two lines"\nmsgstr "Deux lignes"')
    text = text.replace('msgstr[0] ""\nmsgstr[1] ""', f'msgstr[0] "{voice}"\nmsgstr[1] "{voice}"')
    path.write_text(text)
