import os

import pytest

from keep4o_site.stack.commands.check import Check, run_check, run_checks
from keep4o_site.stack.places import Places
from keep4o_site.stack.supervision import Family
from keep4o_site.stack.throwaway import Throwaway
from keep4o_site.stack.trouble import Trouble


def test_every_check_runs_and_those_that_fail_are_named_with_their_output(
    places: Places, family: Family, capsys: pytest.CaptureFixture[str]
) -> None:
    throwaway = Throwaway(places=places, family=family, env=dict(os.environ))
    checks = [
        Check("Broken", ["sh", "-c", "echo what is wrong; exit 1"]),
        Check("Fine", ["sh", "-c", "echo nobody needs to read this"]),
        Check("Also broken", ["sh", "-c", "exit 2"]),
    ]

    failures = run_checks(checks, throwaway)

    said = capsys.readouterr().out
    assert sorted(failures) == ["Also broken", "Broken"]
    assert "what is wrong" in said
    assert "nobody needs to read this" not in said
    assert "✓ Fine" in said


def test_check_takes_no_arguments() -> None:
    with pytest.raises(Trouble, match=r"\./run test PATH"):
        run_check(["tests/stack"])
