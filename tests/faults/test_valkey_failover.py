"""The primary Valkey is killed under load: its sentinels name another, and the site goes on with that one."""

import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from keep4o_site.stack.places import Places
from keep4o_site.stack.supervision import Family
from tests.faults.own_sentinels import WatchedValkey
from tests.faults.visitors import BEHIND_PROXY, SLUG, Crowd, Visitor, eventually, mailed_links, signing_form
from tests.live_site import LiveSite, demo_template, live_site_over

pytestmark = pytest.mark.slow  # the whole product, two servers and three sentinels
MAY_WAIT_S = 5
GOES_ON_S = 20  # one second to notice, a vote, and Celery's pauses of 2 and 4 seconds between its tries


@pytest.fixture
def watched() -> Iterator[WatchedValkey]:
    places = Places(var=Path(tempfile.mkdtemp(prefix="keep4o-sentinels-")))
    places.make()
    try:
        with Family() as family:
            yield WatchedValkey(places=places, family=family)
            family.kill()
    finally:
        shutil.rmtree(places.var, ignore_errors=True)


@pytest.fixture
def site(watched: WatchedValkey) -> Iterator[LiveSite]:
    env = {"REDIS_URL": watched.url}
    web_env = {**env, **BEHIND_PROXY, "DATABASE_POOL_SIZE": "4"}
    with live_site_over(template=demo_template(), web_env=web_env, worker_env=env) as site:
        site.stop_valkey()  # which is not the one in use
        yield site


def test_the_site_goes_on_with_the_valkey_that_the_sentinels_choose(watched: WatchedValkey, site: LiveSite) -> None:
    crowd = Crowd(site, signing_form(site))
    for _ in range(4):
        crowd.one_signs()
    eventually(lambda: set(mailed_links(site)) >= set(crowd.signed))
    before = count_on(site)

    with crowd.at_work(signers=2, readers=1):
        first = watched.kill_primary()
        killed_at = time.monotonic()
        signed = len(crowd.signed)
        eventually(lambda: len(crowd.signed) >= signed + 3)
        eventually(lambda: watched.primary_port() not in (0, first))
        # Tasks go on: what is signed from now on is mailed, and what was proved is counted.
        now_signed = list(crowd.signed)
        eventually(lambda: set(mailed_links(site)) >= set(now_signed), within_s=GOES_ON_S)
        assert time.monotonic() - killed_at < GOES_ON_S
    eventually(lambda: count_on(site) == before + len(crowd.proved))

    # Back, and a second time: the one that was lost takes over again.
    watched.bring_back(first)
    eventually(lambda: watched.follows(first))
    watched.kill_primary()
    crowd.one_signs()
    eventually(lambda: set(mailed_links(site)) >= set(crowd.signed), within_s=GOES_ON_S)

    assert crowd.statuses() <= {200, 303}
    assert max(answer.took_s for answer in crowd.answers) < MAY_WAIT_S
    assert watched.primary_port() == first


def count_on(site: LiveSite) -> int:
    answer = Visitor(site_url=site.url).ask("GET", f"/api/v1/petitions/{SLUG}/count")
    return int(json.loads(answer.page)["count"])
