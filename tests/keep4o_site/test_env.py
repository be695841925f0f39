"""Settings from the environment: what is wrong is named, and nothing starts with it."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from keep4o_site import env


def test_a_secret_may_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    secret_file = tmp_path / "secret"
    secret_file.write_text("s" * 40)
    monkeypatch.setenv("A_SECRET_FILE", str(secret_file))

    assert env.read_secret("A_SECRET") == "s" * 40


def test_a_missing_secret_is_named() -> None:
    with pytest.raises(ImproperlyConfigured, match="NO_SUCH_SECRET"):
        env.read_secret("NO_SUCH_SECRET")


def test_a_short_secret_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHORT_SECRET", "short")

    with pytest.raises(ImproperlyConfigured, match="SHORT_SECRET must have at least 32 characters"):
        env.read_secret("SHORT_SECRET")


def test_a_number_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_NUMBER", "many")

    with pytest.raises(ImproperlyConfigured, match="A_NUMBER"):
        env.read_int("A_NUMBER", default=1)


@pytest.mark.parametrize("address", ["sqlite:///x.db", "mysql://u@h/d", "nonsense"])
def test_any_database_but_postgresql_is_refused(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("A_DATABASE", address)

    with pytest.raises(ImproperlyConfigured, match="A_DATABASE"):
        env.read_database("A_DATABASE")


def test_a_socket_folder_is_a_database_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_DATABASE", "postgresql://someone@%2Frun%2Fpg/things")

    config = env.read_database("A_DATABASE")

    assert (config["HOST"], config["NAME"], config["USER"]) == ("/run/pg", "things", "someone")


@pytest.mark.parametrize("keys", ["a:not-base64!", "a:c2hvcnQ=", "no-colon"])
def test_a_wrong_encryption_key_is_refused(monkeypatch: pytest.MonkeyPatch, keys: str) -> None:
    monkeypatch.setenv("SOME_KEYS", keys)

    with pytest.raises(ImproperlyConfigured, match="SOME_KEYS"):
        env.read_encryption_keys("SOME_KEYS")


def test_the_first_encryption_key_stays_first(monkeypatch: pytest.MonkeyPatch) -> None:
    key = "A" * 43 + "="
    monkeypatch.setenv("SOME_KEYS", f"new:{key}, old:{key}")

    assert list(env.read_encryption_keys("SOME_KEYS")) == ["new", "old"]


@pytest.mark.parametrize("text", ["{", "[1]", '"x"'])
def test_options_that_are_no_object_are_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("SOME_OPTIONS", text)

    with pytest.raises(ImproperlyConfigured, match="SOME_OPTIONS"):
        env.read_json_object("SOME_OPTIONS")


def test_options_are_read_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_OPTIONS", '{"bucket_name": "keep"}')

    assert env.read_json_object("SOME_OPTIONS") == {"bucket_name": "keep"}
    assert env.read_json_object("NOT_SAID") == {}


def test_a_file_that_is_named_and_not_there_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    there, gone = tmp_path / "there.ttf", tmp_path / "gone.ttf"
    there.touch()

    monkeypatch.setenv("SOME_FONTS", f"{there}, {there}")
    assert env.read_files("SOME_FONTS") == (there, there)
    assert env.read_files("NO_FONTS") == ()

    monkeypatch.setenv("SOME_FONTS", f"{there},{gone}")
    with pytest.raises(ImproperlyConfigured, match=r"SOME_FONTS.*gone"):
        env.read_files("SOME_FONTS")
