"""Figures as PNG and SVG on light and dark screens."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET

import numpy as np
from PIL import Image

from sparkles.pages import Picture
from sparkles.pages.figures import GRID, INK, LIGHT, drawn, files_of


def draw(name: str = "<Car> & 'co' -->") -> tuple[bytes, str]:
    with drawn(3, 2) as (canvas, axes):
        axes.plot([0, 1], label=name)
        axes.grid()
        axes.text(0, 0, "on a dark cell", color=LIGHT)
        axes.legend()
        return files_of(canvas)


def test_the_png_has_a_white_background() -> None:
    png, _ = draw()
    with Image.open(io.BytesIO(png)) as image:
        assert image.size == (330, 220)
        assert image.convert("RGB").getpixel((0, 0)) == (255, 255, 255)


def test_the_svg_is_valid_and_has_colours_for_light_and_dark_screens() -> None:
    _, svg = draw()
    root = ET.fromstring(svg)
    assert root.tag.endswith("svg")
    style, _, rest = svg.partition("</style>")
    assert f"--ink:{INK}" in style
    assert "prefers-color-scheme: dark" in style
    for fixed in (INK, GRID, "#ffffff"):
        assert fixed not in rest
    assert "var(--ink)" in rest
    assert LIGHT in rest


def test_the_svg_refers_to_no_other_file() -> None:
    _, svg = draw()
    links = re.findall(r'(?:href|src)="([^"]*)"', svg)
    assert all(link.startswith(("#", "data:")) for link in links)
    assert "<script" not in svg


def test_the_same_figure_is_the_same_file() -> None:
    assert draw() == draw()


def test_notebooks_can_display_a_picture() -> None:
    png, svg = draw()
    picture = Picture("name", "Title", "Caption", "Alt", png, svg)
    assert picture._repr_png_() == png
    assert picture.uri.startswith("data:image/svg+xml;base64,")
    assert "png" not in repr(picture)
    pixels = np.asarray(Image.open(io.BytesIO(picture._repr_png_())).convert("L"))
    assert pixels.min() < 100  # something dark is drawn on the white
