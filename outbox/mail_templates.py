"""
The templates of mails: Jinja's, compiled once for each language (decision 0029).

A sentence is translated when its template is compiled, not again with each mail: what is left to do then is to put a
person's own words between texts that are there already.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from gettext import GNUTranslations
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template.defaultfilters import linebreaksbr
from django.utils import translation
from django.utils.formats import localize
from django.utils.translation import trans_real
from jinja2 import Environment, FileSystemLoader, nodes, select_autoescape
from jinja2.visitor import NodeTransformer

MOST_NUMBERS = 1024  # kept as words, and with their plurals: the days that a link lives are the same in each mail
_HOLE = re.compile(r"%\((\w+)\)s")  # what the catalogue has for a variable


def render_mail(*, template_name: str, language: str, context: dict[str, Any]) -> str:
    """
    This function will render a template of emails/ in a language, whichever is active.

    Raises: TemplateError, or whatever the template's own expressions raise. What it puts into .html is escaped.
    """
    templates = mail_templates(language=language, folders=tuple(settings.MAIL_TEMPLATE_DIRS))
    return templates.get_template(f"emails/{template_name}").render(context)


@lru_cache(maxsize=32)
def mail_templates(*, language: str, folders: tuple[Path, ...]) -> Environment:
    """This function will give the templates of a language, each as it was when the first mail asked for it."""
    templates = _TranslatedTemplates(
        loader=FileSystemLoader(folders),
        autoescape=select_autoescape(("html",)),
        extensions=("jinja2.ext.i18n",),
        keep_trailing_newline=True,
        auto_reload=False,
    )
    translations = trans_real.translation(language)
    templates.translator = _Translator(translations)
    templates.install_gettext_callables(  # type: ignore[attr-defined]
        translations.gettext,
        lru_cache(MOST_NUMBERS)(translations.ngettext),
        newstyle=True,
        pgettext=translations.pgettext,
        npgettext=lru_cache(MOST_NUMBERS)(translations.npgettext),
    )
    templates.filters |= {"linebreaksbr": linebreaksbr, "localize": _numbers_of(language)}
    return templates


def _numbers_of(language: str) -> Callable[[int], str]:
    @lru_cache(MOST_NUMBERS)
    def written(number: int) -> str:
        with translation.override(language):
            return str(localize(number))

    return written


class _TranslatedTemplates(Environment):
    translator: "_Translator"

    def _generate(self, source: nodes.Template, *args: Any, **options: Any) -> str:
        return super()._generate(self.translator.visit(source), *args, **options)


class _Translator(NodeTransformer):
    """Puts the sentences of a language into a template. One with a plural waits for its number, and its mail."""

    def __init__(self, translations: GNUTranslations) -> None:
        self._find: dict[str, Callable[..., str]] = {
            "_": translations.gettext,
            "gettext": translations.gettext,
            "pgettext": translations.pgettext,
        }

    def visit_Output(self, output: nodes.Output) -> nodes.Node:  # noqa: N802 # Jinja's name
        output.nodes = [piece for node in output.nodes for piece in self._pieces(node)]
        return self.generic_visit(output)

    def visit_Call(self, call: nodes.Call) -> nodes.Node:  # noqa: N802 # Jinja's name
        pieces = [*self._pieces(call)]
        return pieces[0] if len(pieces) == 1 and pieces[0] is not call else self.generic_visit(call)

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
