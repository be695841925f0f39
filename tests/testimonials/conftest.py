"""The campaign of these tests, run by the team in which Mona and Max moderate."""

import pytest

from accounts.models import Team
from campaigns.models import Campaign
from testimonials import models
from testimonials.actions.steps import TestimonialError
from tests.testimonials.making import make_campaign

# pytest takes what begins with «Test» for a test class.
for named_like_a_test in (models.Testimonial, models.TestimonialEvent, models.TestimonialQuerySet, TestimonialError):
    setattr(named_like_a_test, "__test__", False)  # noqa: B010 # mypy knows no such attribute


@pytest.fixture
def campaign(team: Team) -> Campaign:
    return make_campaign(team=team, slug="keep4o")
