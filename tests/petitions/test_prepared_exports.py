"""Every signature as a row: asked for, written by the clock to a storage, and taken out with a trace."""

import csv
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files import File
from django.core.files.storage import FileSystemStorage, storages
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import AuditEntry, Role, Team, User
from keep4o_site.retention import forget_expired
from petitions.actions.preparing import NotReady, ask_for_export, open_export, prepare_next_export
from petitions.models import ExportState, Petition, PreparedExport, QuestionKind
from petitions.rules.exports import MOST_ATTEMPTS
from petitions.rules.periods import bucket_start
from tests.factories import NOW, make_membership, make_petition, make_question, make_signature
from tests.petitions.saying import say

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


class FullStorage(FileSystemStorage):
    """Refuses every file, as a bucket without rights does."""

    def _save(self, name: str, content: object) -> str:  # noqa: ARG002 # what Django calls
        raise PermissionError


class BucketError(Exception):
    """What a storage elsewhere raises is seldom one of the errors of files."""


class SilentBucket(FileSystemStorage):
    """Takes every file and gives none back, as a bucket does that nobody can reach any more."""

    def _open(self, name: str, mode: str = "rb") -> "File[bytes]":  # noqa: ARG002 # what Django calls
        raise BucketError


class SlowBucket(FileSystemStorage):
    """Looks for a file only when it is read, as those do that fetch it from elsewhere."""

    def _open(self, name: str, mode: str = "rb") -> "File[bytes]":  # noqa: ARG002 # what Django calls
        return _Unfetched(None, name)


class _Unfetched(File):  # type: ignore[type-arg] # it takes none when it runs
    def seek(self, *_args: int) -> int:
        raise BucketError


@pytest.fixture(autouse=True)
def exports_folder(settings: Settings, tmp_path: Path) -> Path:
    use_storage(settings, "django.core.files.storage.FileSystemStorage", tmp_path)
    return tmp_path


def use_storage(settings: Settings, backend: str, folder: Path) -> None:
    settings.STORAGES = {**settings.STORAGES, "exports": {"BACKEND": backend, "OPTIONS": {"location": str(folder)}}}


@pytest.fixture
def petition(team: Team) -> Petition:
    return make_petition(team=team, slug="keep")


@pytest.fixture
def organiser(team: Team) -> User:
    return make_membership(team=team, role=Role.ORGANISER).user


@pytest.fixture
def organiser_client(organiser: User) -> Client:
    client = Client()
    client.force_login(organiser)
    return client


@pytest.fixture
def ask(petition: Petition, organiser: User) -> Callable[[], PreparedExport]:
    def asked() -> PreparedExport:
        ask_for_export(petition=petition, actor=organiser, language="en", now=NOW)
        return PreparedExport.objects.latest("id")

    return asked


def rows_of(export: PreparedExport, *, actor: User) -> list[list[str]]:
    _export, file = open_export(petition=export.petition, export_id=export.pk, actor=actor, now=LATER)
    with file:
        return list(csv.reader(io.StringIO(file.read().decode())))


def verbs() -> list[str]:
    return list(AuditEntry.objects.order_by("id").values_list("verb", flat=True))


def test_each_counted_signature_is_a_row_without_anything_sealed(
    petition: Petition, organiser: User, ask: Callable[[], PreparedExport]
) -> None:
    choice = make_question(petition=petition)
    make_question(petition=petition, kind=QuestionKind.TEXT, position=2, labels={"en": "Why?", "fr": "Pourquoi ?"})
    key = choice.options[0]["key"]
    signed = make_signature(petition=petition, name="Alice Secret", country="FR", verified_at=NOW)
    say(signed, choices={str(choice.pk): key})
    make_signature(petition=petition, country="", verified_at=NOW + timedelta(hours=1))
    make_signature(petition=petition, invalidated_at=NOW)

    export = ask()
    assert prepare_next_export(now=LATER)

    header, *rows = rows_of(export, actor=organiser)
    assert header == ["quarter_hour_utc", "country", "channel", "language", choice.labels["en"]]
    first, second = (bucket_start(at).strftime("%Y-%m-%dT%H:%MZ") for at in (NOW, NOW + timedelta(hours=1)))
    assert rows == [
        [first, "FR", "web", "en", choice.options[0]["labels"]["en"]],
        [second, "", "web", "en", ""],
    ]
    export.refresh_from_db()
    assert (export.state, export.rows) == (ExportState.READY, 2)


