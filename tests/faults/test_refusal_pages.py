"""What visitors read when something cannot be done: a whole page in their language, made without the database."""

import pytest
from django.shortcuts import render
from django.test import RequestFactory
from django.utils.translation import override

REFUSALS = ["400", "403", "404", "405", "409", "410", "413", "429", "500", "503", "503_form"]


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("name", REFUSALS)
def test_a_refusal_is_a_page_in_the_readers_language(name: str, language: str) -> None:
    request = RequestFactory().get(f"/{language}/")  # no mark of a database: asking one fails this test

    with override(language):
        page = render(request, f"{name}.html").content.decode()

    assert f'<html lang="{language}"' in page
    assert page.count("<h1") == 1
    assert '<meta name="robots" content="noindex">' in page
