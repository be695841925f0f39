from pathlib import Path

import pytest

from keep4o_site.stack import virtualenv
from keep4o_site.stack.stamps import Stamp, digest_of


def test_a_stamp_proves_only_what_it_was_written_for(tmp_path: Path) -> None:
    stamp = Stamp(tmp_path / "folder" / "stamp")
    assert not stamp.is_current("a")

    stamp.write("a")

    assert stamp.is_current("a")
    assert not stamp.is_current("b")


def test_a_digest_tells_names_contents_and_texts_apart(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_text("content")
    other.write_text("content")

    digests = [
        digest_of(files=[one]),
        digest_of(files=[other]),
        digest_of(files=[one, other]),
        digest_of(texts=["ab", "c"]),
        digest_of(texts=["a", "bc"]),
    ]

    assert len(set(digests)) == len(digests)
    assert digest_of(files=[one, other]) == digest_of(files=[other, one])


def test_the_environment_is_made_again_when_requirements_or_the_python_change(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        (tmp_path / name).write_text("django==5.2\n")
    monkeypatch.setattr(virtualenv, "ROOT", tmp_path)
    first = virtualenv.wanted_digest()

    (tmp_path / "requirements-dev.txt").write_text("django==5.2\npytest\n")
    second = virtualenv.wanted_digest()
    monkeypatch.setattr("sys.version", "3.99.0 (main)")
    third = virtualenv.wanted_digest()

    assert len({first, second, third}) == 3
