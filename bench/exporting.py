"""One export of rows in a process of its own, so that its memory is known: `python -m bench.exporting SLUG`."""

import json
import resource
import sys
import time

import django

if __name__ == "__main__":
    django.setup()

from django.utils import timezone

from bench.filling import make_organiser
from petitions.actions.preparing import ask_for_export, prepare_next_export
from petitions.models import Petition, PreparedExport


def _peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def export(slug: str) -> dict[str, float]:
    """This function will ask for the file as an organiser does, write it as the clock does, and say what it took."""
    petition = Petition.objects.get(slug=slug)
    ask_for_export(petition=petition, actor=make_organiser(), language="en", now=timezone.now())
    before, began = _peak_bytes(), time.perf_counter()
    prepare_next_export(now=timezone.now())
    took = time.perf_counter() - began
    made = PreparedExport.objects.filter(petition=petition).latest("pk")
    return {
        "seconds": took,
        "rows": made.rows or 0,
        "bytes": made.size_bytes or 0,
        "grown_bytes": _peak_bytes() - before,
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(export(sys.argv[1])) + "\n")
