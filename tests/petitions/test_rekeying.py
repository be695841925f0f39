"""When the rules about mail domains change, people who turn out to be one are counted once, and nobody is lost."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accounts.identity import identity_digest
from accounts.models import AuditEntry, MailDomainRule, User
from accounts.rule_sets import forget_rule_sets, newest_version, rule_sets, wished_rules
from petitions.actions.cases import advance_case, undo_case
from petitions.actions.leaving import erase_signature
from petitions.actions.rekeying import Act, put_rules_in_force, rekey_batch
from petitions.actions.tally import fold_tally
from petitions.models import CaseState, IntegrityCase, Petition, Signature, TallyEntry
from petitions.queries.links import my_signature_token, proof_token
from petitions.queries.sealed import email_of
from tests.factories import NOW, make_pending_signature, make_petition, make_signature, make_user
from tests.parallel import results_of, run_all_in_parallel
from tests.petitions.counting import assert_count_is_true, state_of
from tests.petitions.signing_steps import prove_by

pytestmark = pytest.mark.django_db
DOTTED, PLAIN = "ada.lovelace@dotty.example", "adalovelace@dotty.example"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def petition() -> Petition:
    return make_petition(slug="keep-4o")


@pytest.fixture
def admin(db: None) -> User:
    return make_user(email="ops@example.org", is_staff=True)


def wish(**facts: object) -> None:
    """What staff do in the administration: dotty.example turns out to ignore dots."""
    MailDomainRule.objects.update_or_create(domain="dotty.example", defaults={"ignores_dots": True, **facts})


def rekey(*arguments: str) -> str:
    out = StringIO()
    call_command("rekey_identities", *arguments, stdout=out)
    return out.getvalue()


def apply() -> str:
    return rekey("--apply", "--by", "ops@example.org")


def prove(petition: Petition, email: str) -> None:
    attempt = make_pending_signature(petition=petition, email=email, mail_number=None)
    prove_by(token=proof_token(attempt=attempt, now=NOW), now=NOW)


def counted(petition: Petition) -> list[str]:
    return sorted(email_of(row) for row in Signature.objects.filter(petition=petition).counted())


# --- Before anything is changed -------------------------------------------------------------------------------------
def test_nothing_is_to_be_done_while_the_wishes_are_in_force() -> None:
    assert "Nothing to do" in rekey()


def test_a_dry_run_names_collisions_by_number_and_changes_nothing(petition: Petition) -> None:
    first = make_signature(petition=petition, email=DOTTED)
    second = make_signature(petition=petition, email=PLAIN, verified_at=NOW + timedelta(minutes=1))
    make_signature(email=PLAIN)  # of another petition
    wish()
    before = list(Signature.objects.order_by("pk").values())

    said = rekey()

    assert (
        f"petition keep-4o: signature {first.pk} stays, {second.pk} would be taken off; the count would lose 1" in said
    )
    assert "wished: 1 differ: dotty.example" in said
    assert "1 would get another digest" in said
    assert "dotty.example" not in said.replace("differ: dotty.example", "")
    assert list(Signature.objects.order_by("pk").values()) == before
    assert newest_version() == 1


def test_somebody_has_to_answer_for_it(petition: Petition) -> None:
    make_user(email="nobody@example.org")
    wish()

    for by in ([], ["--by", "nobody@example.org"], ["--by", "unknown@example.org"]):
        with pytest.raises(CommandError, match="--by"):
            rekey("--apply", *by)

    assert newest_version() == 1


# --- Two rows of one person -----------------------------------------------------------------------------------------
def test_the_earliest_stays_and_the_later_one_is_taken_off_by_a_case(petition: Petition, admin: User) -> None:
    later = make_signature(petition=petition, email=PLAIN, verified_at=NOW + timedelta(hours=1))
    earlier = make_signature(petition=petition, email=DOTTED)
    fold_tally(petition_id=petition.pk, now=NOW)
    wish()

    apply()

    assert counted(petition) == [DOTTED]
    case = IntegrityCase.objects.get()
    assert (case.state, case.reason, case.removed, case.created_by) == (CaseState.DONE, "same_person", 1, admin)
    assert [member.signature_id for member in case.members.all()] == [later.pk]
    earlier.refresh_from_db()
    assert bytes(earlier.identity_digest) == identity_digest(address=PLAIN)
    fold_tally(petition_id=petition.pk, now=NOW)
    assert state_of(petition).published == 1
    assert_count_is_true(petition)
    assert list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True)) == [
        "mail_rules.activated", "identities.rekeyed",
    ]  # fmt: skip


def test_undoing_the_case_gives_the_later_one_back(petition: Petition, admin: User) -> None:
    make_signature(petition=petition, email=PLAIN, verified_at=NOW + timedelta(hours=1))
    make_signature(petition=petition, email=DOTTED)
    wish()
    apply()
    case = undo_case(petition=petition, case_id=IntegrityCase.objects.get().pk, reason="Twins.", actor=admin, now=NOW)

    while advance_case(case_id=case.pk, now=NOW):
        pass

    assert counted(petition) == [DOTTED, PLAIN]
    fold_tally(petition_id=petition.pk, now=NOW)
    assert_count_is_true(petition)


def test_what_does_not_count_gives_way_to_what_does(petition: Petition, admin: User) -> None:
    make_signature(petition=petition, email=DOTTED, invalidated_at=NOW)
    make_signature(petition=petition, email=PLAIN, verified_at=NOW + timedelta(hours=1))
    wish()

    apply()

    assert counted(petition) == [PLAIN]
    assert not IntegrityCase.objects.exists()


def test_an_erased_signature_keeps_its_person_counted_once(petition: Petition, admin: User) -> None:
    erased = make_signature(petition=petition, email=DOTTED)
    erase_signature(token=my_signature_token(signature_id=erased.pk, now=NOW), now=NOW)
    wish()
    apply()

    prove(petition, DOTTED)

    assert Signature.objects.counted().count() == 1


def test_an_erased_signature_that_holds_the_digest_is_one_of_the_two(petition: Petition, admin: User) -> None:
    erased = make_signature(petition=petition, email=PLAIN)
    erase_signature(token=my_signature_token(signature_id=erased.pk, now=NOW), now=NOW)
    make_signature(petition=petition, email=DOTTED, verified_at=NOW + timedelta(hours=1))
    wish()

    apply()

    assert list(Signature.objects.counted()) == [erased]
    assert_count_is_true_after_fold(petition)


def test_rules_that_part_people_again_let_both_be_counted(petition: Petition, admin: User) -> None:
    make_signature(petition=petition, email="ada@googlemail.com")
    MailDomainRule.objects.filter(domain="googlemail.com").update(same_as="")
    prove(petition, "ada@gmail.com")
    assert counted(petition) == ["ada@googlemail.com"]

    apply()
    prove(petition, "ada@gmail.com")

    assert counted(petition) == ["ada@gmail.com", "ada@googlemail.com"]


def test_a_row_in_the_way_moves_first(petition: Petition, admin: User) -> None:
    """One's new digest may be what another one has had so far, and leaves at the same moment."""
    MailDomainRule.objects.create(domain="old.example", same_as="middle.example")
    apply()
    first = make_signature(petition=petition, email="ada@old.example")  # known as ada@middle.example
    MailDomainRule.objects.filter(domain="old.example").update(same_as="new.example")
    MailDomainRule.objects.create(domain="late.example", same_as="middle.example")
    second = make_signature(petition=petition, email="ada@late.example")
    for later_first in (second, first):
        later_first.refresh_from_db()

    apply()

    assert Signature.objects.counted().count() == 2
    first.refresh_from_db()
    second.refresh_from_db()
    assert bytes(first.identity_digest) == identity_digest(address="ada@new.example")
    assert bytes(second.identity_digest) == identity_digest(address="ada@middle.example")


