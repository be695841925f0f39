"""Changing the encryption key: everything opens with the new one alone, and nobody who uses the site notices."""

from datetime import timedelta
from io import StringIO
from itertools import islice
from threading import Event

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.mfa.utils import decrypt
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import BinaryField
from pytest_django import Settings

from accounts.models import User
from keep4o_site.sealed_tables import ALL_SEALED_TABLES
from outbox.delivery import deliver_batch
from outbox.models import OutgoingMessage
from outbox.resealing import _reseal_batches, count_sealed, reseal_table
from outbox.sealing import key_id_of, seal, unseal
from petitions.actions.correcting import correct_signature
from petitions.actions.leaving import erase_signature, withdraw_signature
from petitions.models import PendingSignature, Signature
from petitions.queries.links import my_signature_token, proof_token
from petitions.queries.my_signature import state_digest
from petitions.queries.sealed import Details, details_of, email_of, name_of
from petitions.queries.signed_details import typed_of
from petitions.rules.typed import TypedDetails
from testimonials.models import AuthorContact, Testimonial
from testimonials.models.stories import EMAIL_PURPOSE
from tests.factories import ALICE, NOW, make_message, make_pending_signature, make_petition, make_signature
from tests.parallel import results_of, run_all_in_parallel
from tests.petitions.signing_steps import prove_by
from tests.testimonials.making import make_draft, make_pending

pytestmark = pytest.mark.django_db
OLD, NEW = {"old": b"o" * 32}, {"new": b"n" * 32}
SIGNATURES = next(table for table in ALL_SEALED_TABLES if table.model is Signature)
LATER = NOW + timedelta(hours=1)


@pytest.fixture(autouse=True)
def _old_key(settings: Settings) -> None:
    settings.ENCRYPTION_KEYS = OLD


def rotate(*options: str) -> list[str]:
    out = StringIO()
    call_command("rotate_keys", *options, stdout=out)
    return out.getvalue().splitlines()


def keys_of(signature: Signature) -> tuple[str, str]:
    row = Signature.objects.get(pk=signature.pk)
    return key_id_of(sealed=bytes(row.email_sealed or b"")), key_id_of(sealed=bytes(row.name_sealed or b""))


# --- What is rotated ------------------------------------------------------------------------------------------------
def test_every_sealed_column_of_the_site_is_listed() -> None:
    columns = {
        (model, field.name)
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, BinaryField) and field.name.endswith("_sealed")
    }
    listed = {(table.model, column.name) for table in ALL_SEALED_TABLES for column in table.columns}

    assert len(columns) >= 7
    assert listed == columns | {(Authenticator, "data")}


def test_everything_opens_with_the_new_key_alone(settings: Settings, bob: User) -> None:
    secret = generate_totp_secret()
    app, codes = TOTP.activate(bob, secret), RecoveryCodes.activate(bob)
    one_time_codes = codes.generate_codes()
    passkey = Authenticator.objects.create(user=bob, type="webauthn", data={"name": "My passkey", "credential": {}})
    signature, attempt = make_signature(email=ALICE, name="Alice"), make_pending_signature(email=ALICE, name="Zoé 🌸")
    details = Details(postcode="75011", comment="It reads with me.")
    for model in (Signature, PendingSignature):
        model.objects.update(details_sealed=details.sealed())
    message = make_message(recipient=ALICE, context={"name": "Alice"})
    story = make_pending(email=ALICE, draft=make_draft(display_name="Al"))
    anonymous = make_pending()

    settings.ENCRYPTION_KEYS = {**NEW, **OLD}
    said = rotate()

    settings.ENCRYPTION_KEYS = NEW
    assert "key old: 0, no longer used anywhere: it may be dropped from ENCRYPTION_KEYS" in said
    assert "petitions.Signature: 3 sealed again" in said
    assert "mfa.Authenticator: 2 sealed again" in said
    assert decrypt(Authenticator.objects.get(pk=app.instance.pk).data["secret"]) == secret
    assert RecoveryCodes(Authenticator.objects.get(pk=codes.instance.pk)).generate_codes() == one_time_codes
    assert Authenticator.objects.get(pk=passkey.pk).data == {"name": "My passkey", "credential": {}}
    for row, name in (
        (Signature.objects.get(pk=signature.pk), "Alice"),
        (PendingSignature.objects.get(pk=attempt.pk), "Zoé 🌸"),
    ):
        assert (email_of(row), name_of(row), details_of(row)) == (ALICE, name, details)
    payload = OutgoingMessage.objects.get(pk=message.pk).payload()
    assert (payload.recipient, payload.context) == (ALICE, {"name": "Alice"})
    assert [Testimonial.objects.get(pk=row.pk).display_name for row in (story, anonymous)] == ["Al", ""]
    contact = AuthorContact.objects.get(testimonial=story)
    assert unseal(sealed=bytes(contact.email_sealed), purpose=EMAIL_PURPOSE) == ALICE


