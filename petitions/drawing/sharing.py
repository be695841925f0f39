"""The picture that goes with a link: a figure, what it counts, and whose it is, in the look of the house."""

import io
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageDraw

from petitions.drawing.typesetting import HOUSE_FACE, broken, fitting, typeface, writable

WIDTH, HEIGHT = 1200, 630  # what every network that shows such pictures asks for
# As in static/css/tokens.css, the light look: a picture cannot ask its reader for theirs.
_PAPER, _INK, _QUIET, _VIOLET, _PALE, _RULE = "#fcfbfb", "#1a171b", "#5a545d", "#6b1f73", "#f3e6f4", "#d8d3d8"
_LEFT, _RIGHT = 80, 1120
_FIGURE_SIZES = (240, 220, 200, 180, 160, 130, 100)
_HEADLINE_SIZES = (96, 84, 72)
_SMOOTHING = 4  # circles are drawn so many times larger, then made small
_LEAST_STEPS_DRAWN, _MOST_STEPS_DRAWN = 2, 24


@dataclass(frozen=True, kw_only=True)
class SharePicture:
    """What stands on a picture, every word in the language of the page that it goes with."""

    figure: str  # "20,000", or "" where there is none yet: then the title is the headline
    unit: str  # "proved signatures"
    title: str
    address: str  # stands for a title that no typeface here can write
    note: str  # "Reached on 22 November 2026"
    site: str
    steps: int = 0  # of the way that is drawn, and how many of them are behind
    steps_behind: int = 0


def draw_picture(picture: SharePicture) -> bytes:
    """This function will draw a picture as PNG: the same bytes for the same words, whoever asks and whenever."""
    canvas = Image.new("RGB", (WIDTH, HEIGHT), _PAPER)
    canvas.paste(_PALE, (760, 70), _mark(680))
    draw = ImageDraw.Draw(canvas)
    _head(canvas, draw, picture)
    if picture.figure:
        _figure(draw, picture)
    else:
        _headline(draw, picture)
    _way(draw, picture)
    _note(draw, picture)
    file = io.BytesIO()
    canvas.save(file, "PNG", compress_level=9)
    return file.getvalue()


def _head(canvas: Image.Image, draw: ImageDraw.ImageDraw, picture: SharePicture) -> None:
    canvas.paste(_INK, (_LEFT, 38), _mark(64))
    font = typeface(HOUSE_FACE, 40)
    (site,) = broken(picture.site, font=font, widest=900, most_lines=1) or [""]
    draw.text((_LEFT + 84, 84), site, font=font, fill=_INK, anchor="ls")


def _figure(draw: ImageDraw.ImageDraw, picture: SharePicture) -> None:
    font = fitting(picture.figure, face=HOUSE_FACE, widest=_RIGHT - _LEFT, sizes=_FIGURE_SIZES)
    # The first numeral's own white is taken back, so that it stands on the edge of everything below.
    bearing = (font.getmask(picture.figure).getbbox() or (0,))[0]
    draw.text((_LEFT - bearing, 306), picture.figure, font=font, fill=_VIOLET, anchor="ls")
    unit = typeface(HOUSE_FACE, 52)
    (words,) = broken(picture.unit, font=unit, widest=_RIGHT - _LEFT, most_lines=1)
    draw.text((_LEFT, 390), words, font=unit, fill=_INK, anchor="ls")
    _title(draw, picture)


def _headline(draw: ImageDraw.ImageDraw, picture: SharePicture) -> None:
    known = writable(picture.title)
    words, face = known or (picture.address, HOUSE_FACE)
    for size in _HEADLINE_SIZES:
        font = typeface(face, size)
        lines = broken(words, font=font, widest=_RIGHT - _LEFT, most_lines=3)
        if not lines[-1].endswith("…"):
            break
    for number, line in enumerate(lines):
        draw.text((_LEFT, 220 + number * round(size * 1.12)), line, font=font, fill=_VIOLET, anchor="ls")


def _title(draw: ImageDraw.ImageDraw, picture: SharePicture) -> None:
    words, face = writable(picture.title) or (picture.address, HOUSE_FACE)
    font = fitting(words, face=face, widest=_RIGHT - _LEFT, sizes=(44, 36))
    for number, line in enumerate(broken(words, font=font, widest=_RIGHT - _LEFT, most_lines=2)):
        draw.text((_LEFT, 456 + number * 45), line, font=font, fill=_INK, anchor="ls")


def _note(draw: ImageDraw.ImageDraw, picture: SharePicture) -> None:
    # An addressee may be written in a script that the title is not.
    words, face = writable(picture.note) or (picture.address, HOUSE_FACE)
    font = typeface(face, 30)
    (line,) = broken(words, font=font, widest=_RIGHT - _LEFT, most_lines=1)
    draw.text((_LEFT, 572), line, font=font, fill=_QUIET, anchor="ls")


def _way(draw: ImageDraw.ImageDraw, picture: SharePicture) -> None:
    """This function will draw the steps as a row of bars along the foot, those behind filled in."""
    if not _LEAST_STEPS_DRAWN <= picture.steps <= _MOST_STEPS_DRAWN:
        draw.rectangle((0, 612, WIDTH, HEIGHT), fill=_VIOLET)
        return
    gap = 6
    width = (WIDTH - gap * (picture.steps - 1)) / picture.steps
    for step in range(picture.steps):
        left = round(step * (width + gap))
        fill = _VIOLET if step < picture.steps_behind else _RULE
        draw.rectangle((left, 612, round(left + width) - 1, HEIGHT), fill=fill)


@lru_cache(maxsize=2)
def _mark(side: int) -> Image.Image:
    """This function will draw the stamp of templates/components/_mark.html as a mask: two circles and the "4o"."""
    large = Image.new("L", (side * _SMOOTHING,) * 2, 0)
    draw = ImageDraw.Draw(large)
    unit = side * _SMOOTHING / 40  # its view box
    for radius, stroke in ((18.75, 1.5), (16.25, 0.6)):
        outer, inner = (radius + stroke / 2) * unit, (radius - stroke / 2) * unit
        middle = 20 * unit
        draw.ellipse((middle - outer, middle - outer, middle + outer, middle + outer), fill=255)
        draw.ellipse((middle - inner, middle - inner, middle + inner, middle + inner), fill=0)
    font = typeface(HOUSE_FACE, round(side * _SMOOTHING * 0.665))
    left, top, right, bottom = font.getbbox("4o")
    place = ((large.width - left - right) / 2, (large.height - top - bottom) / 2)
    draw.text(place, "4o", font=font, fill=255)
    return large.resize((side, side), Image.Resampling.LANCZOS)
