"""./run manage: manage.py with the engines up, those of a running ./run or its own for as long as it takes."""

from collections.abc import Sequence

from keep4o_site.stack.engines import start_engines
from keep4o_site.stack.environment import site_environment
from keep4o_site.stack.jobs import in_foreground
from keep4o_site.stack.locks import Running, running_launcher, site_lock
from keep4o_site.stack.places import Places, site_places
from keep4o_site.stack.ports import DEFAULT_PORT, HOST
from keep4o_site.stack.supervision import Family
from keep4o_site.stack.virtualenv import PYTHON


def run_manage(arguments: Sequence[str]) -> int:
    """This function will run manage.py at the terminal and return its exit code."""
    places = site_places()
    places.make()
    running = running_launcher(places)
    if running is not None and running.database_url:
        return _manage(places, running, arguments)
    with site_lock(places, command="run manage") as lock, Family(kept_descriptors=lock.inherited) as family:
        engines = start_engines(family=family, places=places, kept_descriptors=lock.inherited)
        own = Running(command="run manage", database_url=engines.database_url, redis_url=engines.redis_url)
        return _manage(places, own, arguments)


def _manage(places: Places, running: Running, arguments: Sequence[str]) -> int:
    env = site_environment(
        places=places,
        database_url=running.database_url,
        redis_url=running.redis_url,
        site_url=running.site_url or f"http://{HOST}:{DEFAULT_PORT}",
    )
    return in_foreground([PYTHON, "manage.py", *arguments], env=env)
