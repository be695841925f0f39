import socket
from collections.abc import Iterator

import pytest

from keep4o_site.stack.ports import HOST, any_free_port, choose_port, is_free
from keep4o_site.stack.trouble import Trouble


@pytest.fixture
def busy_port() -> Iterator[int]:
    with socket.socket() as server:
        server.bind((HOST, 0))
        server.listen()
        yield server.getsockname()[1]


def test_port_says_where_to_listen(monkeypatch: pytest.MonkeyPatch) -> None:
    free = any_free_port()
    monkeypatch.setenv("PORT", str(free))

    assert choose_port() == free


def test_a_busy_port_is_named_and_the_next_free_one_taken(
    monkeypatch: pytest.MonkeyPatch, busy_port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PORT", str(busy_port))

    port = choose_port()

    assert port > busy_port
    assert is_free(port)
    assert f"Port {busy_port} is busy, so the site takes {port}." in capsys.readouterr().out


def test_a_port_on_all_addresses_is_busy_too() -> None:
    with socket.socket() as server:
        server.bind(("0.0.0.0", 0))
        server.listen()

        assert not is_free(server.getsockname()[1])


def test_a_server_just_stopped_leaves_its_port_free() -> None:
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection((HOST, port)), server.accept()[0] as answered:
            answered.shutdown(socket.SHUT_RDWR)  # the server's end waits in TIME_WAIT

    assert is_free(port)


@pytest.mark.parametrize("text", ["http", "0", "65536", "-1", "8000.5", "٨٠٠٠"])
def test_a_port_that_is_no_port_gets_one_sentence(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("PORT", text)

    with pytest.raises(Trouble, match=r"^PORT must be a number from 1 to 65535, not “.*”\.$"):
        choose_port()


def test_the_search_ends_at_the_highest_port(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as server:
        server.bind((HOST, 65535))
        server.listen()
        monkeypatch.setenv("PORT", "65535")

        with pytest.raises(Trouble, match="Port 65535"):
            choose_port()
