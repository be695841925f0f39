"""How a petition's text is shown (Markdown without HTML, cleaned by an allow-list), its countries and its comments."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import nh3
from django import template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from markdown_it import MarkdownIt
from markdown_it.token import Token

from accounts.models import User
from accounts.roles import MODERATE, RUN_PETITIONS
from petitions.models import Petition
from petitions.queries.comments import public_comments, waiting_comments
from petitions.rules.countries import country_names as names_of_countries

NEWEST_COMMENTS = 3
register = template.Library()

_TAGS = {
    "p",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "ul",
    "ol",
    "li",
    "a",
    "em",
    "strong",
    "blockquote",
    "code",
    "pre",
    "hr",
    "br",
}
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
_DEEPEST_HEADING = 6
_commonmark = MarkdownIt("commonmark", {"html": False})


@register.filter
def markdown(text: str) -> SafeString:
    """This function will render a text's Markdown; its headings go one level down, for the page has the first."""
    return _rendered(str(text))


@lru_cache(maxsize=64)  # a published version never changes, and its page is rendered every other second
def _rendered(text: str) -> SafeString:
    tokens = _commonmark.parse(text)
    for token in tokens:
        _lower_heading(token)
    html = _commonmark.renderer.render(tokens, _commonmark.options, {})
    cleaned = nh3.clean(
        html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes={"https", "http", "mailto"}, link_rel="noopener nofollow"
    )
    return mark_safe(cleaned)  # noqa: S308 # the sanitiser has just passed it


def _lower_heading(token: Token) -> None:
    if token.type in ("heading_open", "heading_close"):
        token.tag = f"h{min(int(token.tag[1]) + 1, _DEEPEST_HEADING)}"


@register.filter
def country_name(code: str) -> str:
    """This function will name a country in the language of the page."""
    return names_of_countries(get_language() or "en").get(code, code)


@register.filter
def country_names(codes: Iterable[str]) -> str:
    """This function will name several countries, in the order of the language of the page."""
    wanted = set(codes)
    return ", ".join(name for code, name in names_of_countries(get_language() or "en").items() if code in wanted)


@register.inclusion_tag("petitions/_newest_comments.html")
def newest_comments(petition: Petition) -> dict[str, Any]:
    """This function will show what supporters said last: one statement, and none for a petition that asks for no comment."""
    shown = public_comments(petition=petition, limit=NEWEST_COMMENTS).comments if petition.asks_comment else []
    return {"comments": shown, "petition": petition}


@register.inclusion_tag("organise/_waiting_comments.html")
def comments_that_wait(user: User) -> dict[str, Any]:
    """This function will point those who review comments to the petitions where some are waiting."""
    roles = RUN_PETITIONS | MODERATE
    return {"waiting": waiting_comments(user=user, roles=roles, language=get_language() or "en")}
