"""The live count: what a visitor who leaves the page open sees, in a real browser against a count that changes."""

from collections.abc import Iterator

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


def test_it_announces_at_most_once_a_minute(page: Page, site: CountSite) -> None:
    site.count, site.next_milestone = 100, 500
    page.clock.install()
    page.goto(f"{site.address}/en")
    heard = []
    for count in (101, 102, 103):
        site.count = count
        _asked_within(page, site, seconds=3)
        heard.append(page.locator("[data-count-status]").inner_text())

    assert heard == [heard[0]] * 3
    assert "101" in heard[0]


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
            document.dispatchEvent(new Event("visibilitychange"));
        }""",
        state,
    )
