"""
Whoever leaves is nowhere any more: not in any table, seal, cache, file or log line, nor on a page or in an export.

One person does all that a person can do, through pages and mails, and leaves. Before that, the same search finds them
wherever they are kept, so that finding nothing afterwards says something.
"""

import html
import io
import logging
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEntry, Team, User
from outbox.delivery import deliver_batch
from outbox.mailbox import list_mails
from outbox.models import MessageState, OutgoingMessage
from outbox.tasks import forget_owed_messages
from petitions.actions.milestone_news import expand_milestone_notice
from petitions.actions.reviewing import decide_comment
from petitions.actions.tally import fold_tally
from petitions.models import CommentState, PendingSignature, Petition, QuestionKind, Signature
from petitions.queries.comments import comment_mark
from tests.dumping import Find, dump_everything, find_in
from tests.factories import make_petition, make_question, make_signature, make_user
from tests.sign_forms import carried

ADDRESS = "quirina.zebedee@nothing-left.example"
FIRST_NAME, NAME, NAME_OF_A_STRANGER = "Quirinna Zebedy", "Quirina Zebedee", "Mallorca Impostor"
FIRST_COMMENT, COMMENT = "Elle lit mes brouillons avec patience.", "Elle lisait mes brouillons avec patience."
ANSWER, POSTCODE = "Chaque matin dans le train de Quimper", "QZ-29000"
PERSON = (ADDRESS, "nothing-left", FIRST_NAME, NAME, NAME_OF_A_STRANGER, FIRST_COMMENT, COMMENT, ANSWER, POSTCODE)
CANARY = "a canary that stays"
Search = Callable[[], list[Find]]

pytestmark = pytest.mark.django_db


@pytest.fixture
def petition(team: Team) -> Petition:
    petition = make_petition(team=team, slug="x", ladder=[1, 2])
    Petition.objects.filter(pk=petition.pk).update(asks_comment=True, asks_postcode=True)
    make_question(petition=petition, kind=QuestionKind.TEXT)
    return Petition.objects.get(pk=petition.pk)