# --- Meanwhile people sign ------------------------------------------------------------------------------------------
def test_nobody_counts_twice_while_rows_wait_to_be_rekeyed(petition: Petition, admin: User) -> None:
    make_signature(petition=petition, email=DOTTED)
    wish()
    put_rules_in_force(rules=wished_rules(), actor=admin, now=NOW)
    forget_rule_sets()

    prove(petition, DOTTED)  # its row still bears the digest of the version before
    assert counted(petition) == [DOTTED]
    apply()
    prove(petition, PLAIN)

    assert counted(petition) == [DOTTED]


def test_a_process_that_still_knows_the_old_rules_proves_by_the_new_ones(petition: Petition, admin: User) -> None:
    make_signature(petition=petition, email=PLAIN)
    attempt = make_pending_signature(petition=petition, email=DOTTED)
    wish()
    known = rule_sets()
    put_rules_in_force(rules=wished_rules(), actor=admin, now=NOW)
    assert rule_sets() == known  # on_commit never comes in a test

    prove_by(token=proof_token(attempt=attempt, now=NOW), now=NOW)

    assert counted(petition) == [PLAIN]
    assert rule_sets()[0].version == 2


def test_a_link_mailed_before_is_good_after(petition: Petition, admin: User) -> None:
    attempt = make_pending_signature(petition=petition, email=DOTTED)
    token = proof_token(attempt=attempt, now=NOW)
    wish()
    apply()

    prove_by(token=token, now=NOW)

    assert counted(petition) == [DOTTED]


