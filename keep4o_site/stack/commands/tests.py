"""./run test: all tests, on throwaway engines and in a real Chromium."""

from collections.abc import Sequence

from keep4o_site.stack.application import Application, compile_translations
from keep4o_site.stack.chromium import require_chromium
from keep4o_site.stack.jobs import in_foreground
from keep4o_site.stack.throwaway import Throwaway, throwaway_engines
from keep4o_site.stack.virtualenv import PYTHON

# One pytest for each core. A file stays in one of them, so that its tests share their browser and their running site.
# Files begin in the order of the collection (tests/conftest.py), not those with the most tests first.
ON_ALL_CORES = ["--numprocesses=auto", "--maxprocesses=4", "--dist=loadfile", "--no-loadscope-reorder"]


def run_tests(arguments: Sequence[str]) -> int:
    """This function will run pytest with these arguments and return its exit code."""
    with throwaway_engines() as throwaway:
        return pytest_exit_code(throwaway, arguments)


def pytest_exit_code(throwaway: Throwaway, arguments: Sequence[str]) -> int:
    """This function will run pytest at the terminal, so that its own closing line is the last thing said."""
    env = {**throwaway.env, "CHROMIUM": str(require_chromium(throwaway.places))}
    compile_translations(Application(places=throwaway.places, env=env))
    return in_foreground([PYTHON, "-m", "pytest", *(arguments or ON_ALL_CORES)], env=env)
