"""The API of a running site answers as its own OpenAPI document says, whatever it is asked."""

import pytest
import schemathesis
from hypothesis import given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.live_site import LiveSite

pytestmark = pytest.mark.slow

SLUG = "keep-gpt-4o"
OPERATIONS = [
    "/petitions/{slug}/count",
    "/petitions/{slug}/counts",
    "/petitions/{slug}/history",
    "/petitions/{slug}/work",
]


@pytest.mark.parametrize("path", OPERATIONS)
@pytest.mark.parametrize("slug", [None, SLUG], ids=["any petition", "a petition that exists"])
def test_an_operation_answers_as_documented(live_demo_site: LiveSite, path: str, slug: str | None) -> None:
    document = schemathesis.openapi.from_url(f"{live_demo_site.url}/api/v1/openapi.json")

    @settings(max_examples=30, deadline=None)
    @given(case=document[f"/api/v1{path}"]["GET"].as_strategy())
    def ask(case: schemathesis.Case) -> None:
        if slug is not None:
            case.path_parameters["slug"] = slug
        # The document cannot list the zones of the world: a made-up one is valid by it, and refused in words.
        case.call_and_validate(excluded_checks=[positive_data_acceptance])

    ask()


def test_every_operation_of_the_document_is_asked(live_demo_site: LiveSite) -> None:
    document = schemathesis.openapi.from_url(f"{live_demo_site.url}/api/v1/openapi.json")

    assert {operation.ok().path for operation in document.get_all_operations()} == {
        f"/api/v1{path}" for path in OPERATIONS
    }