def test_words_of_a_choice_can_neither_break_a_cell_nor_begin_a_formula(
    petition: Petition, organiser: User, ask: Callable[[], PreparedExport]
) -> None:
    nasty = "=HYPERLINK(\"x\"), 'or' {not}\n%s"
    choice = make_question(petition=petition, labels={"en": '=1+"1"', "fr": "x"})
    choice.options[0]["labels"]["en"] = nasty
    choice.save()
    key = choice.options[0]["key"]
    say(make_signature(petition=petition), choices={str(choice.pk): key})

    export = ask()
    prepare_next_export(now=LATER)

    header, row = rows_of(export, actor=organiser)
    assert header[-1] == '\'=1+"1"'
    assert row[-1] == f"'{nasty}"


def test_asking_twice_owes_one_file(ask: Callable[[], PreparedExport]) -> None:
    assert ask().pk == ask().pk
    assert PreparedExport.objects.count() == 1
    assert verbs() == ["rows.export-asked"] * 2


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_write_a_file_once(ask: Callable[[], PreparedExport], petition: Petition) -> None:
    make_signature(petition=petition)
    export = ask()

    def work(_number: int) -> bool:
        try:
            return prepare_next_export(now=LATER)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as workers:
        done = list(workers.map(work, range(8)))

    export.refresh_from_db()
    assert done.count(True) == 1
    assert (export.state, export.attempts) == (ExportState.READY, 1)


def test_a_storage_that_refuses_is_tried_again_and_then_told(
    ask: Callable[[], PreparedExport], settings: Settings, tmp_path: Path, organiser: User
) -> None:
    use_storage(settings, f"{__name__}.FullStorage", tmp_path)
    export = ask()

    begun = [prepare_next_export(now=NOW + timedelta(minutes=30)) for _ in range(MOST_ATTEMPTS + 1)]

    assert begun == [True] * MOST_ATTEMPTS + [False]
    export.refresh_from_db()
    assert export.state == ExportState.FAILED
    with pytest.raises(NotReady):
        open_export(petition=export.petition, export_id=export.pk, actor=organiser, now=LATER)
    assert ask().pk != export.pk


def test_a_second_attempt_waits_and_leaves_one_file(
    ask: Callable[[], PreparedExport], settings: Settings, exports_folder: Path
) -> None:
    use_storage(settings, f"{__name__}.FullStorage", exports_folder)
    ask()
    prepare_next_export(now=NOW)
    assert not prepare_next_export(now=NOW + timedelta(seconds=1))

    use_storage(settings, "django.core.files.storage.FileSystemStorage", exports_folder)
    (exports_folder / "signatures").mkdir(exist_ok=True)
    (exports_folder / "signatures" / f"{PreparedExport.objects.get().pk}.csv").write_text("half")
    assert prepare_next_export(now=NOW + timedelta(seconds=11))
    assert len(list(exports_folder.rglob("*.csv"))) == 1


def test_files_and_their_rows_go_when_their_days_are_over(
    ask: Callable[[], PreparedExport], settings: Settings, exports_folder: Path, organiser: User
) -> None:
    export = ask()
    prepare_next_export(now=LATER)
    over = LATER + settings.EXPORT_RETENTION
    with pytest.raises(NotReady):
        open_export(petition=export.petition, export_id=export.pk, actor=organiser, now=over)

    list(forget_expired(now=over))

    assert not PreparedExport.objects.exists()
    assert list(exports_folder.rglob("*.csv")) == []


