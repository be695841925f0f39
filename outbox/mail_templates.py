"""
The templates of mails: Jinja's, compiled once for each language (decision 0029).

A template is made whole when it is compiled, its sentences translated and the site's own words put in, not again with
each mail: what is left to do then is to put a person's own words between texts that are there already.
"""

import re
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from functools import lru_cache
from gettext import GNUTranslations
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template.defaultfilters import linebreaksbr
from django.urls import reverse
from django.utils import translation
from django.utils.formats import localize
from django.utils.translation import trans_real
from jinja2 import Environment, FileSystemLoader, Template, nodes, pass_eval_context, select_autoescape
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

from outbox.template_joining import joined

MOST_NUMBERS = 1024  # kept as words, and with their plurals: the days that a link lives are the same in each mail
_PLURAL = "plural"  # a filter of ours in place of the function of the library, which looks at each argument anew
_HOLE = re.compile(r"%\((\w+)\)s")  # what the catalogue has for a variable


def render_mail(*, template_names: tuple[str, ...], language: str, context: dict[str, Any]) -> list[str]:
    """
    This function will render templates of emails/ in a language, whichever is active.

    Raises: TemplateError, or whatever the template's own expressions raise. What it puts into .html is escaped.
    """
    templates = _found(
        template_names, language, tuple(settings.MAIL_TEMPLATE_DIRS), settings.SITE_NAME, settings.SITE_URL
    )
    return [template.render(context) for template in templates]


def mail_templates(*, language: str, folders: tuple[Path, ...]) -> Environment:
    """This function will give the templates of a language, each as it was when the first mail asked for it."""
    return _templates(language, folders, settings.SITE_NAME, settings.SITE_URL)


@lru_cache(maxsize=1024)
def _found(names: tuple[str, ...], *site: Any) -> list[Template]:
    return [_templates(*site).get_template(f"emails/{name}") for name in names]


@lru_cache(maxsize=32)
def _templates(language: str, folders: tuple[Path, ...], site_name: str, site_url: str) -> Environment:
    templates = _WholeTemplates(
        loader=FileSystemLoader(folders),
        autoescape=select_autoescape(("html",)),
        extensions=("jinja2.ext.i18n",),
        keep_trailing_newline=True,
        auto_reload=False,
    )
    translations = trans_real.translation(language)
    with translation.override(language):
        words = {"language": language, "site_name": site_name, "site_url": site_url, "privacy_path": reverse("privacy")}
    templates.translator = _Translator(translations, words)
    templates.install_gettext_callables(  # type: ignore[attr-defined]
        translations.gettext,
        translations.ngettext,
        newstyle=True,
        pgettext=translations.pgettext,
        npgettext=lru_cache(MOST_NUMBERS)(translations.npgettext),
    )
    templates.filters |= {
        "linebreaksbr": linebreaksbr,
        "localize": _numbers_of(language),
        _PLURAL: _plurals_of(translations),
    }
    return templates


def _plurals_of(translations: GNUTranslations) -> Callable[..., str]:
    find = lru_cache(MOST_NUMBERS)(translations.ngettext)

    @pass_eval_context
    def written(escaping: nodes.EvalContext, number: int, singular: str, plural: str, **values: Any) -> str:
        sentence = find(singular, plural, number)
        # The catalogue's own words are no input, and the values are escaped as they are put in.
        return (Markup(sentence) if escaping.autoescape else sentence) % {"num": number, **values}  # noqa: S704

    return written


def _numbers_of(language: str) -> Callable[[int], str]:
    @lru_cache(MOST_NUMBERS)
    def written(number: int) -> str:
        with translation.override(language):
            return str(localize(number))

    return written


class _WholeTemplates(Environment):
    translator: "_Translator"

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return {**self.globals, **(d or {})}  # the library's chain of two would be copied slowly with each mail

    def _generate(self, source: nodes.Template, *args: Any, **options: Any) -> str:
        whole = joined(source, parse=self._parsed)
        return super()._generate(self.translator.visit(whole), *args, **options)

    def _parsed(self, name: str) -> nodes.Template:
        assert self.loader is not None
        source, path, _ = self.loader.get_source(self, name)
        return self.parse(source, name, path)


class _Translator(NodeTransformer):
    """
    Puts the sentences of a language and the site's own words into a template.

    A sentence with a plural waits for its number, and its mail.
    """

    def __init__(self, translations: GNUTranslations, words: Mapping[str, str]) -> None:
        self._words = words
        self._find: dict[str, Callable[..., str]] = {
            "_": translations.gettext,
            "gettext": translations.gettext,
            "pgettext": translations.pgettext,
        }

    def visit_Output(self, output: nodes.Output) -> nodes.Node:  # noqa: N802 # Jinja's name
        output.nodes = [piece for node in output.nodes for piece in self._pieces(node)]
        return self.generic_visit(output)

    def visit_Call(self, call: nodes.Call) -> nodes.Node:  # noqa: N802 # Jinja's name
        if isinstance(call.node, nodes.Name) and call.node.name == "ngettext":
            singular, plural, number = call.args
            in_number = nodes.Filter(number, _PLURAL, [singular, plural], call.kwargs, None, None, lineno=call.lineno)
            return self.generic_visit(in_number)
        pieces = [*self._pieces(call)]
        return pieces[0] if len(pieces) == 1 and pieces[0] is not call else self.generic_visit(call)

    def visit_Name(self, name: nodes.Name) -> nodes.Node:  # noqa: N802 # Jinja's name
        return nodes.Const(self._words[name.name]) if name.ctx == "load" and name.name in self._words else name

    def _pieces(self, node: nodes.Expr) -> Iterator[nodes.Expr]:
        """This function will part a sentence into its texts and what stands between them; all else stays as it is."""
        if isinstance(node, nodes.Call) and (sentence := self._translated(node)) is not None:
            values = {keyword.key: keyword.value for keyword in node.kwargs}
            for at, part in enumerate(_HOLE.split(sentence)):
                yield values[part] if at % 2 else nodes.TemplateData(part.replace("%%", "%"))
        else:
            yield node

    def _translated(self, call: nodes.Call) -> str | None:
        find = self._find.get(call.node.name) if isinstance(call.node, nodes.Name) else None
        return find(*(text.value for text in call.args if isinstance(text, nodes.Const))) if find else None