def test_what_was_erased_or_purged_stays_empty(settings: Settings) -> None:
    signature, message = make_signature(), make_message()
    erase_signature(token=my_signature_token(signature_id=signature.pk, now=NOW), now=NOW)
    OutgoingMessage.objects.filter(pk=message.pk).update(state="sent", sent_at=NOW, payload_sealed=None)

    settings.ENCRYPTION_KEYS = {**NEW, **OLD}
    rotate()

    assert list(Signature.objects.values_list("email_sealed", "name_sealed")) == [(None, None)]
    assert OutgoingMessage.objects.get().payload_sealed is None


def test_nothing_but_the_sealed_columns_changes(settings: Settings) -> None:
    make_signature(wants_news=True)
    before = Signature.objects.defer("email_sealed", "name_sealed").values().get()

    settings.ENCRYPTION_KEYS = {**NEW, **OLD}
    rotate()

    after = Signature.objects.values().get()
    assert {name for name in after if after[name] != before[name]} == {"email_sealed", "name_sealed"}


# --- How it is run --------------------------------------------------------------------------------------------------
def test_a_dry_run_counts_and_changes_nothing(settings: Settings) -> None:
    signature = make_signature()

    settings.ENCRYPTION_KEYS = {**NEW, **OLD}
    said = rotate("--dry-run")

    assert said == [
        "petitions.Signature: 2 not sealed with the first key",
        "key new: 0, seals from now on",
        "key old: 2",
    ]
    assert keys_of(signature) == ("old", "old")


def test_a_row_of_two_keys_needs_only_the_older_one_changed(settings: Settings) -> None:
    signature = make_signature()
    settings.ENCRYPTION_KEYS = {**NEW, **OLD}
    Signature.objects.update(name_sealed=seal(text="Alice", purpose="signature.name"))

    assert reseal_table(SIGNATURES) == 1
    assert keys_of(signature) == ("new", "new")


def test_a_key_whose_name_begins_like_another_is_another(settings: Settings) -> None:
    settings.ENCRYPTION_KEYS = {"k10": b"x" * 32}
    make_signature()

    settings.ENCRYPTION_KEYS = {"k1": b"y" * 32, "k10": b"x" * 32}

    assert count_sealed(SIGNATURES).by_key == {"k1": 0, "k10": 2}
    assert reseal_table(SIGNATURES) == 2


def test_a_run_that_was_stopped_goes_on_where_it_was(settings: Settings) -> None:
    for _ in range(7):
        make_signature()
    settings.ENCRYPTION_KEYS = {**NEW, **OLD}

    first = sum(islice(_reseal_batches(SIGNATURES, 2), 2))
    rest = reseal_table(SIGNATURES, batch=2)

    assert (first, rest, reseal_table(SIGNATURES)) == (8, 6, 0)


