"""Digests of what a step was made from, so that a start skips what is proved done."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Stamp:
    """One line in a file: the digest that the step's result was made from."""

    path: Path

    def is_current(self, digest: str) -> bool:
        try:
            return self.path.read_text() == digest
        except FileNotFoundError:
            return False

    def write(self, digest: str) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(digest)


def digest_of(*, files: Iterable[Path] = (), texts: Iterable[str] = ()) -> str:
    """This function will return one digest of the names and contents of files and of further texts."""
    total = hashlib.sha256()
    for file in sorted(files):
        total.update(f"\0{file}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    for text in texts:
        total.update(b"\0" + hashlib.sha256(text.encode()).digest())
    return total.hexdigest()