def test_a_file_that_is_gone_is_not_ready(ask: Callable[[], PreparedExport], organiser: User) -> None:
    export = ask()
    prepare_next_export(now=LATER)
    storages["exports"].delete(f"signatures/{export.pk}.csv")
    with pytest.raises(NotReady):
        open_export(petition=export.petition, export_id=export.pk, actor=organiser, now=LATER)


@pytest.mark.parametrize("storage", [SilentBucket, SlowBucket])
def test_a_storage_out_of_reach_is_told_and_its_file_stays_for_later(
    storage: type,
    ask: Callable[[], PreparedExport],
    organiser_client: Client,
    settings: Settings,
    exports_folder: Path,
) -> None:
    export = ask()
    prepare_next_export(now=LATER)
    PreparedExport.objects.update(expires_at=timezone.now() + timedelta(days=1))
    use_storage(settings, f"{__name__}.{storage.__name__}", exports_folder)
    download = reverse("petitions:download-rows", args=["keep", export.pk])

    answer = organiser_client.post(download, follow=True)

    assert answer.redirect_chain == [(page_of(export.petition), 303)]
    assertContains(answer, "The file cannot be fetched just now.")
    assert "rows.exported" not in verbs()
    use_storage(settings, "django.core.files.storage.FileSystemStorage", exports_folder)
    assert organiser_client.post(download).getvalue().startswith(b"quarter_hour_utc")


def page_of(petition: Petition) -> str:
    return reverse("petitions:export-counts", args=[petition.slug])


def test_an_organiser_asks_waits_and_downloads(organiser_client: Client, petition: Petition) -> None:
    make_signature(petition=petition, country="FR")
    asked = organiser_client.post(reverse("petitions:ask-for-rows", args=["keep"]))
    assert (asked.status_code, asked.headers["Location"]) == (303, page_of(petition))
    assertContains(organiser_client.get(page_of(petition)), "is being written")

    export = PreparedExport.objects.get()
    prepare_next_export(now=export.asked_at)
    assertContains(organiser_client.get(page_of(petition)), "1 row, as of")
    file = organiser_client.post(reverse("petitions:download-rows", args=["keep", export.pk]))

    assert file.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert f"keep_signatures_{export.asked_at:%Y-%m-%d}.csv" in file.headers["Content-Disposition"]
    assert b"FR,web" in file.getvalue()
    assert verbs() == ["rows.export-asked", "rows.exported"]


def test_a_file_that_is_not_ready_leads_back_to_the_page(
    organiser_client: Client, petition: Petition, ask: Callable[[], PreparedExport]
) -> None:
    answer = organiser_client.post(reverse("petitions:download-rows", args=["keep", ask().pk]))
    assert (answer.status_code, answer.headers["Location"]) == (303, page_of(petition))


def test_a_failed_file_is_told_on_the_page(
    organiser_client: Client, petition: Petition, ask: Callable[[], PreparedExport]
) -> None:
    PreparedExport.objects.filter(pk=ask().pk).update(state=ExportState.FAILED)
    assertContains(organiser_client.get(page_of(petition)), "could not be written")


def test_another_petitions_file_is_not_found(organiser_client: Client, ask: Callable[[], PreparedExport]) -> None:
    other = make_petition(slug="other")
    PreparedExport.objects.filter(pk=ask().pk).update(petition=other)
    export = PreparedExport.objects.get()
    for slug in ("keep", "other"):
        assert organiser_client.post(reverse("petitions:download-rows", args=[slug, export.pk])).status_code == 404


def test_reading_changes_nothing(organiser_client: Client, petition: Petition) -> None:
    assert organiser_client.get(reverse("petitions:ask-for-rows", args=[petition.slug])).status_code == 405
    assert organiser_client.get(reverse("petitions:download-rows", args=[petition.slug, 1])).status_code == 405


def test_an_analyst_sees_no_rows(petition: Petition, team: Team) -> None:
    client = Client()
    client.force_login(make_membership(team=team, role=Role.ANALYST).user)
    assertNotContains(client.get(page_of(petition)), "Every signature as a row")
    assert client.post(reverse("petitions:ask-for-rows", args=["keep"])).status_code == 403
