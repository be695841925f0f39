"""The pictures that go with links: right in every language and script, drawn once, and never at anybody's command."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from PIL import Image
from pytest_django import Settings

from petitions.drawing import HEIGHT, WIDTH, SharePicture, draw_picture
from petitions.drawing.typesetting import HOUSE_FACE, broken, typeface, writable
from petitions.models import Milestone, Petition, Tally
from petitions.queries.share_pictures import picture_version
from petitions.views import pictures
from tests.factories import NOW, make_petition, make_petition_text
from tests.parallel import results_of, run_in_parallel

MILESTONE, SHARE = "/en/petitions/keep/milestones/500.png", "/en/petitions/keep/share.png"
LONG = "Keep it available, " * 6


def picture(**changes: Any) -> SharePicture:
    usual: dict[str, Any] = {
        "figure": "20,000",
        "unit": "proved signatures",
        "title": "Keep it available",
        "address": "keep.example/en/petitions/keep",
        "note": "Reached on 2 March 2026",
        "site": "Keep4o",
        "steps": 6,
        "steps_behind": 5,
    }
    return SharePicture(**{**usual, **changes})


@pytest.fixture
def petition(db: None) -> Petition:
    petition = make_petition(slug="keep", ladder=[100, 500, 1_000])
    Tally.objects.create(petition=petition, total=700, as_of=NOW)
    for threshold in (100, 500):
        Milestone.objects.create(petition=petition, threshold=threshold, reached_at=NOW)
    return petition


@pytest.fixture(autouse=True)
def _nothing_is_kept_here() -> Iterator[None]:
    pictures._here.clear()
    yield
    pictures._here.clear()


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[SharePicture]:
    """Every picture that is really drawn, the drawing itself left as it is."""
    seen: list[SharePicture] = []

    def draw_and_note(picture: SharePicture) -> bytes:
        seen.append(picture)
        return draw_picture(picture)

    monkeypatch.setattr(pictures, "draw_picture", draw_and_note)
    return seen


def opened(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png))


# --- The drawing ------------------------------------------------------------------------------------------------------
def test_the_same_words_are_the_same_bytes() -> None:
    assert draw_picture(picture()) == draw_picture(picture())
    assert picture_version(picture()) == picture_version(picture())


@pytest.mark.parametrize(
    "changes",
    [
        {"figure": "1", "unit": "proved signature", "steps": 0},
        {"figure": "2\u00a0000\u00a0000\u00a0000"},
        {"figure": "", "unit": ""},
        {"figure": "", "title": LONG},
        {"title": LONG},
        {"title": "W" * 120},
        {"title": "保留 GPT-4o"},
        {"title": "🎉❤️"},
        {"title": ""},
        {"site": "A site whose name is far too long to stand in one line beside its mark, and goes on"},
        {"note": "A petition to " + "an office of many words " * 8},
        {"steps": 40, "steps_behind": 39},
    ],
)
def test_whatever_it_says_it_has_the_size_that_networks_ask_for(changes: dict[str, Any]) -> None:
    image = opened(draw_picture(picture(**changes)))

    assert (image.format, image.size) == ("PNG", (WIDTH, HEIGHT))


def test_nothing_is_written_over_the_right_edge() -> None:
    image = opened(draw_picture(picture(title=LONG, note="A long note, " * 20)))

    edge = image.crop((WIDTH - 40, 0, WIDTH, 600))

    assert {colour for _n, colour in edge.getcolors(10_000) or [] if max(colour) < 150} == set()


@pytest.mark.parametrize("change", [{"title": "Another"}, {"figure": "5"}, {"note": "x"}, {"site": "x"}, {"steps": 9}])
def test_another_word_is_another_version(change: dict[str, Any]) -> None:
    assert picture_version(picture(**change)) != picture_version(picture())


@pytest.mark.parametrize(
    ("title", "kept"),
    [
        ("Keep GPT-4o available", "Keep GPT-4o available"),
        ("Gardez-le : « ça » coûte œuvre", "Gardez-le : « ça » coûte œuvre"),
        ("Save it ❤️ now 🎉", "Save it now"),
        ("GPT-\u20604o", "GPT-4o"),
    ],
)
def test_the_house_writes_its_languages_and_leaves_ornaments_out(title: str, kept: str) -> None:
    assert writable(title) == (kept, HOUSE_FACE)


@pytest.mark.parametrize("title", ["保留它", "Оставьте его", "أبقوه متاحا", "ให้มันอยู่ต่อ", "🎉", ""])
def test_a_script_that_no_typeface_here_knows_is_not_drawn_as_boxes(title: str, settings: Settings) -> None:
    settings.SHARE_PICTURE_FONTS = ()

    assert writable(title) is None
    assert draw_picture(picture(title=title)) == draw_picture(picture(title="保"))  # the address stands in its place


def test_a_typeface_that_the_operator_names_writes_what_the_house_cannot(settings: Settings, tmp_path: Path) -> None:
    copy = tmp_path / "another.woff2"
    copy.write_bytes(HOUSE_FACE.read_bytes())
    settings.SHARE_PICTURE_FONTS = (copy,)

    assert writable("Keep it") == ("Keep it", HOUSE_FACE)
    assert writable("保留它") is None


@pytest.mark.parametrize("text", [LONG, "W" * 300, "保" * 300, "é" * 200, "e\u0301" * 200])
def test_lines_fit_and_end_with_an_ellipsis(text: str) -> None:
    font = typeface(HOUSE_FACE, 36)

    lines = broken(text, font=font, widest=500, most_lines=2)

    assert len(lines) == 2
    assert all(font.getlength(line) <= 500 for line in lines)
    assert lines[-1].endswith("…")
    assert not lines[1].startswith("\u0301")


def test_a_word_too_wide_for_a_line_is_parted_at_its_hyphen() -> None:
    lines = broken(
        "anticonstitutionnellement-intergouvernemental", font=typeface(HOUSE_FACE, 36), widest=500, most_lines=2
    )

    assert lines == ["anticonstitutionnellement-", "intergouvernemental"]


def test_a_short_text_is_left_whole() -> None:
    assert broken("Keep it", font=typeface(HOUSE_FACE, 36), widest=500, most_lines=2) == ["Keep it"]


def _version_of(client: Client) -> str:
    return str(client.head(f"{MILESTONE}?", headers={"If-None-Match": "*"})["ETag"]).strip('"')


# --- Over HTTP --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", [MILESTONE, SHARE])
def test_a_picture_answers_in_each_language_with_its_own_words(client: Client, petition: Petition, path: str) -> None:
    english, french = client.get(path), client.get(path.replace("/en/", "/fr/"))

    assert [answer.headers["Content-Type"] for answer in (english, french)] == ["image/png"] * 2
    assert opened(english.content).size == (WIDTH, HEIGHT)
    assert english.content != french.content
    assert not english.cookies
    assert "Cookie" not in english.get("Vary", "")


def test_a_picture_by_its_version_is_kept_long_and_another_asked_for_soon_again(
    client: Client, petition: Petition
) -> None:
    page = client.get("/en/petitions/keep/milestones/500/").content.decode()
    versioned = page.split('<img src="')[1].split('"')[0]

    assert "immutable" in client.get(versioned)["Cache-Control"]
    for other in (MILESTONE, f"{MILESTONE}?v=forged", f"{MILESTONE}?width=100000"):
        answer = client.get(other)
        assert "immutable" not in answer["Cache-Control"]
        assert opened(answer.content).size == (WIDTH, HEIGHT)


def test_who_has_it_already_gets_no_bytes_and_draws_nothing(
    client: Client, petition: Petition, drawn: list[SharePicture]
) -> None:
    first = client.get(MILESTONE)
    pictures._here.clear()
    cache.clear()

    again = client.get(MILESTONE, headers={"If-None-Match": first["ETag"]})

    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert not first["ETag"].startswith("W/")
    assert len(drawn) == 1


def test_it_is_drawn_once_for_all_processes(client: Client, petition: Petition, drawn: list[SharePicture]) -> None:
    first = client.get(MILESTONE)
    pictures._here.clear()  # another process

    assert client.get(MILESTONE).content == first.content
    assert client.get(f"{MILESTONE}?v=1").content == first.content
    assert len(drawn) == 1


@pytest.mark.django_db(transaction=True)
def test_a_stampede_draws_it_once(petition: Petition, drawn: list[SharePicture]) -> None:
    connection.close()

    answers = results_of(run_in_parallel(lambda: Client().get(MILESTONE).content, times=12))

    assert len(set(answers)) == 1
    assert len(drawn) == 1


def test_who_began_to_draw_and_died_holds_nobody_up_for_good(
    client: Client, petition: Petition, drawn: list[SharePicture], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "DRAWING_S", 0.2)
    cache.add(f"{pictures._key(_version_of(client))}:drawing", 1, timeout=60)

    assert client.get(MILESTONE).status_code == 200
    assert len(drawn) == 1


def test_few_pictures_are_kept_in_a_process(client: Client, petition: Petition) -> None:
    for number in range(pictures.KEPT_HERE + 3):
        pictures._here[f"other-{number}"] = b""
        if len(pictures._here) > pictures.KEPT_HERE:
            pictures._here.popitem(last=False)
    client.get(MILESTONE)

    assert len(pictures._here) <= pictures.KEPT_HERE


def test_the_petitions_picture_changes_with_milestones_and_titles_only(client: Client, petition: Petition) -> None:
    def etag() -> str:
        return str(client.get(SHARE)["ETag"])

    first = etag()
    Tally.objects.update(total=999)
    assert etag() == first

    Milestone.objects.create(petition=petition, threshold=1_000, reached_at=NOW)
    Tally.objects.update(total=1_000)
    second = etag()
    make_petition_text(petition=petition, version=2, title="Another title")

    assert len({first, second, etag()}) == 3


def test_a_milestones_picture_stays_as_it_was_shared(client: Client, petition: Petition) -> None:
    first = client.get(MILESTONE)["ETag"]
    Milestone.objects.create(petition=petition, threshold=1_000, reached_at=NOW)
    Petition.objects.update(ladder=[5, 1_000, 5_000])
    Tally.objects.update(total=1_000)

    assert client.get(MILESTONE)["ETag"] == first


def test_a_count_that_fell_below_a_milestone_is_not_shown_as_reached(client: Client, petition: Petition) -> None:
    before = client.get(SHARE)["ETag"]
    Tally.objects.update(total=400)

    assert client.get(SHARE)["ETag"] != before
    assert 'og:image:alt" content="100 proved' in client.get("/en/petitions/keep/").content.decode()


def test_a_petition_without_a_milestone_shows_its_title(client: Client, db: None) -> None:
    make_petition(slug="keep", ladder=[100])

    assert client.get(SHARE).status_code == 200
    assert (
        'og:image:alt" content="“Keep it available (en)”. A petition to OpenAI'
        in client.get("/en/petitions/keep/").content.decode()
    )
