"""Who is led past the session: nobody there is known, and no form there can be sent from another site."""

import pytest
from django.test import Client

from tests.factories import make_petition
from tests.test_staff_urls import SAMPLES, urls_in

pytestmark = pytest.mark.django_db
FROM_HERE, FROM_ELSEWHERE = {"sec-fetch-site": "same-origin"}, {"sec-fetch-site": "cross-site"}


def paths_past_the_session() -> list[str]:
    paths = {url.path for language in ("en", "fr") for url in urls_in(language)}
    return sorted(path for path in paths if not hasattr(Client().get(path).wsgi_request, "session"))


def test_links_of_mails_and_the_signing_form_ask_nobody_who_they_are() -> None:
    make_petition(slug=str(SAMPLES["slug"]))

    past = paths_past_the_session()

    assert {"/en/verify/x/", "/fr/my-signature/x/", "/en/unsubscribe/x/", "/fr/petitions/x/sign/"} <= set(past)
    assert not [path for path in past if "/organise/" in path or "/accounts/" in path or "/moderate/" in path]


def test_an_answer_to_somebody_signed_in_is_a_strangers(charlie_client: Client) -> None:
    for path in paths_past_the_session():
        assert charlie_client.get(path).content == Client().get(path).content, path


def test_no_form_past_the_session_is_taken_from_another_site() -> None:
    make_petition(slug=str(SAMPLES["slug"]))
    browser = Client(enforce_csrf_checks=True)

    for path in paths_past_the_session():
        assert browser.post(path, headers=FROM_ELSEWHERE).status_code in (403, 405), path
        assert browser.post(path, headers=FROM_HERE).status_code != 403, path
