"""What a petition asks, who may sign it, and the versions of its consent."""

from collections.abc import Sequence
from functools import partial

import pytest

from accounts.models import AuditEntry, User
from petitions.actions import editing
from petitions.models import Eligibility, NewsConsent, Petition
from petitions.queries.consents import consent_versions
from tests.factories import NOW, make_petition, make_signature
from tests.parallel import run_all_in_parallel, run_in_parallel

pytestmark = pytest.mark.django_db


@pytest.fixture
def petition() -> Petition:
    return make_petition(slug="keep")


def audit() -> list[tuple[str, str]]:
    return list(AuditEntry.objects.order_by("id").values_list("verb", "subject"))


# --- Fields ---------------------------------------------------------------------------------------------------------
def ask(petition: Petition, *, country: bool = True, postcode: bool = False, comment: bool = False) -> Petition:
    return editing.change_asked(
        petition_id=petition.pk, asks_country=country, asks_postcode=postcode, asks_comment=comment, now=NOW
    )


def test_fields_are_asked_as_organisers_wish(petition: Petition) -> None:
    ask(petition, country=False, postcode=True, comment=True)

    petition.refresh_from_db()
    assert (petition.asks_country, petition.asks_postcode, petition.asks_comment) == (False, True, True)
    assert audit() == [("petition.fields-changed", "keep postcode, comment")]


def test_asking_for_the_same_again_writes_nothing(petition: Petition) -> None:
    ask(petition)

    assert audit() == []


def test_the_country_stays_while_it_says_who_may_sign(petition: Petition) -> None:
    allow(petition, Eligibility.COUNTRIES, countries=["FR"])

    with pytest.raises(editing.CountryNeeded):
        ask(petition, country=False)


# --- Who may sign ---------------------------------------------------------------------------------------------------
def allow(
    petition: Petition, rule: Eligibility, *, domains: Sequence[str] = (), countries: Sequence[str] = ()
) -> Petition:
    return editing.change_eligibility(
        petition_id=petition.pk, who_may_sign=rule, allowed_domains=domains, allowed_countries=countries, now=NOW
    )


def test_a_rule_keeps_its_list_in_order_and_once(petition: Petition, bob: User) -> None:
    allow(petition, Eligibility.DOMAINS, domains=("b.example", "a.example", "b.example"))

    petition.refresh_from_db()
    assert (petition.who_may_sign, petition.allowed_domains) == ("domains", ["a.example", "b.example"])
    assert audit() == [("petition.eligibility-changed", "keep domains 2")]


def test_a_list_outlives_the_rule_that_used_it(petition: Petition) -> None:
    allow(petition, Eligibility.DOMAINS, domains=("a.example",))
    allow(petition, Eligibility.ANYONE, domains=("a.example",))

    petition.refresh_from_db()
    assert (petition.who_may_sign, petition.allowed_domains) == ("anyone", ["a.example"])


def test_the_same_rule_again_writes_nothing(petition: Petition) -> None:
    for _ in range(2):
        allow(petition, Eligibility.COUNTRIES, countries=["FR", "BE"])

    assert len(audit()) == 1


@pytest.mark.parametrize("rule", [Eligibility.DOMAINS, Eligibility.COUNTRIES])
def test_a_rule_names_somebody(petition: Petition, rule: Eligibility) -> None:
    with pytest.raises(editing.NobodyNamed):
        allow(petition, rule)


def test_a_rule_of_countries_needs_the_question(petition: Petition) -> None:
    ask(petition, country=False)

    with pytest.raises(editing.CountryNeeded):
        allow(petition, Eligibility.COUNTRIES, countries=["FR"])


@pytest.mark.django_db(transaction=True)
def test_rule_and_field_changed_at_once_never_contradict_each_other() -> None:
    petition = make_petition()
    without = partial(ask, petition, country=False)
    by_country = partial(allow, petition, Eligibility.COUNTRIES, countries=["FR"])

    outcomes = run_all_in_parallel([without, by_country, without, by_country])

    petition.refresh_from_db()
    assert petition.asks_country or petition.who_may_sign == Eligibility.ANYONE
    assert {type(outcome).__name__ for outcome in outcomes} == {"Petition", "CountryNeeded"}


# --- Consent --------------------------------------------------------------------------------------------------------
def publish(petition: Petition, words: str, *, seen: int) -> NewsConsent:
    return editing.publish_news_consent(petition_id=petition.pk, labels={"en": words}, seen_version=seen, now=NOW)


def test_each_publishing_is_the_next_version(petition: Petition) -> None:
    first, second = publish(petition, "News?", seen=0), publish(petition, "More news?", seen=1)

    assert (first.version, second.version) == (1, 2)
    assert audit() == [("news-consent.published", "keep v1"), ("news-consent.published", "keep v2")]


def test_the_very_same_words_are_no_new_version(petition: Petition) -> None:
    publish(petition, "News?", seen=0)

    assert publish(petition, "News?", seen=1).version == 1
    assert len(audit()) == 1


def test_a_version_that_was_not_seen_is_not_covered(petition: Petition) -> None:
    publish(petition, "News?", seen=0)

    with pytest.raises(editing.StaleConsent):
        publish(petition, "Mine", seen=0)


@pytest.mark.django_db(transaction=True)
def test_two_versions_at_once_are_one_and_a_conflict() -> None:
    petition = make_petition()
    words = iter("abcd")

    outcomes = run_in_parallel(lambda: publish(petition, next(words), seen=0), times=4)

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NewsConsent"] + ["StaleConsent"] * 3


def test_versions_tell_how_many_agreed_to_each(petition: Petition) -> None:
    first, second = publish(petition, "News?", seen=0), publish(petition, "More?", seen=1)
    for consent, wants in ((None, True), (first, True), (first, True), (first, False), (second, False)):
        signature = make_signature(petition=petition, wants_news=wants)
        signature.news_consent = consent
        signature.save()
    make_signature(petition=petition, wants_news=True, invalidated_at=NOW)

    listed = [(each.consent and each.consent.version, each.agreed) for each in consent_versions(petition=petition)]

    assert listed == [(2, 0), (1, 2), (None, 1)]
