import os
import shutil
import signal
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from keep4o_site.stack.engines import check_database_url, check_redis_url, embedded_valkey, start_engines
from keep4o_site.stack.places import NOBODY_ID, Places
from keep4o_site.stack.ports import any_free_port
from keep4o_site.stack.postgres import Postgres, binaries
from keep4o_site.stack.privileges import dropped_to, unprivileged
from keep4o_site.stack.supervision import Family
from keep4o_site.stack.trouble import Trouble
from keep4o_site.stack.valkey import Valkey


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    """One data folder that these tests start and stop in turn: making one takes most of a second."""
    with tempfile.TemporaryDirectory(prefix="keep4o-stack-") as folder:
        places = Places(var=Path(folder))
        places.make()
        postgres = _postgres(places)
        postgres.start().stop()
        yield postgres


def _postgres(places: Places, **options: Any) -> Postgres:
    privileges = unprivileged(data=places.postgres, program=binaries() / "postgres")
    sockets, log = places.var / "sockets", places.logs / "postgres.log"
    return Postgres(data=places.postgres, sockets=sockets, log=log, privileges=privileges, **options)


def test_postgres_survives_a_restart_with_its_rows(postgres: Postgres, family: Family) -> None:
    child = postgres.start()
    postgres.ask("CREATE TABLE stopped (n int); INSERT INTO stopped VALUES (42)")
    child.stop()

    family.adopt(postgres.start())

    assert postgres.ask("SELECT n FROM stopped") == "42"
    assert "database system is shut down" in postgres.log.with_suffix(".log.before").read_text()


def test_no_committed_row_is_lost_when_postgres_is_killed(postgres: Postgres, family: Family) -> None:
    child = postgres.start()
    postgres.ask("CREATE TABLE killed (n int)")
    for number in range(20):
        postgres.ask(f"INSERT INTO killed VALUES ({number})")
    child.process.send_signal(signal.SIGKILL)
    child.process.wait()

    family.adopt(postgres.start())

    assert postgres.ask("SELECT count(*) FROM killed") == "20"


def test_postgres_starts_though_its_old_process_id_belongs_to_a_stranger(postgres: Postgres, family: Family) -> None:
    (postgres.data / "postmaster.pid").write_text(f"{os.getpid()}\n{postgres.data}\n")

    family.adopt(postgres.start())

    assert postgres.ask("SELECT 1") == "1"


def test_a_half_made_data_folder_is_made_again(places: Places, family: Family) -> None:
    (places.var / "postgres.unfinished").mkdir()
    (places.var / "postgres.unfinished" / "PG_VERSION").write_text("half")
    postgres = _postgres(places, throwaway=True)

    family.adopt(postgres.start())

    assert postgres.ask("SELECT current_database()") == "keep4o"
    assert not (places.var / "postgres.unfinished").exists()


def test_postgres_listens_on_its_socket_only_and_only_for_its_owner(postgres: Postgres, family: Family) -> None:
    family.adopt(postgres.start())

    assert postgres.ask("SHOW listen_addresses") == ""
    assert postgres.sockets.stat().st_mode & 0o077 == 0
    assert postgres.ask("SHOW server_encoding") == "UTF8"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_root_without_user_namespaces_runs_postgres_as_nobody() -> None:
    with tempfile.TemporaryDirectory(prefix="keep4o-stack-") as folder:
        Path(folder).chmod(0o711)
        sockets, log = Path(folder) / "sockets", Path(folder) / "postgres.log"
        nobody = dropped_to(NOBODY_ID)
        postgres = Postgres(data=Path(folder) / "pg", sockets=sockets, log=log, privileges=nobody, throwaway=True)

        child = postgres.start()
        owner = Path(f"/proc/{child.process.pid}").stat().st_uid
        child.stop()

    assert owner == NOBODY_ID


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_folder_that_nobody_may_enter_gets_one_sentence(places: Places) -> None:
    private = places.var / "private"
    private.mkdir(mode=0o700)

    with pytest.raises(Trouble, match="set DATABASE_URL"):
        dropped_to(NOBODY_ID).hand_over(private / "..")


def test_valkey_keeps_what_it_was_told_over_a_restart(places: Places, family: Family) -> None:
    valkey = embedded_valkey(places, throwaway=False)
    child = valkey.start()
    _tell(valkey, "SET kept 42")
    child.stop()

    family.adopt(valkey.start())

    assert _tell(valkey, "GET kept") == "$2\r\n42"


def test_engines_start_where_the_environment_names_none(places: Places, family: Family) -> None:
    engines = start_engines(family=family, places=places, throwaway=True)

    assert [child.name for child in family.children] == ["PostgreSQL", "Valkey"]
    assert engines.database_url == f"postgresql://postgres@{str(places.var / 'sockets').replace('/', '%2F')}/keep4o"
    assert engines.redis_url == f"unix://{places.var / 'sockets' / 'valkey.sock'}?db=0"
    assert engines.applied_migrations() == ""


def test_database_url_and_redis_url_replace_the_embedded_engines(
    places: Places, family: Family, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    valkey = embedded_valkey(places, throwaway=True)
    for engine in (postgres, valkey):
        family.adopt(engine.start())
    started = list(family.children)
    monkeypatch.setenv("DATABASE_URL", postgres.url)
    monkeypatch.setenv("REDIS_URL", valkey.url)

    engines = start_engines(family=family, places=places)

    assert family.children == started
    assert (engines.database_url, engines.redis_url) == (postgres.url, valkey.url)
    assert engines.applied_migrations() is None


def test_an_unreachable_database_gets_one_sentence_without_the_password() -> None:
    port = any_free_port()

    with pytest.raises(Trouble) as trouble:
        check_database_url(f"postgresql://alice:hunter2@127.0.0.1:{port}/keep4o")

    assert str(trouble.value).startswith("DATABASE_URL cannot be used: ")
    assert "refused" in str(trouble.value)
    assert "hunter2" not in str(trouble.value)
    assert "\n" not in str(trouble.value)


def test_a_database_that_does_not_exist_is_named(postgres: Postgres, family: Family) -> None:
    family.adopt(postgres.start())

    with pytest.raises(Trouble, match='database "nothing" does not exist'):
        check_database_url(postgres.url_of("nothing"))


def test_an_unreachable_redis_gets_one_sentence() -> None:
    with pytest.raises(Trouble, match=r"^REDIS_URL cannot be used: .*refused"):
        check_redis_url(f"redis://127.0.0.1:{any_free_port()}/0")


@pytest.mark.parametrize("url", ["mysql://localhost/keep4o", "sqlite:///db", "localhost"])
def test_another_kind_of_database_is_refused(url: str) -> None:
    with pytest.raises(Trouble, match=r"^DATABASE_URL must start with postgresql://\.$"):
        check_database_url(url)


@pytest.mark.parametrize("url", ["amqp://localhost", "localhost:6379"])
def test_another_kind_of_broker_is_refused(url: str) -> None:
    with pytest.raises(Trouble, match=r"^REDIS_URL must start with redis://\.$"):
        check_redis_url(url)


def test_the_engines_programs_are_found() -> None:
    assert shutil.which(binaries() / "initdb")
    assert shutil.which(binaries() / "pg_isready")


def _tell(valkey: Valkey, command: str) -> str:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(valkey.socket))
        connection.sendall(f"{command}\r\n".encode())
        return connection.recv(100).decode().strip()
