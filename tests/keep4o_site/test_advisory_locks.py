"""Two kinds of work under one number would keep each other from ever being done: every advisory lock has its own."""

import re
from collections import Counter
from pathlib import Path

from django.conf import settings

APPS = ("keep4o_site", "testimonials", "campaigns", "petitions", "accounts", "outbox")
LOCK = re.compile(r"^_?[A-Z_]*LOCK = (0x[0-9A-Fa-f_]+|\d[\d_]*)", re.MULTILINE)


def test_every_advisory_lock_has_a_number_of_its_own() -> None:
    sources = (path for app in APPS for path in (Path(settings.BASE_DIR) / app).rglob("*.py"))

    numbers = Counter(int(number, 0) for path in sources for number in LOCK.findall(path.read_text()))

    assert len(numbers) >= 3
    assert [hex(number) for number, times in numbers.items() if times > 1] == []
