"""./run check: everything that must be right before a change is merged; all steps run, then it fails if one did."""

import base64
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from keep4o_site.stack import terminal
from keep4o_site.stack.children import Child
from keep4o_site.stack.commands.tests import pytest_exit_code
from keep4o_site.stack.jobs import begin
from keep4o_site.stack.throwaway import Throwaway, throwaway_engines
from keep4o_site.stack.trouble import Trouble
from keep4o_site.stack.virtualenv import PYTHON

_AT_ONCE = 2
_POLL_S = 0.1


@dataclass(frozen=True)
class Check:
    """A command that must end with 0."""

    label: str
    command: Sequence[str | Path]
    production: bool = False


@dataclass
class _Started:
    check: Check
    child: Child
    at: float = field(default_factory=time.monotonic)


def _checks() -> list[Check]:
    tool, manage = (PYTHON, "-m"), (PYTHON, "manage.py")
    return [
        Check("Types", [*tool, "mypy"]),  # the slowest first
        Check("Format", [*tool, "ruff", "format", "--check", "."]),
        Check("Lint", [*tool, "ruff", "check", "."]),
        Check("Import law", [PYTHON.with_name("lint-imports")]),
        Check("Templates", [*tool, "djlint", "templates", "--lint", "--quiet"]),
        Check("Migrations complete", [*manage, "makemigrations", "--check", "--dry-run"]),
        Check("Translations complete", [*manage, "translations", "check"]),
        Check("Ready for production", [*manage, "check", "--deploy", "--fail-level", "WARNING"], production=True),
    ]


def run_check(arguments: Sequence[str]) -> int:
    """This function will run every check, then the tests, whose closing line comes last unless a check has failed."""
    if arguments:
        raise Trouble("./run check takes no arguments: for some tests only, say ./run test PATH.")
    terminal.heading("Keep4o: check")
    with throwaway_engines() as throwaway:
        failures = run_checks(_checks(), throwaway)
        tests_failed = pytest_exit_code(throwaway, []) != 0
    if failures:
        terminal.fail(f"Failed before the tests: {', '.join(failures)}.")
    return 1 if failures or tests_failed else 0


def run_checks(waiting: list[Check], throwaway: Throwaway) -> list[str]:
    """This function will run the checks, two at a time, and return the labels of those that failed."""
    running: list[_Started] = []
    failures: list[str] = []
    try:
        while waiting or running:
            while waiting and len(running) < _AT_ONCE:
                running.append(_begin(waiting.pop(0), throwaway))
            for ended in [started for started in running if not started.child.is_alive()]:
                running.remove(ended)
                failures += _report(ended)
            time.sleep(_POLL_S)
    finally:
        for started in running:
            started.child.kill()
    return failures


def _begin(check: Check, throwaway: Throwaway) -> _Started:
    log = throwaway.places.logs / f"check-{check.label.lower().replace(' ', '-')}.log"
    env = {**throwaway.env, **(_production() if check.production else {})}
    return _Started(check=check, child=begin(check.command, log=log, env=env))


def _report(ended: _Started) -> list[str]:
    seconds = time.monotonic() - ended.at
    if ended.child.process.returncode == 0:
        terminal.done(ended.check.label, seconds)
        return []
    terminal.failed(ended.check.label, seconds)
    terminal.say(ended.child.last_lines(200))
    return [ended.check.label]


def _production() -> dict[str, str]:
    """This function will return settings as a careful operator would give them, over those of the throwaway site."""
    return {
        "DEVELOPMENT": "0",
        "SITE_URL": "https://keep4o.example",
        "CONTACT_EMAIL": "contact@keep4o.example",
        "SECRET_KEY": "for-this-check-only-" + "0123456789abcdefghijklmnopqrstuvwxyz" * 2,
        "IDENTITY_KEY": "for-this-check-only-" + "zyxwvutsrqponmlkjihgfedcba9876543210",
        "ENCRYPTION_KEYS": "check:" + base64.b64encode(bytes(range(32))).decode(),
    }