@pytest.mark.django_db(transaction=True)
def test_signing_while_rekeying_counts_each_person_once() -> None:
    petition, admin = make_petition(), make_user(email="ops@example.org", is_staff=True)
    people = [f"a.{number}" for number in range(12)]
    for person in people[:8]:
        make_signature(petition=petition, email=f"{person}@dotty.example")
    links = [
        proof_token(attempt=make_pending_signature(petition=petition, email=f"{name}@dotty.example", mail_number=None), now=NOW)
        for person in people
        for name in (person, person.replace(".", ""))
    ]  # fmt: skip
    wish()

    def rekey_all() -> Petition:
        put_rules_in_force(rules=wished_rules(), actor=admin, now=NOW)
        for after_id in (0, 0):
            last: int | None = after_id
            while last is not None:
                last = rekey_batch(after_id=last, act=Act(actor=admin, note="Rules", now=NOW), batch=1).last_id
        return petition

    proofs = [lambda token=token: prove_by(token=token, now=NOW) for token in links]
    results_of(run_all_in_parallel([rekey_all, *proofs]))
    rekey("--apply", "--by", "ops@example.org")

    rows = Signature.objects.filter(petition=petition).counted()
    assert sorted(email_of(row).replace(".", "") for row in rows) == sorted(
        f"{person}@dotty.example".replace(".", "") for person in people
    )
    assert {row.identity_version for row in Signature.objects.all()} == {2}
    assert_count_is_true_after_fold(petition)


@pytest.mark.django_db(transaction=True)
def test_a_proof_under_way_commits_by_the_old_rules_before_the_new_ones_are_in_force() -> None:
    petition, admin = make_petition(), make_user(is_staff=True)
    attempt = make_pending_signature(petition=petition, email=DOTTED)
    wish()
    order: list[str] = []

    def prove_slowly() -> None:
        with transaction.atomic():
            prove_by(token=proof_token(attempt=attempt, now=NOW), now=NOW)
            order.append("proved")
            time.sleep(0.5)  # the lock must be waited for meanwhile
            order.append("committed")

    def put() -> None:
        while not order:
            time.sleep(0.01)
        put_rules_in_force(rules=wished_rules(), actor=admin, now=NOW)
        order.append("in force")

    results_of(run_all_in_parallel([prove_slowly, put]))

    assert order == ["proved", "committed", "in force"]
    assert Signature.objects.get().identity_version == 1


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_are_one() -> None:
    make_user(email="ops@example.org", is_staff=True)
    make_signature(email=DOTTED)
    wish()

    outcomes = run_all_in_parallel([apply, apply])

    refused = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert all(isinstance(outcome, CommandError) for outcome in refused)
    assert newest_version() == 2


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_run_that_was_killed_goes_on_where_it_was() -> None:
    petition = make_petition()
    make_user(email="ops@example.org", is_staff=True)
    for number in range(60):
        for name in (f"p.{number}", f"p{number}"):
            make_signature(petition=petition, email=f"{name}@dotty.example")
    wish()

    _kill_in_the_middle(petition)
    assert 0 < Signature.objects.filter(identity_version=2).count() < 120
    apply()

    assert Signature.objects.counted().count() == 60
    assert Signature.objects.filter(identity_version=2).count() == 120
    case = IntegrityCase.objects.get()
    assert (case.removed, case.members.count()) == (60, 60)
    assert TallyEntry.objects.filter(petition=petition, delta=-1).count() == 60
    assert_count_is_true_after_fold(petition)


def test_doing_it_again_changes_nothing(petition: Petition, admin: User) -> None:
    make_signature(petition=petition, email=DOTTED)
    make_signature(petition=petition, email=PLAIN)
    wish()
    apply()
    before = list(Signature.objects.order_by("pk").values())

    assert "Nothing to do" in apply()

    assert list(Signature.objects.order_by("pk").values()) == before
    assert IntegrityCase.objects.get().removed == 1


@hypothesis_settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    spellings=st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from([".x", "x", "x+1", ".x+2"])), max_size=8, unique=True
    )
)
def test_whatever_the_spellings_each_person_counts_once(admin: User, spellings: list[tuple[str, str]]) -> None:
    with transaction.atomic():
        petition = make_petition()
        MailDomainRule.objects.update_or_create(domain="dotty.example", defaults={"tag_signs": ""})
        put_rules_in_force(rules=wished_rules(), actor=admin, now=NOW)
        forget_rule_sets()
        for person, rest in spellings:
            prove(petition, f"{person}{rest}@dotty.example")
        assert Signature.objects.filter(petition=petition).count() == len(spellings)

        wish(tag_signs="+")
        apply()

        people = {person for person, _ in spellings}
        assert [row.counted for row in [state_of(petition)]] == [len(people)] if spellings else True
        assert_count_is_true_after_fold(petition)
        transaction.set_rollback(True)
    forget_rule_sets()


def assert_count_is_true_after_fold(petition: Petition) -> None:
    fold_tally(petition_id=petition.pk, now=NOW)
    assert_count_is_true(petition)


def _kill_in_the_middle(petition: Petition) -> None:
    """Runs the command in a process of its own, over this test's database, and kills it once some rows are done."""
    facts = connections["default"].settings_dict
    name = connection.settings_dict["NAME"]
    url = f"postgresql://{facts['USER']}@{facts['HOST'].replace('/', '%2F')}/{name}"
    command = [sys.executable, "manage.py", "rekey_identities", "--apply", "--by", "ops@example.org", "--batch", "1"]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "DATABASE_URL": url}, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while Signature.objects.filter(petition=petition, identity_version=2).count() < 10:
        assert process.poll() is None, "it ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
