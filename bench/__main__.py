"""`./run bench [ROW …] [--quick]`: the rows one after the other, the table, and docs/benchmarks.md."""

import os
import sys

import django

from bench import asked
from bench.production import production
from keep4o_site.stack import signals, terminal
from keep4o_site.stack.trouble import Stopped, Trouble

if __name__ == "__main__":
    signals.raise_on_wish_to_stop()
    terminal.prepare_streams()
    try:
        wish = asked.read(sys.argv[1:])
        env = production(os.environ)
        os.environ.update({**env, "LOG_LEVEL": "WARNING"})  # of this process, whose own requests are nobody's
        django.setup()
        from bench import running  # it imports the site's models

        sys.exit(running.run(wish, env))
    except Trouble as trouble:
        terminal.fail(str(trouble), trouble.details)
        sys.exit(1)
    except Stopped as stopped:
        sys.exit(128 + stopped.signal_number)
