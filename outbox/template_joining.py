"""
One template out of several: its frame, what it includes and the macros that it takes from others, put where they stand.

Jinja looks all of them up with each rendering. A template that does with others what is not known here stays as it is.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import Any

from jinja2 import nodes
from jinja2.visitor import NodeTransformer

_KEPT_WITHIN: tuple[type[nodes.Node], ...] = (
    nodes.Assign,
    nodes.AssignBlock,
    nodes.Import,
    nodes.FromImport,
    nodes.Macro,
)
_AROUND_BLOCKS = (nodes.Extends, nodes.FromImport, nodes.Assign, nodes.Block, nodes.Output)
_Parse = Callable[[str], nodes.Template]


def joined(template: nodes.Template, *, parse: _Parse) -> nodes.Template:
    """
    This function will make a template whole, which may change it.

    A macro finds its arguments and nothing else, and so must not name what a mail has.
    Args:    parse: finds a template by its name.
    Raises:  TemplateError.
    """
    whole: nodes.Template = _in_frame(template, parse)
    whole = _Joiner(parse, _macros_in(whole)).visit(whole)
    is_frame_of_others = whole is template and _has_blocks(template)  # which ask for its blocks
    whole = whole if is_frame_of_others else _Smoother().visit(whole)
    used = {name.name for name in whole.find_all(nodes.Name)}
    whole.body = [node for node in whole.body if not isinstance(node, nodes.FromImport) or used & {*_names_in(node)}]
    return whole


def _in_frame(template: nodes.Template, parse: _Parse) -> nodes.Template:
    """This function will put the blocks of a template into the frame that it extends, for as many as there are."""
    first = template.body[0] if template.body else None
    if not isinstance(first, nodes.Extends) or not isinstance(first.template, nodes.Const) or _is_odd(template):
        return template
    frame = _in_frame(parse(first.template.value), parse)
    if frame.find(nodes.Extends) or _is_odd(frame, is_frame=True):
        return template
    own = {block.name: block.body for block in template.find_all(nodes.Block)}
    for block in [*frame.find_all(nodes.Block)]:
        block.body = own.get(block.name, block.body)
    frame.body[:0] = [node for node in template.body if isinstance(node, nodes.FromImport | nodes.Assign)]
    return frame


def _is_odd(template: nodes.Template, *, is_frame: bool = False) -> bool:
    """This function will tell whether the order in which Jinja would do things matters."""
    asks_its_frame = any(name.name in {"super", "self"} for name in template.find_all(nodes.Name))
    return asks_its_frame or not (is_frame or all(isinstance(node, _AROUND_BLOCKS) for node in template.body))


def _has_blocks(template: nodes.Template) -> bool:
    return template.find(nodes.Extends) is not None or template.find(nodes.Block) is not None


def _macros_in(template: nodes.Template) -> dict[str, tuple[str, str]]:
    """This function will find where the macros come from that a template takes: template and name there, by name here."""
    return {
        alias: (taken.template.value, origin)
        for taken in template.find_all(nodes.FromImport)
        if isinstance(taken.template, nodes.Const)
        for alias, origin in _names_in(taken).items()
    }


def _names_in(taken: nodes.FromImport) -> dict[str, str]:
    """This function will tell what the names are called where they are taken from."""
    return dict((name, name) if isinstance(name, str) else (name[1], name[0]) for name in taken.names)


class _Joiner(NodeTransformer):
    def __init__(self, parse: _Parse, macros: dict[str, tuple[str, str]]) -> None:
        self._parse, self._macros = parse, macros

    def visit_Include(self, include: nodes.Include) -> nodes.Node:  # noqa: N802 # Jinja's name
        if not isinstance(include.template, nodes.Const) or include.ignore_missing or not include.with_context:
            return include
        whole = joined(self._parse(include.template.value), parse=self._parse)
        return include if _has_blocks(whole) else nodes.Scope(whole.body, lineno=include.lineno)

    def visit_Output(self, output: nodes.Output) -> Any:  # noqa: N802 # Jinja's name
        return [*self._statements(output)]

    def _statements(self, output: nodes.Output) -> Iterator[nodes.Node]:
        """This function will part an output where it calls a macro, and give that one's body the arguments."""
        for node in output.nodes:
            macro = self._called(node)
            if macro is None:
                yield nodes.Output([node], lineno=output.lineno)
            else:
                targets: list[nodes.Expr] = [nodes.Name(argument.name, "store") for argument in macro.args]
                yield nodes.With(targets, node.args, macro.body, lineno=output.lineno)  # type: ignore[attr-defined]

    def _called(self, node: nodes.Expr) -> nodes.Macro | None:
        """This function will find a macro that an expression calls, anew each time: each call gets nodes of its own."""
        if not isinstance(node, nodes.Call) or not isinstance(node.node, nodes.Name) or node.kwargs:
            return None
        place, name = self._macros.get(node.node.name, ("", ""))
        macros = self._parse(place).find_all(nodes.Macro) if place else ()
        fitting = (macro for macro in macros if macro.name == name and len(macro.args) == len(node.args))
        return next(fitting, None)


class _Smoother(NodeTransformer):
    """Leaves no borders where nothing is kept apart by them: what is one stretch of text is written at once."""

    def visit_Block(self, block: nodes.Block) -> Any:  # noqa: N802 # Jinja's name
        return self.visit_Scope(nodes.Scope(block.body, lineno=block.lineno))

    def visit_Scope(self, scope: nodes.Scope) -> Any:  # noqa: N802 # Jinja's name
        whole = self.generic_visit(scope)
        return whole if any(whole.find(kind) for kind in _KEPT_WITHIN) else scope.body

    def generic_visit(self, node: nodes.Node, *args: Any, **options: Any) -> Any:
        whole = super().generic_visit(node, *args, **options)
        for field in ("body", "else_"):
            if isinstance(statements := getattr(whole, field, None), list):
                setattr(whole, field, [*_united(statements)])
        return whole


def _united(statements: Iterable[nodes.Node]) -> Iterator[nodes.Node]:
    """This function will make one output of those that follow each other."""
    for is_output, stretch in groupby(statements, lambda statement: isinstance(statement, nodes.Output)):
        if is_output:
            first, *others = stretch
            first.nodes += [node for output in others for node in output.nodes]  # type: ignore[attr-defined]
            yield first
        else:
            yield from stretch
