"""The forms of a page as a browser finds them: where they go and what they hold."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlsplit

_NO_FIELDS = frozenset({"submit", "button", "image", "reset", "file"})


@dataclass(kw_only=True)
class WebForm:
    """One form with the values that a browser would send unless somebody types."""

    path: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)


class _Reader(HTMLParser):
    def __init__(self, page_path: str) -> None:
        super().__init__()
        self.page_path = page_path
        self.forms: list[WebForm] = []
        self._textarea = ""
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            path = urlsplit(said.get("action", "")).path or self.page_path
            self.forms.append(WebForm(path=path, method=said.get("method", "get").lower()))
        if not self.forms or not (name := said.get("name", "")):
            if tag == "option" and self._select and self.forms:
                self._choose(said)
            return
        fields = self.forms[-1].fields
        if tag == "input" and said.get("type", "text") not in _NO_FIELDS:
            is_box = said.get("type") in ("checkbox", "radio")
            if not is_box or "checked" in said or name not in fields:
                fields[name] = said.get("value", "on" if is_box else "")
        elif tag == "textarea":
            self._textarea, fields[name] = name, ""
        elif tag == "select":
            self._select, fields[name] = name, ""
        elif tag == "button":
            fields.setdefault(name, said.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self.forms[-1].fields[self._textarea] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._textarea = ""
        elif tag == "select":
            self._select = ""

    def _choose(self, said: dict[str, str]) -> None:
        fields = self.forms[-1].fields
        if "selected" in said or not fields[self._select]:
            fields[self._select] = said.get("value", "")


def forms_of(html: str, *, page_path: str) -> list[WebForm]:
    """This function will list the forms of a page, each with its fields as they stand."""
    reader = _Reader(page_path)
    reader.feed(html)
    return reader.forms
