import os
import smtplib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.sink import RECORD_BYTES
from keep4o_site.stack.places import ROOT
from keep4o_site.stack.ports import HOST, any_free_port, is_free

LETTER = "From: a@example.org\r\nTo: b@example.org\r\n\r\nOpen http://127.0.0.1/en/verify/{token}/ today.\r\n"


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[int]:
    port = any_free_port()
    os.mkfifo(tmp_path / "links")
    command = [sys.executable, "-m", "bench.sink", str(port), str(tmp_path / "log"), tmp_path / "links", "0.01"]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        _wait_until_it_listens(port)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def _wait_until_it_listens(port: int) -> None:
    deadline = time.monotonic() + 20
    while is_free(port) and time.monotonic() < deadline:
        time.sleep(0.02)


def test_every_link_of_a_mail_comes_out_of_the_pipe_as_a_record(sink: int, tmp_path: Path) -> None:
    pipe = os.open(tmp_path / "links", os.O_RDONLY)

    with smtplib.SMTP(HOST, sink) as client:
        for token in ("1.one~x", "1.two~x", "1.three~x"):
            client.sendmail("a@example.org", "b@example.org", LETTER.format(token=token))
        client.sendmail("a@example.org", "b@example.org", "Subject: no link\r\n\r\nThank you.\r\n")

    records = [os.read(pipe, RECORD_BYTES).decode() for _ in range(3)]
    os.close(pipe)
    assert {len(record) for record in records} == {RECORD_BYTES}
    links = {record.split()[1] for record in records}
    assert links == {"/en/verify/1.one~x/", "/en/verify/1.two~x/", "/en/verify/1.three~x/"}
    assert all(float(record.split()[0]) <= time.monotonic() for record in records)
