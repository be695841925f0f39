"""One address names a server or the sentinels that know which of several is the primary."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from redis import Redis
from redis.sentinel import SentinelConnectionPool

from accounts.valkey import AnyPool, sentinels_of

FULL = "sentinel://site:p%40ss@one,two:7000,[::1]:7001/main?db=3&sentinel_password=other"


def test_an_address_of_sentinels_names_them_all_and_the_primary() -> None:
    sentinels = sentinels_of(FULL)

    assert sentinels is not None
    assert sentinels.hosts == (("one", 26379), ("two", 7000), ("::1", 7001))
    assert (sentinels.primary, sentinels.database) == ("main", 3)
    assert (sentinels.username, sentinels.password, sentinels.sentinel_password) == ("site", "p@ss", "other")


def test_celery_gets_one_address_for_each_sentinel() -> None:
    sentinels = sentinels_of(FULL)

    assert sentinels is not None
    assert sentinels.celery_url.split(";") == [
        "sentinel://site:p%40ss@one:26379/3",
        "sentinel://site:p%40ss@two:7000/3",
        "sentinel://site:p%40ss@[::1]:7001/3",
    ]


def test_without_words_about_it_the_database_is_the_first_and_nobody_has_a_password() -> None:
    sentinels = sentinels_of("sentinel://one/main")

    assert sentinels is not None
    assert (sentinels.database, sentinels.username, sentinels.password) == (0, None, None)
    assert sentinels.celery_url == "sentinel://one:26379/0"


@pytest.mark.parametrize("url", ["redis://one:6379/1", "unix:///run/valkey.sock?db=1", "rediss://one"])
def test_any_other_address_is_a_servers(url: str) -> None:
    assert sentinels_of(url) is None
    assert not isinstance(AnyPool.from_url(url), SentinelConnectionPool)


@pytest.mark.parametrize(
    "url",
    [
        "sentinel://one",
        "sentinel:///main",
        "sentinel://one,/main",
        "sentinel://one:port/main",
        "sentinel://one/main/0",
        "sentinel://one/main?db=first",
        "sentinel://user:secret@one/main?master=two",
        "redis+cluster://one:6379",
    ],
)
def test_an_address_that_cannot_be_read_stops_the_start_and_tells_no_password(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="REDIS_URL") as refusal:
        sentinels_of(url)

    assert "secret" not in str(refusal.value)


def test_a_pool_of_sentinels_keeps_what_its_user_wants() -> None:
    pool = AnyPool.from_url(FULL, socket_timeout=0.25)

    assert isinstance(pool, SentinelConnectionPool)
    assert pool.connection_kwargs["socket_timeout"] == 0.25
    assert pool.connection_kwargs["db"] == 3
    assert Redis(connection_pool=pool).connection_pool is pool
