"""Nobody reads a comment before somebody of the team has: the decision, its page, and two who decide at once."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import AuditEntry, Role, Team, User
from petitions.actions.reviewing import CommentChanged, CommentGone, decide_comment
from petitions.models import CommentState, NameShown, Petition, Signature
from petitions.queries.comments import comment_mark
from tests.factories import NOW, make_membership, make_petition, make_signature, make_team, make_user
from tests.parallel import run_in_parallel
from tests.petitions.saying import say

pytestmark = pytest.mark.django_db
WAITING, PUBLISHED, DECLINED = CommentState.WAITING, CommentState.PUBLISHED, CommentState.DECLINED


@pytest.fixture
def petition(team: Team) -> Petition:
    return make_petition(team=team, slug="keep", asks_comment=True)


@pytest.fixture
def signature(petition: Petition) -> Signature:
    return say(make_signature(petition=petition, name="Ada Lovelace"), comment="Keep it, please.")


def decide(signature: Signature, actor: User, *, publish: bool = True, seen: str = "") -> Signature:
    return decide_comment(
        petition_id=signature.petition_id,
        signature_id=signature.pk,
        publish=publish,
        seen=seen or comment_mark(signature),
        now=NOW,
        actor=actor,
    )


# --- The decision ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("publish", "state"), [(True, PUBLISHED), (False, DECLINED)])
def test_a_decision_is_kept_with_who_made_it(mona: User, signature: Signature, publish: bool, state: str) -> None:
    decide(signature, mona, publish=publish)

    signature.refresh_from_db()
    assert (signature.comment_state, signature.comment_decided_at) == (state, NOW)
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.verb, entry.subject) == (mona, f"comment.{state}", f"keep signature {signature.pk}")


def test_a_decision_can_be_taken_back(mona: User, signature: Signature) -> None:
    decide(signature, mona)
    signature.refresh_from_db()

    decide(signature, mona, publish=False)

    signature.refresh_from_db()
    assert signature.comment_state == DECLINED


def test_a_decision_twice_is_told_that_it_was_made(mona: User, signature: Signature) -> None:
    seen = comment_mark(signature)
    decide(signature, mona, seen=seen)

    with pytest.raises(CommentChanged):
        decide(signature, mona, seen=seen)


@pytest.mark.parametrize("change", ["comment", "name"])
def test_what_was_not_seen_is_not_decided_on(mona: User, signature: Signature, change: str) -> None:
    seen = comment_mark(signature)
    comment = "Other words" if change == "comment" else "Keep it, please."
    say(signature, comment=comment, name_shown=NameShown.FULL if change == "name" else NameShown.HIDDEN)

    with pytest.raises(CommentChanged):
        decide(signature, mona, seen=seen)

    signature.refresh_from_db()
    assert signature.comment_state == WAITING
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("reason", ["none", "held", "invalidated", "deleted", "of another petition"])
def test_what_is_gone_cannot_be_published(mona: User, signature: Signature, reason: str) -> None:
    seen = comment_mark(signature)
    if reason == "none":
        say(signature)
    elif reason == "held":
        Signature.objects.update(held_at=NOW, held_reason="rule")
    elif reason == "invalidated":
        Signature.objects.update(invalidated_at=NOW)
    elif reason == "deleted":
        Signature.objects.all().delete()
    else:
        signature.petition_id = make_petition().pk

    with pytest.raises(CommentGone):
        decide(signature, mona, seen=seen)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_one_is_told() -> None:
    signature = say(make_signature(), comment="Keep it.")
    actor, seen = make_user(), comment_mark(signature)

    outcomes = run_in_parallel(lambda: decide(signature, actor, seen=seen), times=4)

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["CommentChanged"] * 3 + ["Signature"]
    assert AuditEntry.objects.count() == 1


# --- Its page -------------------------------------------------------------------------------------------------------
def url(signature: Signature | None = None, slug: str = "keep") -> str:
    if signature is None:
        return reverse("petitions:review-comments", args=[slug])
    return reverse("petitions:decide-on-comment", args=[slug, signature.pk])


def decision(signature: Signature, what: str = "publish", **changes: str) -> dict[str, str]:
    return {"decision": what, "seen": comment_mark(signature), "state": "waiting", **changes}


def test_moderators_and_organisers_read_what_waits(
    bob_client: Client, mona_client: Client, signature: Signature
) -> None:
    for client in (bob_client, mona_client):
        page = client.get(url())
        assertContains(page, "Keep it, please.")
        assertContains(page, "A supporter (France)")
        assertNotContains(page, "Ada Lovelace")


def test_comments_of_signatures_that_do_not_count_wait_elsewhere(bob_client: Client, signature: Signature) -> None:
    Signature.objects.update(held_at=NOW, held_reason="rule")

    assertContains(bob_client.get(url()), "No comment is waiting")


def test_a_moderator_publishes_and_takes_off(mona_client: Client, signature: Signature) -> None:
    answer = mona_client.post(url(signature), decision(signature))
    signature.refresh_from_db()

    assert (answer.status_code, answer["Location"]) == (302, f"{url()}?state=waiting")
    assert signature.comment_state == PUBLISHED
    assertContains(mona_client.get(url(), {"state": "published"}), "Take it off the page")
    mona_client.post(url(signature), decision(signature, "decline", state="published"))
    signature.refresh_from_db()
    assert signature.comment_state == DECLINED
    assertContains(mona_client.get(url(), {"state": "declined"}), "Keep it, please.")


def test_a_changed_comment_is_shown_anew(mona_client: Client, signature: Signature) -> None:
    sent = decision(signature)
    say(signature, comment="Now it says this.")

    answer = mona_client.post(url(signature), sent)

    assertContains(answer, "Now it says this.", status_code=409)
    assertContains(answer, "its author has changed it", status_code=409)


def test_a_comment_that_is_gone_is_said(mona_client: Client, signature: Signature) -> None:
    sent = decision(signature)
    path = url(signature)
    signature.delete()

    assertContains(mona_client.post(path, sent), "This comment is gone", status_code=409)


@pytest.mark.parametrize("changes", [{"decision": "burn"}, {"decision": ""}, {"seen": ""}, {"state": "none at all"}])
def test_a_form_without_sense_is_refused(mona_client: Client, signature: Signature, changes: dict[str, str]) -> None:
    answer = mona_client.post(url(signature), decision(signature, **changes))

    assertContains(answer, "Please say whether to publish", status_code=422)


def test_the_pages_are_for_the_petitions_own_team(charlie_client: Client, mona_client: Client, client: Client) -> None:
    theirs = say(make_signature(petition=make_petition(slug="theirs")), comment="Words")

    for path, method in ((url(slug="theirs"), "get"), (url(theirs, slug="theirs"), "post")):
        assert getattr(mona_client, method)(path).status_code == 404
        assert getattr(charlie_client, method)(path).status_code == 403
        assert getattr(client, method)(path).status_code == 302


def test_a_decision_is_a_post(mona_client: Client, signature: Signature) -> None:
    assert mona_client.get(url(signature)).status_code == 405
    assert mona_client.post(url()).status_code == 405


def test_what_waits_is_paged_without_end(mona_client: Client, petition: Petition) -> None:
    for number in range(21):
        say(make_signature(petition=petition), comment=f"Comment no. {number:02}")

    first = mona_client.get(url())
    second = mona_client.get(url(), {"state": "waiting", "after": first.context["page"].next_cursor})

    assert len(first.context["page"].comments) == 20
    assert [comment.text for comment in second.context["page"].comments] == ["Comment no. 20"]
    assertContains(second, "Back to the beginning")


def test_the_queues_of_both_roles_say_where_comments_wait(
    bob_client: Client, mona_client: Client, signature: Signature
) -> None:
    say(make_signature(petition=make_petition(slug="theirs")), comment="Not for them")

    for page in (
        bob_client.get(reverse("petitions:organise")),
        mona_client.get(reverse("testimonials:moderation-queue")),
    ):
        assertContains(page, url())
        assertContains(page, "1 comment waits")
        assertNotContains(page, url(slug="theirs"))


def test_an_analyst_reads_no_comment(team: Team, signature: Signature) -> None:
    client = Client()
    client.force_login(make_membership(team=team, role=Role.ANALYST).user)

    assert client.get(url()).status_code == 403


def test_a_moderator_of_another_team_finds_nothing(signature: Signature) -> None:
    client = Client()
    client.force_login(make_membership(team=make_team(), role=Role.MODERATOR).user)

    assert client.get(url()).status_code == 404