def test_what_opens_with_no_key_is_left_and_told(settings: Settings) -> None:
    lost, altered, sound = make_signature(), make_signature(), make_signature()
    settings.ENCRYPTION_KEYS = {"gone": b"g" * 32}
    Signature.objects.filter(pk=lost.pk).update(name_sealed=seal(text="Alice", purpose="signature.name"))
    *whole, last = bytes(altered.name_sealed or b"")
    broken = bytes([*whole, last ^ 1])
    Signature.objects.filter(pk=altered.pk).update(name_sealed=broken)
    settings.ENCRYPTION_KEYS = {**NEW, **OLD}
    out = StringIO()

    with pytest.raises(CommandError, match="open with none of the keys"):
        call_command("rotate_keys", stdout=out)

    said = out.getvalue().splitlines()
    assert "petitions.Signature: 4 sealed again" in said
    assert "petitions.Signature: 2 not sealed with the first key" in said
    assert "key old: 1" in said
    assert "of no key in ENCRYPTION_KEYS: 1" in said
    assert keys_of(sound) == ("new", "new")
    assert Signature.objects.get(pk=altered.pk).name_sealed == broken


# --- While the site serves ------------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_a_row_that_somebody_holds_is_left_for_the_next_run(settings: Settings) -> None:
    held, free = make_signature(), make_signature()
    settings.ENCRYPTION_KEYS = {**NEW, **OLD}
    is_held, may_go = Event(), Event()

    def hold() -> int:
        with transaction.atomic():
            Signature.objects.select_for_update().get(pk=held.pk)
            is_held.set()
            return int(may_go.wait(20))

    def reseal_meanwhile() -> int:
        is_held.wait(20)
        try:
            return reseal_table(SIGNATURES)
        finally:
            may_go.set()

    assert results_of(run_all_in_parallel([hold, reseal_meanwhile])) == [1, 2]
    assert (keys_of(held), keys_of(free)) == (("old", "old"), ("new", "new"))
    assert reseal_table(SIGNATURES) == 2


@pytest.mark.django_db(transaction=True)
def test_people_who_use_the_site_meanwhile_lose_nothing(settings: Settings, mail_dir: object) -> None:
    petition = make_petition()
    kept = [make_signature(petition=petition, name="Kept") for _ in range(10)]
    corrected = [make_signature(petition=petition, name="Before") for _ in range(5)]
    withdrawn = [make_signature(petition=petition) for _ in range(5)]
    attempts = [make_pending_signature(petition=petition, name="Proved") for _ in range(5)]
    messages = [make_message(recipient=ALICE) for _ in range(10)]
    proofs = [proof_token(attempt=attempt, now=NOW) for attempt in attempts]
    settings.ENCRYPTION_KEYS = {**NEW, **OLD}

    def token_of(signature: Signature) -> str:
        return my_signature_token(signature_id=signature.pk, now=LATER)

    def correct() -> None:
        for row in corrected:
            seen = state_digest(typed=typed_of(Signature.objects.get(pk=row.pk)))
            correct_signature(token=token_of(row), typed=TypedDetails(name="After", country="BE"), seen=seen, now=LATER)

    def withdraw() -> None:
        for row in withdrawn:
            withdraw_signature(token=token_of(row), now=LATER)

    def prove() -> None:
        for proof in proofs:
            prove_by(token=proof, now=LATER)

    def reseal() -> None:
        for table in ALL_SEALED_TABLES:
            reseal_table(table, batch=3)

    acts = [correct, withdraw, prove, reseal, reseal, lambda: deliver_batch(now=NOW)]
    results_of(run_all_in_parallel(acts))
    rotate()

    settings.ENCRYPTION_KEYS = NEW
    names = sorted(name_of(row) for row in Signature.objects.all())
    assert names == ["After"] * len(corrected) + ["Kept"] * len(kept) + ["Proved"] * len(attempts)
    assert not PendingSignature.objects.exists()
    payloads = [row.payload() for row in OutgoingMessage.objects.filter(pk__in=[message.pk for message in messages])]
    assert [payload.recipient for payload in payloads] == [ALICE] * len(messages)