@pytest.fixture
def search(tmp_path: Path, mail_dir: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> Search:
    """Looks for the person and the canary everywhere but in the mailbox: that stands for mail that has left."""
    monkeypatch.setattr(settings, "VAR_DIR", tmp_path)
    caplog.set_level(logging.DEBUG)
    # Text that may stay, one in each place: a search that would miss it would miss a person, too.
    make_user(email="canary@example.org", display_name=CANARY)
    cache.set("canary", CANARY)
    (tmp_path / "canary.txt").write_text(CANARY)

    def everywhere() -> list[Find]:
        logging.getLogger("keep4o.tests").info(CANARY)
        dump = dump_everything(records=caplog.records, files=tmp_path, apart_from=mail_dir)
        assert {find.place for find in find_in(dump, [CANARY])} == {"accounts_user", "Valkey", "files", "log"}
        return find_in(dump, PERSON)

    return everywhere


def deliver() -> None:
    while deliver_batch(now=timezone.now()).sent:
        pass
    forget_owed_messages()


def mailed_link(part: str) -> str:
    deliver()
    mails = " ".join(html.unescape(mail.text) for mail in list_mails(recipient=ADDRESS))
    found = re.search(rf"https?://[^/\s]+(/fr/{part}/[^\s/]+/)", mails)
    assert found is not None, part
    return found[1]


def typed(petition: Petition, **changes: str) -> dict[str, str]:
    question = petition.questions.get()
    return {
        "name": FIRST_NAME,
        "email": ADDRESS,
        "country": "FR",
        "postcode": POSTCODE,
        "comment": FIRST_COMMENT,
        "name_shown": "full",
        f"question_{question.pk}": ANSWER,
        "wants_news": "on",
        **carried("x"),
        **changes,
    }


def live_a_whole_life(client: Client, *, petition: Petition, reviewer: User) -> str:
    """Signs, proves, puts right, is published, gets news and is signed for by a stranger; returns the own page's path."""
    assert client.post("/fr/petitions/x/sign/", typed(petition)).status_code == 303
    assert client.post(mailed_link("verify"), typed(petition)).status_code == 303
    fold_tally(petition_id=petition.pk, now=timezone.now())
    expand_milestone_notice(now=timezone.now())
    mine = mailed_link("my-signature")
    seen = re.search(r'name="seen" value="([0-9a-f]+)"', client.get(mine).text)
    assert seen is not None
    put_right = typed(petition, name=NAME, comment=COMMENT, seen=seen[1])
    assert client.post(mine, put_right).status_code == 303
    publish_comment(petition, reviewer=reviewer)
    assert client.post("/fr/petitions/x/sign/", typed(petition, name=NAME_OF_A_STRANGER)).status_code == 303
    bot = typed(petition, name=NAME_OF_A_STRANGER, homepage="https://spam.example/")
    assert client.post("/fr/petitions/x/sign/", bot).status_code == 303
    deliver()
    owe_more_news(petition)
    return mine


def publish_comment(petition: Petition, *, reviewer: User) -> None:
    row = Signature.objects.get(comment_state=CommentState.WAITING)
    seen = comment_mark(row)
    decide_comment(
        petition_id=petition.pk, signature_id=row.pk, publish=True, seen=seen, now=timezone.now(), actor=reviewer
    )


def owe_more_news(petition: Petition) -> None:
    """A second milestone, whose news has not left when the person does."""
    make_signature(petition=petition, verified_at=timezone.now())
    fold_tally(petition_id=petition.pk, now=timezone.now())
    expand_milestone_notice(now=timezone.now())
    assert OutgoingMessage.objects.filter(kind="milestone_news", state=MessageState.DUE).exists()


def public_pages(client: Client) -> str:
    return " ".join(client.get(f"/fr/petitions/x/{page}").text for page in ("", "comments/", "integrity/", "history/"))


def staff_pages(staff: Client, petition: Petition) -> str:
    question = petition.questions.get().pk
    paths = ("", "answers/", f"answers/{question}/", "comments/", "comments/?state=published", "integrity/")
    pages = " ".join(staff.get(f"/fr/organise/petitions/x/{path}").text for path in paths)
    return pages + staff.post("/fr/organise/petitions/x/answers/export/").getvalue().decode()


def assert_is_found_while_here(found: list[Find]) -> None:
    places = {find.place for find in found}
    assert {
        "petitions_signature, opened",
        "outbox_outgoingmessage, opened",
        "petitions_pendingsignature, opened",
    } <= places
    assert {find.text for find in found} == set(PERSON)  # each of them somewhere
    assert not [find for find in found if not find.place.endswith(", opened")]  # and nowhere but under a seal


def leave_by(client: Client, mine: str, act: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if act == "erase_person":
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{ADDRESS}\n"))
        call_command("erase_person", stdout=io.StringIO())
    else:
        assert client.post(f"{mine}{act}/").status_code == 303


@pytest.mark.parametrize("act", ["erase", "withdraw", "erase_person"])
def test_nothing_is_left_of_a_person_who_leaves(
    bob_client: Client, petition: Petition, search: Search, act: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client()
    mine = live_a_whole_life(client, petition=petition, reviewer=User.objects.get(email="bob@example.org"))
    assert_is_found_while_here(search())
    assert COMMENT in public_pages(client)
    assert NAME in public_pages(client)
    assert ANSWER in staff_pages(bob_client, petition)

    leave_by(client, mine, act, monkeypatch)

    assert search() == []
    deliver()
    assert search() == []
    pages = {"public": public_pages(client), "staff": staff_pages(bob_client, petition), "mine": client.get(mine).text}
    assert [(name, text) for name, page in pages.items() for text in PERSON if text in page] == []
    assert not PendingSignature.objects.exists()
    assert Signature.objects.counted().count() == (1 if act == "withdraw" else 2)
    assert AuditEntry.objects.exists()  # the comment's review, say, and it is searched with the rest
