"""What the stylesheets, scripts and templates promise before any browser opens them."""

import hashlib
import re
from pathlib import Path

import pytest
from django.conf import settings

STATIC = Path(settings.BASE_DIR) / "static"
TEMPLATES = Path(settings.BASE_DIR) / "templates"
PAGES = [path for path in TEMPLATES.rglob("*.html") if "emails" not in path.parts]
STYLESHEETS = list((STATIC / "css").glob("*.css"))


def _vendored() -> list[Path]:
    return [path for path in (STATIC / "vendor").rglob("*") if path.is_file() and path.name != "README.md"]


def test_every_vendored_file_is_the_one_that_its_readme_names() -> None:
    readme = (STATIC / "vendor" / "README.md").read_text()

    for path in _vendored():
        row = f"| {path.relative_to(STATIC / 'vendor')} | {hashlib.sha256(path.read_bytes()).hexdigest()} |"
        assert row in readme, f"{path.name} is not listed with its checksum"


def test_the_font_is_at_most_25_kb() -> None:
    sizes = [path.stat().st_size for path in _vendored() if path.suffix == ".woff2"]

    assert len(sizes) == 1
    assert sizes[0] <= 25_000


def test_each_script_is_small() -> None:
    for path in (STATIC / "js").glob("*.js"):
        assert path.stat().st_size < 5_120, f"{path.name} has {path.stat().st_size} bytes"


@pytest.mark.parametrize("path", [path for path in STYLESHEETS if path.stem != "tokens"], ids=lambda path: path.name)
def test_only_the_tokens_name_colours(path: Path) -> None:
    rules = re.sub(r"/\*.*?\*/|@media print.*", "", path.read_text(), flags=re.DOTALL)

    assert not re.findall(r":[^;{]*(#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\()", rules)


@pytest.mark.parametrize("path", STYLESHEETS, ids=lambda path: path.name)
def test_every_token_that_a_stylesheet_uses_exists(path: Path) -> None:
    defined = set(re.findall(r"(--[\w-]+):", (STATIC / "css" / "tokens.css").read_text() + path.read_text()))

    assert set(re.findall(r"var\((--[\w-]+)", path.read_text())) <= defined


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_no_page_holds_inline_script_or_style(path: Path) -> None:
    markup = path.read_text()

    assert not re.search(r"<style|\sstyle=|\son[a-z]+=[\"']|javascript:", markup)
    assert not re.search(r"""<script(?![^>]*\s(src=|type="application/json"))""", markup)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_no_page_loads_anything_from_another_site(path: Path) -> None:
    assert not re.search(
        r"<(script|link rel=\"(stylesheet|preload|icon)\"|img|iframe)[^>]*(src|href)=\"(https?:)?//", path.read_text()
    )
