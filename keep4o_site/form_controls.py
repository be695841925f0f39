"""How the controls of forms are drawn: an <input> without a template, everything else by Django's own."""

from collections.abc import Mapping
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest
from django.utils.html import conditional_escape

_KINDS = (
    "checkbox",
    "date",
    "datetime",
    "email",
    "hidden",
    "number",
    "password",
    "radio_option",
    "text",
    "time",
    "url",
)
_INPUTS = frozenset(f"django/forms/widgets/{kind}.html" for kind in _KINDS)


class FormControls(DjangoTemplates):
    """Django's renderer; most controls are one <input>, for which it would render three templates."""

    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> str:
        widget = context["widget"] if template_name in _INPUTS else {"wrap_label": True}
        return super().render(template_name, context, request) if widget.get("wrap_label") else _input(widget)


def _input(widget: Mapping[str, Any]) -> str:
    """This function will draw what `django/forms/widgets/input.html` draws."""
    value = {} if widget["value"] is None else {"value": widget["value"]}
    attributes = {"type": widget["type"], "name": widget["name"], **value, **widget["attrs"]}
    said = (_attribute(name, value) for name, value in attributes.items() if value is not False)
    return f"<input{''.join(said)}>"


def _attribute(name: str, value: Any) -> str:
    return f" {name}" if value is True else f' {name}="{conditional_escape(value)}"'
