"""Links that are signed: short, of one purpose, and good for nothing once they are touched."""

from datetime import timedelta

import pytest
from django.core import signing
from pytest_django import Settings

from accounts.tokens import BadToken, ExpiredToken, make_token, open_token
from tests.factories import NOW


def opened(token: str, purpose: str = "proof") -> tuple[str, ...]:
    return open_token(purpose=purpose, token=token, max_age=None, now=NOW).fields


def test_a_link_says_what_was_signed() -> None:
    token = make_token(purpose="proof", fields=("12", "ab_-"), now=NOW)

    assert opened(token) == ("12", "ab_-")
    assert open_token(purpose="proof", token=token, max_age=None, now=NOW).made_at == NOW


def test_a_link_is_thirty_characters_longer_than_what_it_says() -> None:
    assert len(make_token(purpose="proof", fields=("12", "3456"), now=NOW)) == len("12.3456") + 30


@pytest.mark.parametrize(
    "change", [lambda t: t[:-1], lambda t: t + "A", lambda t: "1" + t, lambda t: t.replace("~", "")]
)
def test_a_link_that_was_touched_is_none(change: object) -> None:
    assert callable(change)

    with pytest.raises(BadToken):
        opened(change(make_token(purpose="proof", fields=("12",), now=NOW)))


def test_a_link_is_for_one_purpose() -> None:
    with pytest.raises(BadToken):
        opened(make_token(purpose="proof", fields=("12",), now=NOW), purpose="leave")


def test_a_link_with_a_whole_signature_still_opens() -> None:
    said = f"12.{signing.b62_encode(int(NOW.timestamp()))}"
    old = signing.Signer(sep="~", salt="keep4o.proof").sign(said)

    assert opened(old) == ("12",)


def test_a_link_of_the_key_before_still_opens(settings: Settings) -> None:
    token = make_token(purpose="proof", fields=("12",), now=NOW)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-key-" * 5

    assert opened(token) == ("12",)


def test_a_link_ends_with_its_age() -> None:
    token = make_token(purpose="proof", fields=(), now=NOW)

    with pytest.raises(ExpiredToken):
        open_token(purpose="proof", token=token, max_age=timedelta(days=1), now=NOW + timedelta(days=1, seconds=1))


@pytest.mark.parametrize("token", ["", "~", "a~", "~a", "12.zzzzzzzzzzzzzzzzzzzzzzzz~x", "\x00"])
def test_what_is_no_link_is_none(token: str) -> None:
    with pytest.raises(BadToken):
        opened(token)
