"""Names by their shape, and domains in one form."""

import pytest

from petitions.rules.eligibility import ascii_domain
from petitions.rules.name_shapes import SHAPE_MAX_CHARS, name_shape


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("Ada Lovelace", "Aa Aa"),
        ("user4711", "a9"),
        ("ADA", "A"),
        ("Jean-Luc O'Neill", "Aa.Aa A.Aa"),
        ("山田太郎", "a"),
        ("Zoë 🙂", "Aa ."),
        ("", ""),
        ("aB" * 40, "aA" * 10),
    ],
)
def test_a_name_is_told_by_its_shape_alone(name: str, shape: str) -> None:
    assert name_shape(name) == shape
    assert len(shape) <= SHAPE_MAX_CHARS


@pytest.mark.parametrize(
    ("domain", "ascii_form"),
    [
        ("Example.ORG.", "example.org"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("\u2603\u200b.example", "\u2603\u200b.example"),
    ],
)
def test_domains_are_compared_in_one_form(domain: str, ascii_form: str) -> None:
    assert ascii_domain(domain) == ascii_form
