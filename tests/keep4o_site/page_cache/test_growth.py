"""What a rush reads costs the same with a hundred signatures and with ten million: it reads sums, never what is summed."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.factories import make_petition, make_signature
from tests.testimonials.making import make_campaign

pytestmark = pytest.mark.django_db
GROWING = ("petitions_signature", "petitions_pendingsignature", "petitions_tallyentry", "petitions_tallybucket")
PATHS = (
    "/en/",
    "/en/petitions/",
    "/en/petitions/{petition}/",
    "/en/petitions/{petition}/thank-you/",
    "/en/petitions/{petition}/check-your-email/",
    "/en/campaigns/",
    "/en/campaigns/{campaign}/",
    "/en/campaigns/{campaign}/feed.atom",
    "/api/v1/petitions/{petition}/count",
)


@pytest.mark.parametrize("path", PATHS)
def test_a_page_reads_no_table_that_grows_with_the_signatures(client: Client, path: str) -> None:
    petition = make_petition()
    make_signature(petition=petition)
    campaign = make_campaign()
    campaign.petitions.add(petition)

    with CaptureQueriesContext(connection) as statements:
        answer = client.get(path.format(petition=petition.slug, campaign=campaign.slug))

    assert answer.status_code == 200
    read = [statement["sql"] for statement in statements]
    assert [sql for sql in read if any(f'"{table}"' in sql or f" {table}\n" in sql for table in GROWING)] == []
