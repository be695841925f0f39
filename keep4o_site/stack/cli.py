"""The table of ./run's commands, and the one place that turns trouble into a sentence."""

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from keep4o_site.stack import signals, terminal, virtualenv
from keep4o_site.stack.commands import bench, check, manage, reset, screenshots, site, tests
from keep4o_site.stack.trouble import Stopped, Trouble, sentence_of_os_error

_SIGNAL_EXIT_BASE = 128  # a shell's convention


@dataclass(frozen=True)
class Command:
    usage: str
    help: str
    run: Callable[[Sequence[str]], int]
    needs_environment: bool = True


def _print_help(_arguments: Sequence[str]) -> int:
    terminal.heading("Keep4o")
    for command in COMMANDS.values():
        terminal.say(f"  ./run {command.usage.ljust(24)} {command.help}")
    terminal.say()
    terminal.say("  PORT=8001 ./run          listen there instead of on port 8000")
    terminal.say("  DATABASE_URL, REDIS_URL  use these servers instead of the embedded ones")
    return 0


COMMANDS = {
    "start": Command("", "set up what is missing, start the site, stop it with Ctrl-C", site.start_site),
    "manage": Command("manage COMMAND …", "run manage.py with the engines up", manage.run_manage),
    "test": Command(
        "test [PYTEST ARGUMENTS]", "run the tests on throwaway engines, in a real browser too", tests.run_tests
    ),
    "check": Command("check", "format, lint, types, imports, migrations, translations, tests", check.run_check),
    "bench": Command("bench [ROW …] [--quick]", "measure the site beside what this machine can do", bench.run_bench),
    "screenshots": Command(
        "screenshots [ARGUMENTS]", "photograph the pages of a demo site", screenshots.take_screenshots
    ),
    "reset": Command(
        "reset [--yes]", "delete all data of this checkout's site", reset.reset_data, needs_environment=False
    ),
    "help": Command("help", "this list", _print_help, needs_environment=False),
}


def main(arguments: Sequence[str]) -> int:
    """This function will run the command and return the exit code; only a bug leaves it as an exception."""
    terminal.prepare_streams()
    signals.raise_on_wish_to_stop()
    try:
        return _dispatch(list(arguments))
    except Trouble as trouble:
        terminal.fail(str(trouble), trouble.details)
    except OSError as error:
        terminal.fail(sentence_of_os_error(error))
    except Stopped as stopped:
        return _SIGNAL_EXIT_BASE + stopped.signal_number
    return 1


def _dispatch(arguments: list[str]) -> int:
    name, *rest = arguments or ["start"]
    if name in ("-h", "--help"):
        name = "help"
    command = COMMANDS.get(name)
    if command is None:
        raise Trouble(_unknown(name))
    if command.needs_environment:
        virtualenv.enter(arguments)
    return command.run(rest)


def _unknown(name: str) -> str:
    close = difflib.get_close_matches(name, COMMANDS, n=1)
    return f"./run knows no “{name}”: " + (f"did you mean “{close[0]}”?" if close else "./run help lists its commands.")
