"""
The site's translations, kept by Babel, so that no gettext programs need to be installed.

English is written in the code; every other language of settings.LANGUAGES has one catalogue, locale/<xx>/LC_MESSAGES/
django.po. Its compiled form is made at set-up and is not kept in the repository.
"""

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

_SOURCES = ("keep4o_site", "testimonials", "campaigns", "petitions", "accounts", "outbox")
_KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)  # a date that moves would change the file at each run


def update(language: str) -> None:
    """This function will bring a catalogue up to date with the code: new sentences enter it untranslated."""
    path = _po_path(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_as_po(_updated(language)))


def compile_all() -> None:
    """This function will write the compiled catalogue that Django reads, for each language but English."""
    for language in languages():
        with _po_path(language).with_suffix(".mo").open("wb") as compiled:
            write_mo(compiled, _read(language))


def problems(language: str) -> list[str]:
    """This function will list what keeps a catalogue from being complete, a sentence each; empty means complete."""
    catalogue = _updated(language)
    found = [f"not translated: {message.id!r}" for message in catalogue if message.id and not _is_translated(message)]
    checked = ((message, errors) for message, errors in catalogue.check() if _is_translated(message))
    found += [f"{error}: {message.id!r}" for message, errors in checked for error in errors]
    found += [f"no longer used: {message.id!r}" for message in catalogue.obsolete.values()]
    if not found and _po_path(language).read_bytes() != _as_po(catalogue):
        found.append("the file differs from what `manage.py translations update` writes")
    return found


def languages() -> list[str]:
    return [code for code, _name in settings.LANGUAGES if code != "en"]


def _updated(language: str) -> Catalog:
    template = Catalog(creation_date=_EPOCH)
    for source in sorted(_source_files()):
        for _line, message, _comments, context in _sentences_of(source):
            template.add(message, locations=[(str(source.relative_to(settings.BASE_DIR)), 1)], context=context)
    catalogue = _read(language)
    catalogue.update(template, no_fuzzy_matching=True)
    return catalogue


def _source_files() -> Iterator[Path]:
    for app in _SOURCES:
        yield from (path for path in Path(settings.BASE_DIR, app).rglob("*.py") if "migrations" not in path.parts)
    # Whatever it is a template of: a page, a mail, a picture or a feed.
    yield from (path for path in Path(settings.BASE_DIR, "templates").rglob("*.*") if path.is_file())


def _sentences_of(source: Path) -> Iterator[Any]:
    if "emails" in source.parts:  # Jinja's templates, which Babel reads by itself (decision 0029)
        with source.open("rb") as template:
            yield from extract("jinja2", template, keywords=_KEYWORDS)
    else:
        yield from extract("python", _as_python(source), keywords=_KEYWORDS)


def _as_python(source: Path) -> io.BytesIO:
    text = source.read_text(encoding="utf-8")
    if source.suffix != ".py":
        # Django turns a template into what a Python scanner reads; indentation means nothing in it.
        text = "\n".join(line.lstrip() for line in templatize(text).splitlines())
    return io.BytesIO(text.encode())


def _read(language: str) -> Catalog:
    path = _po_path(language)
    if not path.exists():
        return Catalog(locale=language, project="Keep4o", version="1", creation_date=_EPOCH, fuzzy=False)
    with path.open("rb") as source:
        return read_po(source, locale=language)


def _as_po(catalogue: Catalog) -> bytes:
    catalogue.revision_date = catalogue.creation_date = _EPOCH
    buffer = io.BytesIO()
    write_po(
        buffer, catalogue, width=110, no_location=False, sort_by_file=True, include_lineno=False, ignore_obsolete=True
    )
    return buffer.getvalue()


def _is_translated(message: Message) -> bool:
    texts = message.string if isinstance(message.string, tuple | list) else (message.string,)
    return not message.fuzzy and all(texts)


def _po_path(language: str) -> Path:
    return Path(settings.LOCALE_PATHS[0], language, "LC_MESSAGES", "django.po")
