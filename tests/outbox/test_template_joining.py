"""A template that was made whole writes what the library writes of its parts, and one that is too odd stays as it is."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.template.defaultfilters import linebreaksbr
from django.urls import reverse
from django.utils import translation
from django.utils.formats import localize
from django.utils.translation import trans_real
from jinja2 import DictLoader, Environment, FileSystemLoader, TemplateNotFound, select_autoescape
from pytest_django import Settings

from outbox.mail_templates import render_mail
from outbox.template_joining import joined
from tests.email_samples import EMAIL_SAMPLES

PARTS = ("subject.txt", "body.txt", "body.html")
LANGUAGES = [code for code, _ in django_settings.LANGUAGES]


def bare(language: str) -> Environment:
    """The library alone, which translates and looks for the parts of a template with each rendering."""
    loader = FileSystemLoader(django_settings.MAIL_TEMPLATE_DIRS)
    templates = Environment(
        loader=loader,
        autoescape=select_autoescape(("html",)),
        extensions=["jinja2.ext.i18n"],
        keep_trailing_newline=True,
    )
    words = trans_real.translation(language)
    gettext, ngettext, pgettext = words.gettext, words.ngettext, words.pgettext
    templates.install_gettext_callables(gettext, ngettext, newstyle=True, pgettext=pgettext)  # type: ignore[attr-defined]
    templates.filters |= {"linebreaksbr": linebreaksbr, "localize": localize}
    return templates


def site(settings: Settings, language: str) -> dict[str, str]:
    words = {"site_name": settings.SITE_NAME, "site_url": settings.SITE_URL, "privacy_path": reverse("privacy")}
    return {"language": language, "contact_email": "us@keep4o.example", **words}


@pytest.mark.parametrize("typed", ["", " <b>&\"'", "\n\n\n\n.\r\n", "é日本語🌸", "%(x)s {{ y }} {% z %} %%"])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", sorted(EMAIL_SAMPLES))
def test_every_mail_says_what_the_library_makes_of_its_templates(
    settings: Settings, kind: str, language: str, typed: str
) -> None:
    names = tuple(f"{kind}/{part}" for part in PARTS)
    with translation.override(language):
        context = site(settings, language) | _typed_into(EMAIL_SAMPLES[kind], typed)
        expected = [bare(language).get_template(f"emails/{name}").render(context) for name in names]

    assert render_mail(template_names=names, language=language, context=context) == expected


FRAME = "<{% block a %}frame{% endblock %}|{% block b %}{% block c %}c{% endblock %}{{ x }}{% endblock %}>"
ODD = {
    "a frame of a frame": "{% extends 'middle' %}{% block c %}C{{ x }}{% endblock %}",
    "a block that asks its frame": "{% extends 'frame' %}{% block a %}{{ super() }}!{% endblock %}",
    "a block by its name": "{% extends 'frame' %}{% block a %}A{% endblock %}{% block b %}{{ self.a() }}{% endblock %}",
    "a frame that a mail names": "{% extends frame %}{% block a %}A{% endblock %}",
    "a choice around a block": "{% extends 'frame' %}{% if x %}{% set y = 2 %}{% endif %}{% block a %}{{ y }}{% endblock %}",
    "a value for all blocks": "{% extends 'frame' %}{% set y = x %}{% block a %}{{ y }}{% endblock %}",
    "what may be missing": "{% include 'nowhere' ignore missing %}{{ x }}",
    "what a mail names": "{% include frame %}",
    "what is set inside": "{% set y = 1 %}{% include 'sets' %}{{ y }}{% for y in 'ab' %}{% include 'sets' %}{% endfor %}",
    "a macro under another name": "{% from 'macros' import bold as strong %}{{ strong(x) }}{{ strong(x ~ '&') }}",
    "a macro with names": "{% from 'macros' import bold %}{{ bold(words=x) }}",
    "a macro that needs less": "{% from 'macros' import link %}{{ link(x) }}{{ link(x, '>') }}",
    "a macro inside a sentence": "{% from 'macros' import bold %}{% set y = bold(x) %}{{ y }}{{ bold(bold(x)) }}",
    "a macro whose argument is called like another": "{% from 'macros' import two %}{{ two(y, x) }}",
}
OTHERS = {
    "frame": FRAME,
    "middle": "{% extends 'frame' %}{% block a %}middle{% endblock %}",
    "sets": "{% set y = 7 %}{{ y }}",
    "macros": (
        "{% macro bold(words) %}<b>{{ words }}</b>{% endmacro %}{% macro two(x, y) %}{{ x }}-{{ y }}{% endmacro %}"
        "{% macro link(url, words='here') %}<a>{{ url }}{{ words }}</a>{% endmacro %}"
    ),
}


class _Joined(Environment):
    def _generate(self, source: Any, *args: Any, **options: Any) -> str:
        whole = joined(source, parse=lambda name: self.parse({**OTHERS, **ODD}[name]))
        return super()._generate(whole, *args, **options)


@pytest.mark.parametrize("name", ODD)
def test_an_odd_template_means_what_it_meant(name: str) -> None:
    loader, context = DictLoader({**OTHERS, **ODD}), {"x": "<X>", "y": "<Y>", "frame": "frame"}
    whole, parts = (made(loader=loader, autoescape=True) for made in (_Joined, Environment))

    assert whole.get_template(name).render(context) == parts.get_template(name).render(context)


def test_a_part_that_is_not_there_is_named(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "emails").mkdir()
    (tmp_path / "emails" / "a.html").write_text("{% include 'emails/nowhere.html' %}")
    settings.MAIL_TEMPLATE_DIRS = [tmp_path]

    with pytest.raises(TemplateNotFound, match="nowhere"):
        render_mail(template_names=("a.html",), language="en", context={})


def _typed_into(value: Any, typed: str) -> Any:
    """The same context, with something more behind each of its texts."""
    if isinstance(value, str):
        return value + typed
    if isinstance(value, list):
        return [_typed_into(each, typed) for each in value]
    return {name: _typed_into(each, typed) for name, each in value.items()} if isinstance(value, Mapping) else value
