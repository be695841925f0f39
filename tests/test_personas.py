"""The world of the tests itself: people hold the roles that their names promise, and factories make valid rows."""

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.roles import MODERATE, RUN_PETITIONS, has_role
from petitions.models import PetitionText, Signature, TallyEntry
from tests.factories import make_petition, make_signature
from tests.parallel import results_of, run_in_parallel


def test_bob_runs_petitions_and_charlie_does_not(bob: User, charlie: User) -> None:
    assert has_role(user=bob, roles=RUN_PETITIONS)
    assert not has_role(user=charlie, roles=RUN_PETITIONS)


def test_mona_and_max_moderate(mona: User, max_: User) -> None:
    assert has_role(user=mona, roles=MODERATE)
    assert has_role(user=max_, roles=MODERATE)


def test_personas_are_signed_in(bob_client: Client, bob: User) -> None:
    assert bob_client.session["_auth_user_id"] == str(bob.pk)
    assert bob_client.get(reverse("healthz")).status_code == 200


@pytest.mark.django_db
def test_a_made_petition_has_a_text_in_each_language() -> None:
    petition = make_petition()

    assert set(PetitionText.objects.filter(petition=petition).values_list("language", flat=True)) == {"en", "fr"}


@pytest.mark.django_db(transaction=True)
def test_parallel_calls_each_commit_by_themselves() -> None:
    petition = make_petition()

    results_of(run_in_parallel(lambda: make_signature(petition=petition), times=5))

    assert Signature.objects.filter(petition=petition).count() == 5
    assert TallyEntry.objects.filter(petition=petition).count() == 5


def test_what_one_test_caches_another_does_not_see() -> None:
    assert cache.get("seen") is None
    cache.set("seen", "yes", 5)
    assert cache.get("seen") == "yes"
