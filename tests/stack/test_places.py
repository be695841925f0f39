import os
from pathlib import Path

import pytest

from keep4o_site.stack.places import MAX_SOCKET_PATH_BYTES, Places, site_places, socket_folder


def test_the_data_lie_in_the_checkout_unless_var_dir_says_otherwise(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert site_places().var.name == "var"

    monkeypatch.setenv("VAR_DIR", str(tmp_path))

    assert site_places().var == tmp_path


def test_only_the_owner_may_enter_the_folders(tmp_path: Path) -> None:
    places = Places(var=tmp_path / "var")

    places.make()

    assert {folder.stat().st_mode & 0o777 for folder in (places.var, places.logs, places.stamps)} == {0o700}


def test_sockets_lie_in_var_when_the_path_is_short(places: Places) -> None:
    assert socket_folder(places) == places.var / "sockets"


def test_sockets_of_a_long_path_lie_in_the_same_temporary_folder_every_time(tmp_path: Path) -> None:
    deep = Places(var=tmp_path / ("d" * 60) / ("é" * 30))
    deep.make()

    folder = socket_folder(deep)

    assert len(os.fsencode(folder / ".s.PGSQL.5432")) <= MAX_SOCKET_PATH_BYTES
    assert folder == socket_folder(deep)
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.rmdir()


def test_a_temporary_folder_that_others_may_enter_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = Places(var=tmp_path / ("d" * 100))
    deep.make()
    trap = socket_folder(deep)
    trap.chmod(0o777)

    folder = socket_folder(deep)

    assert folder != trap
    for made in (trap, folder):
        Path(made).rmdir()
