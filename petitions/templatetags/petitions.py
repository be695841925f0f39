"""How a petition's text is shown: Markdown without HTML, cleaned by an allow-list before it is marked safe."""

import nh3
from django import template
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

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
