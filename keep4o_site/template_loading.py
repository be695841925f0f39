"""
Templates as they are loaded: runs of text, sentences and addresses that are the same on every page become one node.

Such a run depends on the language alone, and most of a page is made of them. Each is drawn once for a language; without
this, every page looks up each of its sentences again and finds the address of each of its links.
"""

from collections.abc import Iterator
from itertools import groupby

from django.template import Context, Node, NodeList, Origin, Template
from django.template.base import FilterExpression, TextNode, TokenType, Variable
from django.template.defaulttags import CommentNode, IfNode, LoadNode, URLNode
from django.template.loaders import base, cached
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.templatetags.static import StaticNode
from django.utils.translation import get_language


class ConstantNode(Node):
    """Neighbouring nodes of which nothing depends on the page, the visitor or the time."""

    child_nodelists = ()

    def __init__(self, nodes: NodeList) -> None:
        self._nodes = nodes
        self._drawn: dict[tuple[str | None, bool], str] = {}

    def render(self, context: Context) -> str:
        drawn_for = (get_language(), context.autoescape)
        drawn = self._drawn.get(drawn_for)
        if drawn is None:
            drawn = self._drawn[drawn_for] = self._nodes.render(context)
        return drawn


class TemplateNodes(NodeList):
    """The nodes of a whole template. Every page that extends it asks for its blocks; they are looked for once."""

    def __init__(self, nodes: NodeList) -> None:
        super().__init__(nodes)
        self._found: dict[type[Node], list[Node]] = {}

    def get_nodes_by_type(self, nodetype: type[Node]) -> list[Node]:
        if nodetype not in self._found:
            self._found[nodetype] = super().get_nodes_by_type(nodetype)
        return self._found[nodetype]


class _JoiningLoader(base.Loader):
    def get_template(self, template_name: str, skip: list[Origin] | None = None) -> Template:
        template = super().get_template(template_name, skip)
        _join_constants(template.nodelist)
        template.nodelist = TemplateNodes(template.nodelist)
        return template


class Loader(cached.Loader, _JoiningLoader):
    """Django's cached loader, which joins what is constant before it keeps a template."""


def _join_constants(nodes: NodeList) -> None:
    joined: list[Node] = []
    for is_constant, run in groupby(nodes, key=_is_constant):
        neighbours = NodeList(run)
        joined += [_joined(neighbours)] if is_constant else neighbours
    nodes[:] = joined
    for node in nodes:
        for inner in _nodelists_in(node):
            _join_constants(inner)


def _joined(nodes: NodeList) -> Node:
    """This function will make one node of several; a text alone is no dearer than that, and stays."""
    if len(nodes) == 1 and isinstance(nodes[0], TextNode):
        return nodes[0]
    joined = ConstantNode(nodes)
    joined.token, joined.origin = nodes[0].token, nodes[0].origin  # for Django's messages of faults
    return joined


def _nodelists_in(node: Node) -> Iterator[NodeList]:
    if isinstance(node, IfNode):
        yield from (nodes for _condition, nodes in node.conditions_nodelists)
        return
    for name in node.child_nodelists:
        nodes = getattr(node, name, None)
        if isinstance(nodes, NodeList):
            yield nodes


def _is_constant(node: Node) -> bool:
    if isinstance(node, TranslateNode):
        return _is_literal(node.filter_expression) and not (node.asvar or node.message_context)
    if isinstance(node, BlockTranslateNode):
        words = {token.token_type for token in node.singular} == {TokenType.TEXT}
        return words and not (node.extra_context or node.countervar or node.asvar or node.message_context)
    if isinstance(node, URLNode):
        return _is_literal(node.view_name) and not (node.args or node.kwargs or node.asvar)
    if isinstance(node, StaticNode):
        return _is_literal(node.path) and node.varname is None
    return isinstance(node, TextNode | CommentNode | LoadNode)


def _is_literal(expression: FilterExpression) -> bool:
    var = expression.var
    return not expression.filters and not (isinstance(var, Variable) and var.lookups)
