"""./run: the whole site, from nothing to an address in the browser, until Ctrl-C."""

from collections.abc import Sequence

from keep4o_site.stack import terminal
from keep4o_site.stack.application import Application, prepare, wait_for_web
from keep4o_site.stack.children import start
from keep4o_site.stack.engines import Engines, start_engines
from keep4o_site.stack.environment import site_environment
from keep4o_site.stack.locks import Running, SiteLock, site_lock
from keep4o_site.stack.places import Places, site_places
from keep4o_site.stack.ports import HOST, choose_port
from keep4o_site.stack.supervision import Family
from keep4o_site.stack.trouble import Stopped, Trouble


def start_site(arguments: Sequence[str]) -> int:
    """This function will run the site until it is told to stop, and then stop all it started, in order."""
    if arguments:
        raise Trouble("./run takes no arguments here: ./run help lists its commands.")
    places = site_places()
    places.make()
    with site_lock(places, command="run") as lock:
        try:
            with Family(kept_descriptors=lock.inherited) as family:
                _serve(family, places, lock)
        except Stopped:
            terminal.say("\n  Stopped.")
    return 0


def _serve(family: Family, places: Places, lock: SiteLock) -> None:
    terminal.heading("Keep4o")
    port = choose_port()
    with terminal.step("PostgreSQL and Valkey"):
        engines = start_engines(family=family, places=places, kept_descriptors=lock.inherited)
    url = f"http://{HOST}:{port}"
    env = site_environment(places=places, database_url=engines.database_url, redis_url=engines.redis_url, site_url=url)
    application = Application(places=places, env=env, kept_descriptors=lock.inherited)
    prepare(application, engines)
    with terminal.step("Web server and workers"):
        _start_processes(family, application, port)
    lock.tell(_running(url, engines))
    _print_welcome(url, places)
    family.watch()


def _start_processes(family: Family, application: Application, port: int) -> None:
    # The workers first, so that the web server is the first to be stopped; none waits for another.
    family.adopt(start(application.worker()))
    family.adopt(start(application.counter()))
    web = family.adopt(start(application.web(port)))
    wait_for_web(web, port)
    family.require_alive()


def _running(url: str, engines: Engines) -> Running:
    return Running(command="run", site_url=url, database_url=engines.database_url, redis_url=engines.redis_url)


def _print_welcome(url: str, places: Places) -> None:
    terminal.say()
    accounts = terminal.aligned(places.demo_accounts.read_text())
    terminal.facts([("Site", f"{url}/"), ("Mailbox", f"{url}/dev/mailbox/"), ("Accounts", accounts)])
    terminal.say(f"\n  Ctrl-C stops everything. Logs are in {places.logs}.")
