"""./run screenshots: the pages of a fresh demo site, photographed by the tests' own script."""

from collections.abc import Sequence

from keep4o_site.stack import terminal
from keep4o_site.stack.application import Application, compile_translations, wait_for_web
from keep4o_site.stack.children import start
from keep4o_site.stack.chromium import require_chromium
from keep4o_site.stack.jobs import in_foreground
from keep4o_site.stack.ports import HOST, any_free_port
from keep4o_site.stack.throwaway import Throwaway, throwaway_engines
from keep4o_site.stack.virtualenv import PYTHON

_SCRIPT = "tests/browser/screenshots.py"


def take_screenshots(arguments: Sequence[str]) -> int:
    """This function will start a demo site of its own and run the script against SITE_URL."""
    with throwaway_engines() as throwaway:
        env = {**throwaway.env, "CHROMIUM": str(require_chromium(throwaway.places))}
        env["SITE_URL"] = _start_demo_site(throwaway, env)
        return in_foreground([PYTHON, _SCRIPT, *arguments], env=env)


def _start_demo_site(throwaway: Throwaway, env: dict[str, str]) -> str:
    port = any_free_port()
    url = f"http://{HOST}:{port}"
    application = Application(places=throwaway.places, env={**env, "SITE_URL": url})
    compile_translations(application)
    with terminal.step("Demo site"):
        application.manage("migrate", "--no-input", log_name="migrate")
        application.manage("load_demo", log_name="demo")
        throwaway.family.adopt(start(application.worker()))
        wait_for_web(throwaway.family.adopt(start(application.web(port))), port)
    return url
