"""People at their browsers, many at once: they sign, prove, press again where they are asked to, and note every answer."""

import email
import email.policy
import http.client
import itertools
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from urllib.parse import urlencode, urlsplit

from tests.live_site import LiveSite
from tests.web_forms import WebForm, forms_of

SLUG = "keep-gpt-4o"
PETITION = f"/en/petitions/{SLUG}/"
FORM = "application/x-www-form-urlencoded"
ANSWER_TIMEOUT_S = 20
DEADLINE_S = 40
PAUSE_S = 0.02  # between two presses of one visitor: the machine is for the site
BEHIND_PROXY = {"BEHIND_PROXY": "1"}  # so that each visitor comes from an address of their own
_numbers = itertools.count(1)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back, and after how long."""

    status: int
    headers: Message
    page: str
    took_s: float

    @property
    def location(self) -> str:
        return str(self.headers.get("Location", ""))


@dataclass(kw_only=True)
class Visitor:
    """One person in a network and with a mail domain of their own, so that nobody is held for what others do."""

    site_url: str
    number: int = field(default_factory=lambda: next(_numbers))
    answers: list[Answer] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"visitor@n{self.number}.example.org"

    def ask(self, method: str, path: str, body: bytes | str = b"", headers: Mapping[str, str] | None = None) -> Answer:
        connection = http.client.HTTPConnection(urlsplit(self.site_url).netloc, timeout=ANSWER_TIMEOUT_S)
        started = time.monotonic()
        try:
            connection.request(method, path, body or None, {**self._headers(), **(headers or {})})
            response = connection.getresponse()
            page = response.read().decode(errors="replace")
        finally:
            connection.close()
        answer = Answer(
            status=response.status,
            headers=response.headers,
            page=page,
            took_s=time.monotonic() - started,
        )
        self.answers.append(answer)
        return answer

    def post(self, path: str, form: Mapping[str, str]) -> Answer:
        return self.ask("POST", path, urlencode(form), {"Content-Type": FORM})

    def sign(self, form: WebForm) -> Answer:
        return self.press(form, {"name": "Ada Lovelace", "email": self.address})

    def prove(self, link: str) -> Answer:
        """This function will open a mailed link and press its button."""
        page = self._until_taken(lambda: self.ask("GET", link))
        return self.press(forms_of(page.page, page_path=link)[0], {})

    def press(self, form: WebForm, typed: Mapping[str, str]) -> Answer:
        """This function will send a form, and again as the site gives it back, until it is taken."""
        answer = self.post(form.path, {**form.fields, **typed})
        deadline = time.monotonic() + DEADLINE_S
        while answer.status == 503:
            assert time.monotonic() < deadline
            time.sleep(PAUSE_S * 5)
            (kept,) = forms_of(answer.page, page_path=form.path)
            answer = self.post(kept.path, kept.fields)
        return answer

    def _until_taken(self, ask: Callable[[], Answer]) -> Answer:
        deadline = time.monotonic() + DEADLINE_S
        while (answer := ask()).status == 503:
            assert time.monotonic() < deadline
            time.sleep(PAUSE_S * 5)
        return answer

    def _headers(self) -> dict[str, str]:
        high, low = divmod(self.number, 250)
        return {"X-Forwarded-For": f"10.{high}.{low}.7", "X-Forwarded-Proto": "http", "Connection": "close"}


class Crowd:
    """Visitors who sign and prove side by side until they are told to stop."""

    def __init__(self, site: LiveSite, form: WebForm) -> None:
        self.site = site
        self.form = form
        self.visitors: list[Visitor] = []
        self.signed: list[str] = []  # the addresses whose attempt was acknowledged
        self.proved: list[str] = []
        self.taken = 0
        self._is_over = threading.Event()

    @property
    def answers(self) -> list[Answer]:
        return [answer for visitor in self.visitors for answer in list(visitor.answers)]

    def statuses(self) -> set[int]:
        return {answer.status for answer in self.answers}

    def count_of(self, status: int) -> int:
        return sum(answer.status == status for answer in self.answers)

    def one_signs(self) -> None:
        visitor = self._visitor()
        answer = visitor.sign(self.form)
        assert answer.location.endswith("/check-your-email/"), answer.status
        self.signed.append(visitor.address)
        self.taken += 1

    def one_proves(self, address: str, link: str) -> None:
        answer = self._visitor().prove(link)
        assert answer.location.endswith("/thank-you/"), answer.status
        self.proved.append(address)
        self.taken += 1

    def one_reads(self) -> None:
        self._visitor().ask("GET", PETITION)

    @contextmanager
    def at_work(self, *, signers: int, readers: int) -> Iterator[None]:
        """This function will keep signers and readers busy until the block ends, and prove what was signed before it."""
        links = mailed_links(self.site)
        unproved = [(address, links[address]) for address in self.signed]
        with ThreadPoolExecutor(signers + readers + 2) as threads:
            acts = [self.one_signs] * signers + [self.one_reads] * readers
            work = [threads.submit(self._repeat, act) for act in acts]
            work += [threads.submit(self._prove_all, unproved) for _ in range(2)]
            try:
                yield
            finally:
                self._is_over.set()
                _raise_what_they_met(work)

    def _repeat(self, act: Callable[[], None]) -> None:
        while not self._is_over.is_set():
            act()
            time.sleep(PAUSE_S)

    def _prove_all(self, unproved: list[tuple[str, str]]) -> None:
        while unproved:
            self.one_proves(*unproved.pop())
            self._is_over.wait(PAUSE_S * 5)

    def _visitor(self) -> Visitor:
        visitor = Visitor(site_url=self.site.url)
        self.visitors.append(visitor)
        return visitor


def _raise_what_they_met(work: list[Future[None]]) -> None:
    for one in work:
        one.result(DEADLINE_S)


def signing_form(site: LiveSite) -> WebForm:
    """This function will open the petition and wait for as long as a person needs to read its form."""
    answer = Visitor(site_url=site.url).ask("GET", PETITION)
    assert answer.status == 200
    form = next(form for form in forms_of(answer.page, page_path=PETITION) if form.path.endswith("/sign/"))
    time.sleep(2.1)  # under such a load a form that comes back sooner is held: settings.FORM_MIN_AGE
    form.fields.pop("wants_news", None)
    return form


def eventually(is_true: Callable[[], bool], *, within_s: float = DEADLINE_S) -> None:
    deadline = time.monotonic() + within_s
    while not is_true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def mailed_links(site: LiveSite) -> dict[str, str]:
    """This function will read the newest link to prove of each address that was mailed one."""
    links = {}
    for file in sorted(site.mail_dir.glob("*.eml")):
        mail = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        body = mail.get_body(("plain",))
        found = re.search(r"http://[^/]+(/\S+/verify/\S+)", body.get_content() if body else "")
        if found:
            links[str(mail["To"])] = found[1]
    return links
