"""The live count: what a visitor who leaves the page open sees, in a real browser against a count that changes."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from statistics import median
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import new_visitor
from tests.browser.count_server import REACHED_AT, CountSite, Rung, serving

pytestmark = pytest.mark.slow
# A clock that the test winds must wait for answers, which come in real time.
_COUNT_UNANSWERED = """
    window.unanswered = 0;
    const fetchForReal = window.fetch;
    window.fetch = (...asked) => {
        window.unanswered += 1;
        return fetchForReal(...asked).finally(() => { window.unanswered -= 1; });
    };
"""


_NOTE_QUESTIONS = """() => {
    window.starts = [];
    const ask = window.fetch;
    window.fetch = (...asked) => { starts.push(performance.now()); return ask(...asked); };
}"""
_NOTE_NUMBERS = """
    window.shown = [];
    addEventListener("DOMContentLoaded", () => {
        const number = document.querySelector("[data-count-number]");
        new MutationObserver(() => shown.push(number.textContent)).observe(number, { childList: true });
    });
"""


@pytest.fixture
def site() -> Iterator[CountSite]:
    with serving(CountSite(count=19_999, next_milestone=20_000, milestones=[Rung(15_000, REACHED_AT)])) as site:
        yield site


@pytest.fixture
def page(browser: Browser, site: CountSite) -> Iterator[Page]:
    visitor = new_visitor(browser)
    visitor.add_init_script(_COUNT_UNANSWERED)
    yield visitor.new_page()
    visitor.close()


def _reach_20_000(site: CountSite) -> None:
    site.count, site.next_milestone = 20_000, 25_000
    site.milestones = [*site.milestones, Rung(20_000, REACHED_AT)]


def test_the_milestone_is_marked_and_announced_without_a_reload(page: Page, site: CountSite) -> None:
    page.goto(f"{site.address}/en")
    _reach_20_000(site)

    expect(page.locator("[data-count-number]")).to_have_text("20,000", timeout=2_000)
    reached = page.locator('[data-threshold="20000"]')
    expect(reached).to_contain_class("milestone--reached")
    expect(reached).to_contain_text("22 November 2026")
    expect(page.locator('[data-threshold="25000"]')).to_contain_text("25,000")
    expect(page.locator("progress")).to_have_attribute("max", "25000")
    expect(page.locator("[data-count-next]")).to_contain_text("5,000")
    expect(page.locator("[data-count-status]")).to_contain_text("20,000")


def test_french_numbers_and_dates_keep_their_form(page: Page, site: CountSite) -> None:
    page.goto(f"{site.address}/fr")
    server_wrote = page.locator("[data-count-number]").inner_text()
    _reach_20_000(site)

    expect(page.locator("[data-count-number]")).to_have_text("20\u00a0000", timeout=2_000)
    assert server_wrote == "19\u00a0999"
    expect(page.locator('[data-threshold="20000"]')).to_contain_text("22 novembre 2026")


def test_the_instant_of_the_count_reads_as_the_server_writes_it(page: Page, site: CountSite) -> None:
    page.goto(f"{site.address}/en")
    server_wrote = page.locator("[data-count-as-of]").inner_text()
    site.count = 19_998

    expect(page.locator("[data-count-number]")).to_have_text("19,998", timeout=2_000)
    assert page.locator("[data-count-as-of]").inner_text() == server_wrote


@pytest.mark.parametrize(
    ("language", "one", "two"),
    [
        ("en", "1 more signature to the next milestone: 20,000", "2 more signatures to the next milestone: 20,000"),
        (
            "fr",
            "Encore 1 signature avant le prochain palier : 20\u00a0000",
            "Encore 2 signatures avant le prochain palier : 20\u00a0000",
        ),
    ],
)
def test_what_is_left_is_counted_in_the_right_number(
    page: Page, site: CountSite, language: str, one: str, two: str
) -> None:
    page.goto(f"{site.address}/{language}")
    left = page.locator("[data-count-next]")

    expect(left).to_have_text(one)  # as the server writes it
    site.count = 19_998
    expect(left).to_have_text(two, timeout=2_000)  # as the script does
    site.count = 19_999
    expect(left).to_have_text(one, timeout=2_000)


def test_a_quiet_page_asks_less_and_less_often(page: Page, site: CountSite) -> None:
    site.count = 19_000
    page.clock.install()
    page.goto(f"{site.address}/en")

    asked = _asked_within(page, site, seconds=60)

    # 1 s relaxing by a quarter to 5 s: 17 questions in the first minute, jitter of a fifth either way.
    assert 12 <= asked <= 24


def test_close_to_a_milestone_it_keeps_asking_every_second(page: Page, site: CountSite) -> None:
    page.clock.install()
    page.goto(f"{site.address}/en")

    assert _asked_within(page, site, seconds=30) >= 23


def test_a_hidden_page_asks_nothing_and_asks_at_once_when_it_returns(page: Page, site: CountSite) -> None:
    page.clock.install()
    page.goto(f"{site.address}/en")
    _set_visibility(page, "hidden")
    already = len(site.asked_at)

    assert _asked_within(page, site, seconds=30) == 0
    _set_visibility(page, "visible")
    _let_answers_arrive(page)
    assert len(site.asked_at) == already + 1


def test_errors_make_it_ask_rarely_and_keep_the_number(page: Page, site: CountSite) -> None:
    site.failing = True
    page.clock.install()
    page.goto(f"{site.address}/en")

    # Waits of 1, 2, 4, 8 and 16 s, a fifth either way: five or six questions in the first minute.
    assert 4 <= _asked_within(page, site, seconds=60) <= 6
    expect(page.locator("[data-count-number]")).to_have_text("19,999")


@pytest.mark.parametrize("event", ["focus", "online", "pageshow"])
def test_a_visitor_who_comes_back_sees_the_count_of_now(page: Page, site: CountSite, event: str) -> None:
    site.failing = True
    page.clock.install()
    page.goto(f"{site.address}/en")
    _asked_within(page, site, seconds=40)  # by now it asks every half minute
    site.failing, already = False, len(site.asked_at)

    page.evaluate("(type) => dispatchEvent(new PageTransitionEvent(type, { persisted: true }))", event)
    _let_answers_arrive(page)

    assert len(site.asked_at) == already + 1
    assert _asked_within(page, site, seconds=4) >= 2  # and it follows the count as closely as at first


def test_coming_back_by_two_signs_asks_once(page: Page, site: CountSite) -> None:
    page.clock.install()
    page.goto(f"{site.address}/en")
    _set_visibility(page, "hidden")
    _asked_within(page, site, seconds=5)
    already = len(site.asked_at)

    _set_visibility(page, "visible")
    _let_answers_arrive(page)
    page.evaluate("() => dispatchEvent(new Event('focus'))")
    _let_answers_arrive(page)

    assert len(site.asked_at) == already + 1


def test_visitors_do_not_ask_in_step(page: Page, site: CountSite) -> None:
    page.clock.install()
    page.goto(f"{site.address}/en")
    page.evaluate(_NOTE_QUESTIONS)
    for _ in range(60):  # in steps so small that the waits can be told apart
        page.clock.run_for(200)
        _let_answers_arrive(page)
    starts = page.evaluate("() => starts")

    waits = [after - before for before, after in pairwise(starts)]
    assert min(waits) >= 800  # a second, a fifth either way
    assert median(waits) <= 1_400  # and the step of this test; on a busy machine an answer may come a step later
    assert len({round(wait) for wait in waits}) > 1


def test_it_announces_at_most_once_a_minute_and_then_the_number_of_that_instant(page: Page, site: CountSite) -> None:
    site.count, site.next_milestone = 100, 500
    page.clock.install()
    page.goto(f"{site.address}/en")
    heard = []
    for count in (101, 102, 103):
        site.count = count
        _asked_within(page, site, seconds=3)
        heard.append(_heard(page))
    site.count = 104
    _asked_within(page, site, seconds=63)

    assert heard == ["101 signatures"] * 3
    assert _heard(page) == "104 signatures"


def test_a_milestone_waits_its_minute_and_is_never_lost(page: Page, site: CountSite) -> None:
    site.count, site.next_milestone = 19_990, 20_000
    page.clock.install()
    page.goto(f"{site.address}/en")
    site.count = 19_995
    _asked_within(page, site, seconds=3)
    _reach_20_000(site)
    _asked_within(page, site, seconds=3)
    site.count, site.next_milestone = 25_001, 50_000
    site.milestones = [*site.milestones, Rung(25_000, REACHED_AT)]
    _asked_within(page, site, seconds=3)
    meanwhile = _heard(page)
    site.count = 25_002
    _asked_within(page, site, seconds=60)

    assert meanwhile == "19,995 signatures"
    assert _heard(page) == "Milestone reached: 20,000 signatures. Milestone reached: 25,000 signatures"


@pytest.mark.parametrize(("language", "heard"), [("en", "1 signature"), ("fr", "1 signature")])
def test_the_first_signature_is_announced_as_one(page: Page, site: CountSite, language: str, heard: str) -> None:
    site.count, site.next_milestone, site.milestones = 0, 100, []
    page.goto(f"{site.address}/{language}")
    site.count = 1

    expect(page.locator("[data-count-status]")).to_have_text(heard, timeout=2_000)


def test_a_milestone_of_one_is_announced_as_one(page: Page, site: CountSite) -> None:
    site.count, site.next_milestone, site.milestones = 0, 1, []
    page.goto(f"{site.address}/en")
    site.count, site.next_milestone, site.milestones = 1, 10, [Rung(1, REACHED_AT)]

    expect(page.locator("[data-count-status]")).to_have_text("Milestone reached: 1 signature", timeout=2_000)


def test_above_the_last_milestone_the_bar_is_full_and_nothing_is_left(page: Page, site: CountSite) -> None:
    page.goto(f"{site.address}/en")
    _reach_20_000(site)
    site.next_milestone = None

    expect(page.locator("[data-count-number]")).to_have_text("20,000", timeout=2_000)
    expect(page.locator("[data-count-next]")).to_have_text("")
    assert page.locator("progress").evaluate("(bar) => bar.position") == 1


def test_a_hidden_page_announces_nothing_that_nobody_would_hear(page: Page, site: CountSite) -> None:
    page.clock.install()
    page.goto(f"{site.address}/en")
    _set_visibility(page, "hidden")
    _reach_20_000(site)
    _asked_within(page, site, seconds=5)
    while_hidden = _heard(page)

    _set_visibility(page, "visible")
    _let_answers_arrive(page)

    assert (while_hidden, _heard(page)) == ("", "Milestone reached: 20,000 signatures")


def test_an_answer_that_a_cache_has_kept_too_long_is_neither_shown_nor_announced(page: Page, site: CountSite) -> None:
    page.clock.install()
    page.goto(f"{site.address}/en")
    _reach_20_000(site)
    site.age_s = 45

    assert _asked_within(page, site, seconds=30) <= 5  # as after any other error
    expect(page.locator("[data-count-number]")).to_have_text("19,999")
    assert _heard(page) == ""


def test_an_older_answer_never_replaces_a_newer_one(page: Page, site: CountSite) -> None:
    page.clock.install()
    page.goto(f"{site.address}/en")
    site.count = 19_998
    _asked_within(page, site, seconds=3)
    site.count, site.as_of = 19_900, REACHED_AT - timedelta(seconds=1)
    _asked_within(page, site, seconds=5)

    expect(page.locator("[data-count-number]")).to_have_text("19,998")


@pytest.mark.parametrize(("motion", "is_animated"), [("no-preference", True), ("reduce", False)])
def test_the_number_runs_unless_the_visitor_wants_stillness(
    page: Page, site: CountSite, motion: Literal["no-preference", "reduce"], is_animated: bool
) -> None:
    site.count, site.next_milestone = 1_000, 50_000
    page.emulate_media(reduced_motion=motion)
    page.add_init_script(_NOTE_NUMBERS)
    page.clock.install()
    page.goto(f"{site.address}/en")
    site.count = 9_000
    _asked_within(page, site, seconds=4)

    shown = page.evaluate("() => window.shown")

    assert shown[-1] == "9,000"
    assert (len(set(shown)) > 5) == is_animated


def _heard(page: Page) -> str:
    return page.locator("[data-count-status]").inner_text()


def _asked_within(page: Page, site: CountSite, *, seconds: int) -> int:
    """This function will let the page's clock run, and real time stand until each question is answered and read."""
    before = len(site.asked_at)
    for _ in range(seconds * 4):
        page.clock.run_for(250)
        _let_answers_arrive(page)
    return len(site.asked_at) - before


def _let_answers_arrive(page: Page) -> None:
    page.evaluate(
        """async () => {
            const turn = () => new Promise((done) => {
                const channel = new MessageChannel();
                channel.port1.onmessage = () => { channel.port1.close(); done(); };
                channel.port2.postMessage(0);
            });
            await turn();
            while (window.unanswered > 0) await turn();
            for (let i = 0; i < 3; i++) await turn();
        }"""
    )


def _set_visibility(page: Page, state: str) -> None:
    page.evaluate(
        """(state) => {
            Object.defineProperty(document, "hidden", { configurable: true, get: () => state === "hidden" });
            document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
        }""",
        state,
    )
