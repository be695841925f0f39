"""Over a real connection: the same bytes, status, headers and cookies, whatever is known of an address."""

import pytest

from petitions.rules.signing import MAILS_PER_DAY
from tests.faults.own_postgres import SiteWithPostgres
from tests.faults.visitors import SLUG, Answer, Visitor, eventually, mailed_links
from tests.web_forms import WebForm

pytestmark = pytest.mark.slow
OF_ONE_REQUEST = {"x-request-id", "date", "expires"}
NEXT_PAGE = f"/en/petitions/{SLUG}/check-your-email/"


def seen(answer: Answer) -> tuple[int, list[tuple[str, str]], str]:
    named = [(name.lower(), value) for name, value in answer.headers.items()]
    return answer.status, [pair for pair in named if pair[0] not in OF_ONE_REQUEST], answer.page


def test_nothing_in_an_answer_tells_what_is_known_of_an_address(running: SiteWithPostgres, form: WebForm) -> None:
    site = running.site
    new, repeated, proved, over = (Visitor(site_url=site.url) for _ in range(4))
    repeated.sign(form)
    proved.sign(form)
    for _ in range(MAILS_PER_DAY):
        over.sign(form)
    eventually(lambda: proved.address in mailed_links(site))
    proved.prove(mailed_links(site)[proved.address])

    usual = seen(new.sign(form))
    others = {
        "repeated": repeated.sign(form),
        "proved": proved.sign(form),
        "over the limit": over.sign(form),
        "disposable": new.press(form, {"name": "Ada Lovelace", "email": "ada@mailinator.com"}),
        "caught by the trap": new.press(form, {"name": "Ada", "email": "ada@example.org", "homepage": "x"}),
        "at once": new.press(form, {"name": "Ada", "email": "ada@example.org", "form_token": ""}),
    }

    assert usual[0] == 303
    assert "set-cookie" not in dict(usual[1])
    assert {name: seen(answer) for name, answer in others.items()} == dict.fromkeys(others, usual)
    pages = {name: seen(Visitor(site_url=site.url).ask("GET", NEXT_PAGE)) for name in others}
    assert len({page[2] for page in pages.values()}) == 1
