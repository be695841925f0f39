"""The ladder and what changes it: nothing that was reached is lost, nobody is written to twice, no editor is overwritten."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import AuditEntry, Role, Team, User
from outbox.models import OutgoingMessage
from petitions.actions import editing
from petitions.actions.tally import fold_tally
from petitions.models import LadderChange, Milestone, MilestoneNotice, Petition
from petitions.rules.ladder import LadderEffect, ladder_effect
from tests.factories import NOW, make_membership, make_petition, make_team
from tests.parallel import results_of, run_all_in_parallel, run_in_parallel
from tests.petitions.counting import load_signatures, milestones_by_threshold, sign_every_second, withdraw

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=30)


def change(
    petition: Petition, ladder: Iterable[int], *, foreseen: Iterable[int] = (), **values: Any
) -> LadderChange | None:
    values = {"seen": Petition.objects.get(pk=petition.pk).ladder, "now": LATER, **values}
    return editing.change_ladder(petition_id=petition.pk, ladder=ladder, foreseen=set(foreseen), **values)


def ladder_of(petition: Petition) -> list[int]:
    return Petition.objects.get(pk=petition.pk).ladder


def folded(petition: Petition, n: int) -> None:
    sign_every_second(petition, n)
    fold_tally(petition_id=petition.pk, now=NOW)


# --- What a change does -----------------------------------------------------------------------------------------------
def test_the_effect_of_a_ladder_is_told_step_by_step() -> None:
    effect = ladder_effect(before=[10, 50, 100, 500], after=[20, 30, 100, 1_000], reached={10, 20, 50, 100}, total=120)

    assert effect == LadderEffect(passed=(30,), returned=(20,), ahead=(1_000,), kept=(10, 50), dropped=(500,))
    assert not effect.is_nothing
    assert ladder_effect(before=[1], after=[1], reached=set(), total=5).is_nothing


def test_a_new_step_that_was_passed_already_is_reached_at_its_own_instant_and_is_no_news() -> None:
    petition = make_petition(ladder=[100])
    signatures = sign_every_second(petition, 4)
    fold_tally(petition_id=petition.pk, now=NOW)

    changed = change(petition, [5, 3, 3], foreseen=[3])

    assert changed is not None
    assert (changed.before, changed.after, changed.recorded) == ([100], [3, 5], [3])
    assert milestones_by_threshold(petition) == {3: signatures[2].verified_at}
    assert not MilestoneNotice.objects.exists()


def test_a_step_that_is_taken_away_stays_reached_and_keeps_its_messages(bob: User, team: Team) -> None:
    petition = make_petition(team=team, ladder=[2])
    folded(petition, 2)

    change(petition, [10])

    assert list(milestones_by_threshold(petition)) == [2]
    assert OutgoingMessage.objects.count() == 1
    assert MilestoneNotice.objects.count() == 1


def test_a_step_that_comes_back_keeps_its_instant_and_tells_nobody_again(bob: User, team: Team) -> None:
    petition = make_petition(team=team, ladder=[2, 10])
    signatures = sign_every_second(petition, 3)
    fold_tally(petition_id=petition.pk, now=NOW)
    change(petition, [10])

    back = change(petition, [2, 10])
    withdraw(signatures[2], at=LATER)
    withdraw(signatures[1], at=LATER)
    fold_tally(petition_id=petition.pk, now=LATER)
    sign_every_second(petition, 3, first_at=LATER)
    fold_tally(petition_id=petition.pk, now=LATER)

    assert back is not None
    assert back.recorded == []
    assert milestones_by_threshold(petition) == {2: signatures[1].verified_at}
    assert OutgoingMessage.objects.filter(kind="milestone_reached").count() == 1


def test_a_step_ahead_is_told_of_when_it_is_reached(bob: User, team: Team) -> None:
    petition = make_petition(team=team, ladder=[100])
    folded(petition, 2)
    change(petition, [3, 100])

    sign_every_second(petition, 1, first_at=LATER)
    fold_tally(petition_id=petition.pk, now=LATER)

    assert milestones_by_threshold(petition) == {3: LATER}
    assert OutgoingMessage.objects.filter(kind="milestone_reached").count() == 1


def test_each_change_is_written_down_and_the_same_ladder_again_is_none(bob: User, team: Team) -> None:
    petition = make_petition(team=team, ladder=[1, 2])

    first = change(petition, [2, 3], actor=bob)
    again = change(petition, [3, 2], actor=bob)

    assert first is not None
    assert (first.changed_by, first.changed_at, again) == (bob, LATER, None)
    assert LadderChange.objects.count() == 1
    assert AuditEntry.objects.get(verb="petition.ladder-changed").actor == bob


@pytest.mark.parametrize("ladder", [[], [0, 5], [2_000_000_001], range(1, 42)])
def test_a_ladder_without_sense_is_refused(ladder: Any) -> None:
    with pytest.raises(editing.BadLadder):
        change(make_petition(), ladder)


def test_a_ladder_that_another_organiser_has_replaced_is_not_overwritten() -> None:
    petition = make_petition(ladder=[1, 2])
    change(petition, [1, 2, 3])

    with pytest.raises(editing.StaleLadder):
        change(petition, [1, 2, 4], seen=[1, 2])

    assert ladder_of(petition) == [1, 2, 3]


@pytest.mark.parametrize("foreseen", [[], [2, 50], [50]])
def test_what_was_not_foreseen_is_not_done(foreseen: list[int]) -> None:
    petition = make_petition(ladder=[100])
    folded(petition, 3)

    with pytest.raises(editing.LadderOvertaken):
        change(petition, [2, 50, 100], foreseen=foreseen)

    assert ladder_of(petition) == [100]
    assert milestones_by_threshold(petition) == {}


@pytest.mark.django_db(transaction=True)
def test_of_organisers_at_once_one_saves_and_the_others_are_told() -> None:
    petition = make_petition(ladder=[1])
    steps = iter(range(10, 20))

    outcomes = run_in_parallel(lambda: change(petition, [1, next(steps)], seen=[1]), times=6)

    saved = [outcome for outcome in outcomes if isinstance(outcome, LadderChange)]
    assert [sorted(ladder_of(petition))] == [each.after for each in saved]
    assert sum(isinstance(outcome, editing.StaleLadder) for outcome in outcomes) == 5


@pytest.mark.django_db(transaction=True)
def test_a_ladder_can_change_while_signatures_are_folded() -> None:
    owner = make_membership(team=make_team(), role=Role.OWNER)
    petition = make_petition(team=owner.team, ladder=[1_000])
    load_signatures(petition, 200)

    def fold() -> None:
        for _ in range(10):
            fold_tally(petition_id=petition.pk, now=LATER, batch=10)

    def add_steps() -> None:
        for foreseen in ([], [50], [50, 100]) * 20:
            try:
                change(petition, [50, 100, 1_000], foreseen=foreseen)
            except editing.LadderOvertaken:
                continue
            return
        raise AssertionError("the count overtook every try")

    results_of(run_all_in_parallel([fold, add_steps, fold, add_steps]))
    while fold_tally(petition_id=petition.pk, now=LATER):
        pass

    assert milestones_by_threshold(petition) == {50: NOW + timedelta(seconds=50), 100: NOW + timedelta(seconds=100)}
    recorded = set(LadderChange.objects.get().recorded)
    told = OutgoingMessage.objects.filter(kind="milestone_reached").count()
    assert told == 2 - len(recorded)  # each step is either recorded in silence or told of once


# --- The organisers' page ---------------------------------------------------------------------------------------------
@pytest.fixture
def petition(team: Team) -> Petition:
    petition = make_petition(team=team, slug="keep", ladder=[2, 100], timezone="Europe/Paris")
    folded(petition, 5)
    return petition


def path() -> str:
    return reverse("petitions:change-ladder", args=["keep"])


def hidden(answer: Any) -> dict[str, str]:
    """What the form on a page carries, as a browser would send it again."""
    form = answer.context["form"]
    return {name: str(form[name].value() or "") for name in ("ladder", "seen", "previewed", "foreseen")}


def saved(client: Client, typed: str) -> Any:
    preview = client.post(path(), {**hidden(client.get(path())), "ladder": typed})
    assert preview.status_code == 200
    return client.post(path(), hidden(preview))


def test_the_effect_is_shown_before_anything_is_saved(bob_client: Client, petition: Petition) -> None:
    preview = bob_client.post(path(), {**hidden(bob_client.get(path())), "ladder": "3\n50"})

    effect = preview.context["effect"]
    assert (effect.passed, effect.ahead, effect.kept, effect.dropped) == ((3,), (50,), (2,), (100,))
    assertContains(preview, "nobody is written to")
    assert ladder_of(petition) == [2, 100]
    assert not LadderChange.objects.exists()


def test_what_was_shown_is_saved_and_stands_in_the_history(bob_client: Client, petition: Petition) -> None:
    answer = saved(bob_client, "3\n50")

    assertRedirects(answer, path())
    assert ladder_of(petition) == [3, 50]
    assert sorted(milestones_by_threshold(petition)) == [2, 3]
    page = bob_client.get(path())
    assertContains(page, "off the ladder")
    assert [(past.added, past.removed) for past in page.context["history"]] == [((3, 50), (2, 100))]


def test_steps_that_were_altered_after_the_preview_are_previewed_again(bob_client: Client, petition: Petition) -> None:
    preview = bob_client.post(path(), {**hidden(bob_client.get(path())), "ladder": "3"})

    again = bob_client.post(path(), {**hidden(preview), "ladder": "3\n4"})

    assert again.context["effect"].passed == (3, 4)
    assert ladder_of(petition) == [2, 100]


def test_the_same_ladder_changes_nothing_and_says_so(bob_client: Client, petition: Petition) -> None:
    preview = bob_client.post(path(), {**hidden(bob_client.get(path())), "ladder": "100\n2"})

    assertContains(preview, "Nothing: the ladder has these very steps already.")
    assertNotContains(preview, "Save the steps")


def test_an_editor_who_was_overtaken_sees_both_and_loses_nothing(bob_client: Client, petition: Petition) -> None:
    opened = hidden(bob_client.get(path()))
    preview = bob_client.post(path(), {**opened, "ladder": "2\n100\n300"})
    change(petition, [2, 100, 200])

    refused = bob_client.post(path(), hidden(preview))

    assertContains(refused, "Somebody has saved another ladder", status_code=409)
    assert refused.context["form"]["ladder"].value().split() == ["2", "100", "300"]
    assert refused.context["effect"].dropped == (200,)
    assert ladder_of(petition) == [2, 100, 200]
    bob_client.post(path(), hidden(refused))
    assert ladder_of(petition) == [2, 100, 300]


def test_an_editor_who_opened_an_older_ladder_is_told_at_the_preview(bob_client: Client, petition: Petition) -> None:
    opened = hidden(bob_client.get(path()))
    change(petition, [2, 100, 200])

    assert bob_client.post(path(), {**opened, "ladder": "2\n100\n300"}).status_code == 409


def test_a_count_that_moved_on_shows_the_new_effect(bob_client: Client, petition: Petition) -> None:
    preview = bob_client.post(path(), {**hidden(bob_client.get(path())), "ladder": "2\n7\n100"})
    sign_every_second(petition, 4, first_at=LATER)
    fold_tally(petition_id=petition.pk, now=LATER)

    refused = bob_client.post(path(), hidden(preview))

    assertContains(refused, "The count has moved on", status_code=409)
    assert refused.context["effect"].passed == (7,)
    assert 7 not in Milestone.objects.values_list("threshold", flat=True)


@pytest.mark.parametrize(
    "typed", ["10\n20000", "10\r\n 20 000 \r\n\r\n", "20,000\n10", "20\u202f000\n10\n10", "20.000\n10"]
)
def test_steps_are_read_as_people_write_them(bob_client: Client, petition: Petition, typed: str) -> None:
    saved(bob_client, typed)

    assert ladder_of(petition) == [10, 20_000]


@pytest.mark.parametrize(
    "typed", ["", "ten", "0", "-5", "1.5", "٣", "9" * 30, "2000000001", "\n".join(map(str, range(1, 60)))]
)
def test_steps_without_sense_are_refused_and_kept(bob_client: Client, petition: Petition, typed: str) -> None:
    answer = bob_client.post(path(), {"ladder": typed})

    assertContains(answer, typed.split("\n", maxsplit=1)[0], status_code=422)
    assert ladder_of(petition) == [2, 100]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("10\n20,OOO\n30", "“20,OOO” is no whole number from 1 to 2,000,000,000"),
        ("10\n0", "“0” is no whole number"),
        ("2000000001", "“2000000001” is no whole number"),
        ("<b>" + "x" * 90, "“&lt;b&gt;" + "x" * 26 + "…” is no whole number"),
    ],
)
def test_the_line_that_is_no_step_is_named(bob_client: Client, petition: Petition, typed: str, said: str) -> None:
    assertContains(bob_client.post(path(), {"ladder": typed}), said, status_code=422)


@pytest.mark.parametrize("junk", ["x", "1,,2", "-1", "9" * 40, "\x00", "0"])
def test_hidden_fields_that_nobody_was_shown_save_nothing(bob_client: Client, petition: Petition, junk: str) -> None:
    answer = bob_client.post(path(), {"ladder": "7", "seen": junk, "previewed": "7", "foreseen": junk})

    assert answer.status_code == 409
    assert ladder_of(petition) == [2, 100]


def test_the_ladder_is_for_the_team_that_runs_the_petition(
    bob_client: Client, mona_client: Client, client: Client, petition: Petition
) -> None:
    make_petition(slug="theirs")

    for method in ("get", "post"):
        assert getattr(mona_client, method)(path()).status_code == 403
        assert getattr(client, method)(path()).status_code == 302
        assert getattr(bob_client, method)(path().replace("keep", "theirs")).status_code == 404
    assert bob_client.put(path()).status_code == 405
