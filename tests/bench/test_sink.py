import os
import smtplib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from keep4o_site.stack.places import ROOT
from keep4o_site.stack.ports import HOST, any_free_port, is_free

LETTER = "From: a@example.org\r\nTo: b@example.org\r\n\r\nOpen http://127.0.0.1/en/verify/{token}/ today.\r\n"


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[int]:
    port = any_free_port()
    for name in ("pipe1", "pipe2"):
        os.mkfifo(tmp_path / name)
    command = [
        sys.executable,
        "-m",
        "bench.sink",
        str(port),
        str(tmp_path / "log"),
        tmp_path / "pipe1",
        tmp_path / "pipe2",
    ]
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


def test_the_links_of_mails_come_out_of_the_pipes_in_turn(sink: int, tmp_path: Path) -> None:
    pipes = [os.open(tmp_path / name, os.O_RDONLY) for name in ("pipe1", "pipe2")]

    with smtplib.SMTP(HOST, sink) as client:
        for token in ("1.one~x", "1.two~x", "1.three~x"):
            client.sendmail("a@example.org", "b@example.org", LETTER.format(token=token))
        client.sendmail("a@example.org", "b@example.org", "Subject: no link\r\n\r\nThank you.\r\n")

    assert os.read(pipes[0], 4096) == b"/en/verify/1.one~x/\n/en/verify/1.three~x/\n"
    assert os.read(pipes[1], 4096) == b"/en/verify/1.two~x/\n"
    for pipe in pipes:
        os.close(pipe)
