"""Many moderators and authors at the same instant, each over a connection of their own."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from outbox.models import OutgoingMessage
from testimonials.actions.leaving import withdraw_testimonial
from testimonials.actions.submitting import confirm_testimonial
from testimonials.models import AuthorContact, Decision, Status, TestimonialEvent
from testimonials.queries.event_log import faults_of_event_log
from tests.factories import ALICE, NOW
from tests.parallel import results_of, run_all_in_parallel, run_in_parallel
from tests.testimonials.making import make_campaign, make_pending, make_unverified, reloaded

pytestmark = pytest.mark.django_db(transaction=True)


def test_twenty_parallel_approvals_are_one_decision_one_event_and_one_mail(mona: User) -> None:
    campaign = make_campaign(team=mona.memberships.get().team)
    story = make_pending(campaign=campaign)
    url = reverse("testimonials:moderate-story", kwargs={"testimonial_id": story.pk})
    data = {"action": "approve", "version": story.version, "revision": story.current_revision_id}
    signed_in = Client()
    signed_in.force_login(mona)

    def approve() -> int:
        client = Client()
        client.cookies = signed_in.cookies
        return client.post(url, data).status_code

    answers = results_of(run_in_parallel(approve, times=20))

    assert sorted(answers) == [302] + [409] * 19
    assert reloaded(story).version == 3
    assert Decision.objects.count() == 1
    assert TestimonialEvent.objects.filter(testimonial_id=story.pk, verb="approved").count() == 1
    assert OutgoingMessage.objects.filter(kind="story_published").count() == 1
    assert list(faults_of_event_log()) == []


def test_a_story_withdrawn_while_it_is_approved_is_withdrawn_in_the_end(mona: User, max_: User) -> None:
    campaign = make_campaign(team=mona.memberships.get().team)
    stories = [make_pending(campaign=campaign) for _ in range(5)]
    for story in stories:
        url = reverse("testimonials:moderate-story", kwargs={"testimonial_id": story.pk})
        data = {"action": "approve", "version": story.version, "revision": story.current_revision_id}
        client = Client()
        client.force_login(mona)

        outcomes = run_all_in_parallel(
            [
                lambda client=client, url=url, data=data: client.post(url, data).status_code,
                lambda story=story: withdraw_testimonial(testimonial_id=story.pk, now=NOW).status,
            ]
        )

        assert outcomes[0] in (302, 409)
        assert reloaded(story).status == Status.WITHDRAWN
    assert list(faults_of_event_log()) == []


def test_a_link_pressed_many_times_at_once_confirms_once() -> None:
    story = make_unverified()

    results_of(run_in_parallel(lambda: confirm_testimonial(testimonial_id=story.pk, now=NOW), times=10))

    assert reloaded(story).version == 2
    assert TestimonialEvent.objects.filter(testimonial_id=story.pk, verb="confirmed").count() == 1


def test_parallel_stories_from_one_address_owe_three_mails() -> None:
    campaign = make_campaign()

    results_of(run_in_parallel(lambda: make_unverified(campaign=campaign, email=ALICE), times=8))

    assert OutgoingMessage.objects.count() == 3
    assert AuthorContact.objects.filter(mail_number__isnull=True).count() == 5
