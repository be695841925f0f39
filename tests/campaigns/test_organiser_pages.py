"""Organisers keep the chronology: list, add, correct, make public, take back."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import Role, Team, User
from campaigns.models import Campaign, Event
from tests.campaigns.making import make_campaign, make_event
from tests.factories import make_membership, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign(team: Team) -> Campaign:
    return make_campaign(team=team, slug="ours")


@pytest.fixture
def organiser(client: Client, bob: User) -> Client:
    client.force_login(bob)
    return client


def form(**changes: Any) -> dict[str, Any]:
    return {
        "key": "launch",
        "kind": "launch",
        "at": "2025-08-07",
        "until": "",
        "title_en": "It is launched",
        "title_fr": "C'est lancé",
        "source-TOTAL_FORMS": "2",
        "source-INITIAL_FORMS": "0",
        "source-0-type": "press",
        "source-0-name": "A newspaper",
        "source-0-url": "https://example.org/story",
        "source-1-type": "press",
        "source-1-name": "",
        "source-1-url": "",
        "date-TOTAL_FORMS": "1",
        "date-INITIAL_FORMS": "0",
        "date-0-at": "2025-08-06",
        "date-0-source": "Another newspaper",
        **changes,
    }


def url(name: str, *args: str) -> str:
    return reverse(f"campaigns:organise-{name}", args=["ours", *args])


def test_an_event_is_added_shown_and_made_public(organiser: Client, campaign: Campaign) -> None:
    added = organiser.post(url("add-event"), form())
    assert added.status_code == 302
    assert added["Location"] == url("edit-event", "launch")
    event = campaign.events.get()
    assert not event.published
    assert event.competing_dates.get().source == "Another newspaper"
    assert "It is launched" in organiser.get(url("campaign")).content.decode()

    assert organiser.post(url("publish-event", "launch")).status_code == 302
    event.refresh_from_db()
    assert event.published

    assert organiser.post(url("unpublish-event", "launch")).status_code == 302
    event.refresh_from_db()
    assert not event.published


def test_the_form_of_an_event_holds_what_is_kept_and_room_for_more(organiser: Client, campaign: Campaign) -> None:
    make_event(campaign=campaign, key="launch", title="It is launched")

    page = organiser.get(url("edit-event", "launch")).content.decode()

    assert 'value="2025-08-07"' in page
    assert 'value="It is launched"' in page
    assert 'value="A newspaper"' in page
    assert 'name="source-2-name"' in page
    assert 'name="key"' not in page


def test_an_emptied_row_takes_the_source_away(organiser: Client, campaign: Campaign) -> None:
    event = make_event(campaign=campaign, key="launch", published=False)

    data = form(
        **{"source-INITIAL_FORMS": "1", "source-0-name": "", "source-0-url": "", "date-0-at": "", "date-0-source": ""}
    )
    response = organiser.post(url("edit-event", "launch"), data)

    assert response.status_code == 302
    assert not event.sources.exists()


def test_a_public_event_keeps_its_last_source_and_the_typed_text(organiser: Client, campaign: Campaign) -> None:
    event = make_event(campaign=campaign, key="launch")

    data = form(**{"source-INITIAL_FORMS": "1", "source-0-name": "", "source-0-url": "", "title_en": "Typed anew"})
    response = organiser.post(url("edit-event", "launch"), data)

    assert response.status_code == 422
    assert "A public event needs a source." in response.content.decode()
    assert 'value="Typed anew"' in response.content.decode()
    assert event.sources.count() == 1


def test_an_event_without_a_source_is_not_made_public(organiser: Client, campaign: Campaign) -> None:
    event = make_event(campaign=campaign, key="launch", sources=(), published=False)

    response = organiser.post(url("publish-event", "launch"), follow=True)

    assert "No event is public without a source. Name one first." in response.content.decode()
    event.refresh_from_db()
    assert not event.published


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"at": "soon"}, "Write 2026-04 for a month"),
        ({"at": ""}, "This field is required."),
        ({"at": "2025-08-07", "until": "2025-08-01"}, "The last date must be later"),
        ({"until": "2025-09"}, "The last date must be later"),
        ({"title_fr": ""}, "This field is required."),
        ({"title_en": "x" * 201}, "at most 200 characters"),
        ({"kind": "party"}, "Select a valid choice"),
        ({"key": "two words"}, "Enter a valid"),
        ({"source-0-url": "javascript:alert(1)"}, "Enter a valid URL"),
        ({"source-0-url": "ftp://example.org/x"}, "Only addresses that begin with http"),
        ({"source-0-name": ""}, "Name the source that this address belongs to."),
        ({"date-0-source": ""}, "A competing date needs both"),
        ({"date-0-at": "soon"}, "Write 2026-04 for a month"),
        ({"source-TOTAL_FORMS": "x"}, "ManagementForm"),
        ({"title_en": "a\x00\u202eb", "at": "soon"}, "Write 2026-04 for a month"),
    ],
)
def test_a_bad_form_is_explained_kept_and_writes_nothing(
    organiser: Client, campaign: Campaign, changes: dict[str, str], sentence: str
) -> None:
    response = organiser.post(url("add-event"), form(**changes))

    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert not campaign.events.exists()


def test_a_taken_name_is_explained(organiser: Client, campaign: Campaign) -> None:
    make_event(campaign=campaign, key="launch")

    response = organiser.post(url("add-event"), form())

    assert response.status_code == 422
    assert "Another event of this campaign has this name." in response.content.decode()


def test_what_nobody_sees_is_cleaned_from_what_is_kept(organiser: Client, campaign: Campaign) -> None:
    organiser.post(url("add-event"), form(title_en="  It\u200b is \u202elaunched "))

    assert campaign.events.get().texts.get(language="en").title == "It is launched"


def test_another_teams_campaign_is_not_found(client: Client, campaign: Campaign) -> None:
    stranger = make_membership(user=make_user(), role=Role.ORGANISER).user
    client.force_login(stranger)
    make_event(campaign=campaign, key="launch")

    assert client.get(url("campaign")).status_code == 404
    assert client.get(url("edit-event", "launch")).status_code == 404
    assert client.post(url("unpublish-event", "launch")).status_code == 404
    assert Event.objects.get().published


def test_strangers_and_the_wrong_role_are_kept_out(
    client: Client, campaign: Campaign, mona: User, charlie: User
) -> None:
    assert client.get(url("campaign")).status_code == 302
    for user in (mona, charlie):
        client.force_login(user)
        assert client.get(url("campaign")).status_code == 403
        assert client.post(url("add-event"), form()).status_code == 403


def test_wrong_methods_and_unknown_events_are_refused(organiser: Client, campaign: Campaign) -> None:
    make_event(campaign=campaign, key="launch")

    assert organiser.post(url("campaign")).status_code == 405
    assert organiser.get(url("publish-event", "launch")).status_code == 405
    assert organiser.put(url("edit-event", "launch")).status_code == 405
    assert organiser.get(url("edit-event", "no-such-event")).status_code == 404


def test_the_list_takes_the_same_queries_however_long_it_is(
    organiser: Client, campaign: Campaign, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(12):
        make_event(campaign=campaign, key=f"event-{number}")

    with django_assert_max_num_queries(14):
        organiser.get(url("campaign"))


def test_the_organisers_first_page_leads_to_the_chronologies_of_their_teams(
    organiser: Client, campaign: Campaign, charlie: User
) -> None:
    make_campaign(slug="theirs")

    page = organiser.get(reverse("petitions:organise")).content.decode()

    assert url("campaign") in page
    assert "theirs" not in page
