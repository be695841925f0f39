"""One site for all tests that stop its engines and start them again: it takes longer to make than to break."""

from collections.abc import Iterator

import pytest

from tests.faults.own_postgres import SiteWithPostgres, site_with_postgres
from tests.faults.visitors import signing_form
from tests.web_forms import WebForm


@pytest.fixture(scope="session")
def running() -> Iterator[SiteWithPostgres]:
    with site_with_postgres() as running:
        yield running


@pytest.fixture(scope="session")
def form(running: SiteWithPostgres) -> WebForm:
    """The signing form as somebody has it before them who has read it."""
    return signing_form(running.site)
