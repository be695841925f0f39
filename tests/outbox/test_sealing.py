"""What is sealed opens for its purpose with its key, and in no other case."""

import os

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django import Settings

from outbox.sealing import CannotUnseal, key_id_of, seal, unseal

# The keys that the settings fixture sets stay the same for every example.
same_keys = hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


@pytest.fixture(autouse=True)
def _keys(settings: Settings) -> None:
    settings.ENCRYPTION_KEYS = {"new": os.urandom(32), "old": os.urandom(32)}


@same_keys
@given(text=texts)
def test_what_is_sealed_opens_again(text: str) -> None:
    assert unseal(sealed=seal(text=text, purpose="a"), purpose="a") == text


@same_keys
@given(text=texts, other=texts.filter(lambda purpose: purpose != "a"))
def test_another_purpose_does_not_open_it(text: str, other: str) -> None:
    with pytest.raises(CannotUnseal):
        unseal(sealed=seal(text=text, purpose="a"), purpose=other)


@same_keys
@given(text=texts, data=st.data())
def test_an_altered_byte_is_noticed(text: str, data: st.DataObject) -> None:
    sealed = bytearray(seal(text=text, purpose="a"))
    position = data.draw(st.integers(0, len(sealed) - 1))
    sealed[position] ^= data.draw(st.integers(1, 255))

    with pytest.raises(CannotUnseal):
        unseal(sealed=bytes(sealed), purpose="a")


@same_keys
@given(text=texts, data=st.data())
def test_a_cut_value_is_noticed(text: str, data: st.DataObject) -> None:
    sealed = seal(text=text, purpose="a")

    with pytest.raises(CannotUnseal):
        unseal(sealed=sealed[: data.draw(st.integers(0, len(sealed) - 1))], purpose="a")


@same_keys
@given(noise=st.binary(max_size=80))
def test_noise_is_no_sealed_value(noise: bytes) -> None:
    with pytest.raises(CannotUnseal):
        unseal(sealed=noise, purpose="a")


def test_the_same_text_never_looks_the_same_twice() -> None:
    assert seal(text="alice@example.org", purpose="a") != seal(text="alice@example.org", purpose="a")


def test_the_newest_key_seals_and_the_old_one_still_opens(settings: Settings) -> None:
    keys = settings.ENCRYPTION_KEYS
    settings.ENCRYPTION_KEYS = {"old": keys["old"]}
    before_rotation = seal(text="alice", purpose="a")
    settings.ENCRYPTION_KEYS = keys

    assert key_id_of(sealed=before_rotation) == "old"
    assert unseal(sealed=before_rotation, purpose="a") == "alice"
    assert key_id_of(sealed=seal(text="alice", purpose="a")) == "new"


def test_a_lost_key_opens_nothing(settings: Settings) -> None:
    sealed = seal(text="alice", purpose="a")
    settings.ENCRYPTION_KEYS = {"old": settings.ENCRYPTION_KEYS["old"]}

    with pytest.raises(CannotUnseal):
        unseal(sealed=sealed, purpose="a")


def test_another_key_of_the_same_name_opens_nothing(settings: Settings) -> None:
    sealed = seal(text="alice", purpose="a")
    settings.ENCRYPTION_KEYS = {"new": os.urandom(32)}

    with pytest.raises(CannotUnseal):
        unseal(sealed=sealed, purpose="a")
