"""What the signing form carries beside a person's words, and what of it an attempt is judged by."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest

from accounts.visitors import visitor_network
from petitions.actions.defence import Evidence
from petitions.queries.sign_forms import make_form_token, sent_form
from petitions.queries.work import asked_work

# A name that programs which fill in every field like, and that no browser completes from its address book.
HONEYPOT, FORM_TOKEN, WORK = "homepage", "form_token", "work"


@dataclass(frozen=True, kw_only=True)
class FormDefence:
    """The fields that no person fills in: the stamp, how much work is asked for, and where."""

    token: str
    asked_work: int
    work_url: str


def evidence_of(request: HttpRequest, *, address: str) -> Evidence:
    """This function will gather what came with an attempt; `address` is the one that the form has cleaned."""
    said = request.POST
    return Evidence(
        address=address,
        network=visitor_network(request.META),
        honeypot=said.get(HONEYPOT, ""),
        form_token=said.get(FORM_TOKEN, ""),
        work=said.get(WORK, ""),
    )


def form_defence(request: HttpRequest, *, slug: str, now: datetime) -> FormDefence:
    """This function will make the fields for a page; a form that is shown again keeps its stamp."""
    said = request.POST
    asked, sent = asked_work(slug=slug, now=now), said.get(FORM_TOKEN, "")
    is_again = bool(sent) and sent_form(slug=slug, token=sent, now=now) is not None
    return FormDefence(
        token=sent if is_again else make_form_token(slug=slug, asked_work=asked, now=now),
        asked_work=asked,
        work_url=f"/api/v1/petitions/{slug}/work",  # the API is mounted by the site, which this app does not know
    )
