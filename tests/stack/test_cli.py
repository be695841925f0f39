import errno
import os
import subprocess
import sys
from collections.abc import Sequence

import pytest

from keep4o_site.stack import cli
from keep4o_site.stack.places import ROOT
from keep4o_site.stack.terminal import aligned
from keep4o_site.stack.trouble import NO_ROOM, Trouble, sentence_of_os_error

OLD_PYTHON = """
import runpy, sys
sys.version_info = (3, 6, 15)
runpy.run_path("run", run_name="__main__")
"""


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ROOT / "run", *arguments], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )


def test_help_lists_every_command() -> None:
    answer = _run("help")

    assert answer.returncode == 0
    for name in ("manage", "test", "check", "bench", "screenshots", "reset", "help"):
        assert f"./run {name}" in answer.stdout


def test_an_unknown_command_gets_one_sentence_with_a_guess() -> None:
    answer = _run("tset")

    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr == "✗ ./run knows no “tset”: did you mean “test”?\n"


def test_an_old_python_gets_one_sentence() -> None:
    answer = subprocess.run([sys.executable, "-c", OLD_PYTHON], cwd=ROOT, capture_output=True, text=True, check=False)

    assert answer.returncode == 1
    assert answer.stderr.startswith("Keep4o needs Python 3.11 or newer, but this is Python 3.6:")
    assert answer.stderr.count("\n") == 1


def test_what_an_old_python_must_read_is_plain_ascii_without_new_syntax() -> None:
    source = (ROOT / "run").read_bytes()
    before_the_import = source[: source.index(b"from keep4o_site")]

    assert before_the_import.isascii()
    assert not any(new in before_the_import for new in (b'f"', b":=", b"->", b": str"))


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/var/x"), NO_ROOM),
        (PermissionError(errno.EACCES, "Permission denied", "/var/x"), "/var/x may not be used by this user"),
        (FileNotFoundError(errno.ENOENT, "No such file or directory", "/x"), "The system refused: No such file"),
    ],
)
def test_what_the_system_refuses_is_said_in_one_sentence(error: OSError, sentence: str) -> None:
    assert sentence_of_os_error(error).startswith(sentence)
    assert "\n" not in sentence_of_os_error(error)


def test_a_full_disk_is_recognised_in_what_any_program_said() -> None:
    trouble = Trouble("pip failed.", details="ERROR: [Errno 28] No space left on device: '/x'")

    assert str(trouble) == NO_ROOM
    assert trouble.details == ""


def test_trouble_is_printed_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def in_trouble(_arguments: Sequence[str]) -> int:
        raise Trouble("Something is in the way.", details="line one\nline two")

    monkeypatch.setitem(cli.COMMANDS, "help", cli.Command("help", "", in_trouble, needs_environment=False))
    monkeypatch.setattr(
        "keep4o_site.stack.signals.raise_on_wish_to_stop", lambda: None
    )  # pytest has handlers of its own

    assert cli.main(["help"]) == 1
    assert capsys.readouterr().err == "✗ Something is in the way.\n    line one\n    line two\n"


def test_cells_parted_by_tabs_become_columns() -> None:
    assert aligned("a\tbbb\tc\naaa\tb\n") == "a    bbb  c\naaa  b"
