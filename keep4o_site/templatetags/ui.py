"""What templates need to place links, fields and figures; it holds no product rule and builds no markup by hand."""

import re
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit, urlunsplit

from django import template
from django.conf import settings
from django.forms import BoundField
from django.http import HttpRequest
from django.template import Context
from django.template.defaultfilters import capfirst
from django.urls import NoReverseMatch, Resolver404, resolve, reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language, get_language_info, override

register = template.Library()
# Where a line may not break although a hyphen stands there: "GPT-4o" is one name.
_NAME_HYPHEN = re.compile(r"(?<=\w)-(?=\d)")
# French puts a space before these; whoever types it with the space bar means one that does not break.
_SPACE_OF_PUNCTUATION = re.compile(r" (?=[?!:;»])|(?<=«) ")


@dataclass(frozen=True, kw_only=True)
class PageInLanguage:
    """The page being shown as it is in a language of the site."""

    code: str
    own_name: str
    path: str
    is_here: bool


@register.simple_tag(takes_context=True)
def page_in_languages(context: Context) -> list[PageInLanguage]:
    """This function will list the languages of the site, each with the path of the page being shown."""
    request, here = context.get("request"), get_language()
    return [
        PageInLanguage(code=code, own_name=own_name, path=same_page_in(request, code), is_here=code == here)
        for code, own_name in _own_names().items()
    ]


@lru_cache(maxsize=1)
def _own_names() -> dict[str, str]:
    return {code: capfirst(get_language_info(code)["name_local"]) for code, _ in settings.LANGUAGES}


def same_page_in(request: HttpRequest | None, language: str) -> str:
    """This function will give the path of the page being shown in another language, or that language's home page."""
    home = f"/{language}/"
    if request is None:
        return home
    here = request.get_full_path()
    if here.startswith(home):
        return here
    with suppress(NoReverseMatch, Resolver404):
        match = request.resolver_match or resolve(request.path_info)
        with override(language):
            path = reverse(match.view_name, kwargs=match.kwargs)
        there = urlunsplit(("", "", path, urlsplit(here).query, ""))
        return there if there != here else home
    return home


@register.simple_tag
def field_widget(field: BoundField, limit_shown: bool = False) -> SafeString:
    """This function will render a field's control, described by its hint, its length limit and its error."""
    described_by = field.aria_describedby or ""
    if limit_shown:
        described_by = f"{described_by} {field.auto_id}_limit".strip()
    return field.as_widget(attrs={"aria-describedby": described_by} if described_by else {})


@register.filter
def minus(value: int, other: int) -> int:
    """This function will subtract, never below zero: what is left to a milestone is no negative number."""
    return max(0, value - other)


@register.filter(is_safe=True)
def bound_punctuation(text: object) -> str:
    """This function will keep a French question mark with its question where people typed the space themselves."""
    return _SPACE_OF_PUNCTUATION.sub("\u00a0", str(text))


@register.filter(is_safe=True)
def unbroken(text: object) -> str:
    """This function will bind punctuation and keep "GPT-4o" on one line; the word joiner is invisible."""
    return _NAME_HYPHEN.sub("-\u2060", bound_punctuation(text))
