"""What campaigns show on other pages: links and a small picture."""

from datetime import date

import pytest
from django.template import Context, Template

from tests.campaigns.making import make_campaign, make_signed_petition
from tests.factories import make_petition

pytestmark = pytest.mark.django_db


def render(source: str, **context: object) -> str:
    return Template("{% load campaigns %}" + source).render(Context(context))


def test_a_petition_links_its_public_campaigns() -> None:
    petition = make_petition()
    make_campaign(slug="ours", petitions=(petition,))
    make_campaign(slug="hidden", petitions=(petition,), is_public=False)
    make_campaign(slug="other")

    links = render("{% petition_campaigns petition.pk %}", petition=petition)

    assert "/campaigns/ours/" in links
    assert "hidden" not in links
    assert "other" not in links


def test_the_teaser_draws_weeks_and_links_to_the_timeline() -> None:
    make_campaign(slug="ours", petitions=(make_signed_petition({date(2025, 8, 7): 50, date(2025, 9, 7): 9}),))

    teaser = render('{% campaign_sparkline "ours" %}')

    assert "/campaigns/ours/" in teaser
    assert 'd="M0 1000' in teaser
    assert "4 August to 7 September 2025" in teaser


def test_the_teaser_is_empty_without_signatures_or_campaign() -> None:
    make_campaign(slug="ours", petitions=(make_petition(),))

    assert render('{% campaign_sparkline "ours" %}').strip() == ""
    assert render('{% campaign_sparkline "no-such" %}').strip() == ""
