"""./run bench: what the site's work costs, beside limits of this machine measured in the same run."""

from collections.abc import Sequence

from keep4o_site.stack.application import Application, compile_translations
from keep4o_site.stack.jobs import in_foreground
from keep4o_site.stack.throwaway import durable_engines
from keep4o_site.stack.virtualenv import PYTHON
from keep4o_site.stack.wrk import require_wrk


def run_bench(arguments: Sequence[str]) -> int:
    """This function will measure on engines of its own, as durable as production's, and delete all of it afterwards."""
    if {"-h", "--help"} & set(arguments):
        return in_foreground([PYTHON, "-m", "bench", "--help"], env={})
    with durable_engines(command="run bench") as engines:
        compile_translations(Application(places=engines.places, env=engines.env))
        env = {**engines.env, "WRK": str(require_wrk(engines.places))}
        return in_foreground([PYTHON, "-m", "bench", *arguments], env=env)
