"""Templates whose constant parts are joined say what they said before, in every language and for everybody."""

from typing import Any

import pytest
from django.template import Context, Engine
from django.utils.translation import override

from keep4o_site.template_loading import ConstantNode

TAGS = "{% load i18n static %}"
TEMPLATES = {
    "text": "Only text & nothing else",
    "sentences": '<b>{% translate "Petitions" %}</b>{% translate "Sign in" %}{% translate "50 %" %}',
    "addresses": '<a href="{% url "home" %}">{% url "petitions:petition-list" %}</a>{% static "css/site.css" %}',
    "one of a petition": '{% url "petitions:petition-detail" slug=slug %}{% url "petitions:petition-detail" slug %}',
    "a name chosen by the page": '{% url view %}{% translate word %}{% static file %}{% translate "petitions"|title %}',
    "kept for later": '{% translate "Petitions" as a %}{% url "home" as b %}{% static "a.css" as c %}{{ a }}{{ b }}{{ c }}',
    "with a context": '{% translate ":" context "after a label" %}{% blocktranslate context "x" %}y{% endblocktranslate %}',
    "long sentences": "{% blocktranslate trimmed %}\n  Sign\n  in\n{% endblocktranslate %}",
    "sentences with words": "{% blocktranslate with a=word|upper %}{{ a }}!{% endblocktranslate %}",
    "plural": "{% blocktranslate count n=n %}{{ n }} day{% plural %}{{ n }} days{% endblocktranslate %}",
    "choices": '{% if n %}{% translate "Petitions" %}{% elif word %}x{% else %}{% translate "Campaigns" %}{% endif %}',
    "loops": '{% for i in many %}{{ i }}{% translate "Petitions" %},{% empty %}{% translate "Sign in" %}{% endfor %}',
    "another language inside": '{% language "fr" %}{% translate "Petitions" %}{% url "home" %}{% endlanguage %}{% url "home" %}',
    "without escaping": '{% autoescape off %}{% translate "It\'s & so" %}{{ word }}{% endautoescape %}{% translate "It\'s & so" %}',
    "a part of another": '{% include "choices" %}{% include "sentences" with word="x" only %}',
    "base": '{% block a %}{% translate "Petitions" %}{% endblock %}{{ word }}{% block b %}{% url "home" %}{% endblock %}',
    "child": '{% extends "base" %}{% block a %}{{ block.super }}{% translate "Sign in" %}{% endblock %}',
    "grandchild": '{% extends "child" %}{% load i18n %}{% block b %}{% translate "Campaigns" %}{{ n }}{% endblock %}',
    "remarks": '{# one #}a{% comment %}{% translate "Petitions" %}{% endcomment %}{% load l10n %}b',
}
WORDS = {"slug": "keep", "view": "home", "word": "<Petitions>", "file": "a.css", "n": 2, "many": [1, 2]}


def engine(*, joins: bool) -> Engine:
    sources = {name: text if text.startswith("{% extends") else TAGS + text for name, text in TEMPLATES.items()}
    of_memory = ("django.template.loaders.locmem.Loader", sources)
    loader = "keep4o_site.template_loading.Loader" if joins else "django.template.loaders.cached.Loader"
    libraries = {name: f"django.templatetags.{name}" for name in ("i18n", "l10n", "static")}
    return Engine(loaders=[(loader, [of_memory])], libraries=libraries, builtins=["django.templatetags.i18n"])


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_says_what_it_said_before(name: str) -> None:
    joined, plain = engine(joins=True).get_template(name), engine(joins=False).get_template(name)
    words: list[dict[str, Any]] = [WORDS, {**WORDS, "n": 0, "word": "", "many": [], "view": "privacy", "slug": "other"}]

    for language in ("en", "fr", "en"):
        for said in words:
            with override(language):
                assert joined.render(Context(said)) == plain.render(Context(said))


@pytest.mark.parametrize("name", ["sentences", "addresses", "long sentences", "remarks"])
def test_what_is_the_same_on_every_page_is_one_node(name: str) -> None:
    (node,) = engine(joins=True).get_template(name).nodelist

    assert isinstance(node, ConstantNode)


@pytest.mark.parametrize(
    ("name", "tags"), [("one of a petition", 2), ("a name chosen by the page", 4), ("kept for later", 6), ("plural", 1)]
)
def test_what_differs_from_page_to_page_is_never_joined(name: str, tags: int) -> None:
    nodes = engine(joins=True).get_template(name).nodelist

    assert sum(not isinstance(node, ConstantNode) for node in nodes) == tags
