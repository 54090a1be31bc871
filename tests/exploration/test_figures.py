"""Figures: they are drawn, their text alternatives are right, and odd class names do no harm."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image

from sparkles.errors import MissingDependencyError
from sparkles.exploration.bars import draw_chosen, draw_classes, draw_per_image
from sparkles.exploration.clusters import cluster_classes
from sparkles.exploration.co_occurrence import CoOccurrence
from sparkles.exploration.frequent import ClassCount
from sparkles.exploration.matrices import draw_dendrogram, draw_jaccard, draw_lift
from sparkles.exploration.per_image import spread_of
from sparkles.exploration.sizes import draw_aspect, draw_bytes, draw_dimensions
from sparkles.pages import Picture
from sparkles.pages.figures import check_can_draw, drawn, short_name

NAMES = ["Car $x_1$", "Wheel", "Tree with a very long name indeed"]
FOUND = CoOccurrence(["c", "w", "t"], 9, np.array([[4, 2, 0], [2, 2, 0], [0, 0, 3]]))


def colours_of(picture: Picture) -> tuple[tuple[int, int], set[tuple[int, int, int]]]:
    with Image.open(io.BytesIO(picture.png)) as image:
        assert image.format == "PNG"
        return image.size, {colour for _, colour in image.convert("RGB").getcolors(1 << 24)}


def test_labels_per_image_are_drawn() -> None:
    spread = {"all": spread_of({1: 5, 2: 9}), "positive": spread_of({0: 4, 1: 6}),
              "negative": spread_of({1: 2})}  # fmt: skip
    picture = draw_per_image(spread)
    assert "1 to 2 labels, most often 2" in picture.alt
    _, colours = colours_of(picture)
    assert {(0, 0x72, 0xB2), (0xD5, 0x5E, 0)} <= colours
    without = draw_per_image(spread | {"negative": spread_of({0: 9})})
    assert (0xD5, 0x5E, 0) not in colours_of(without)[1]  # no second series: it would be the same


def test_frequent_classes_are_drawn() -> None:
    counts = [ClassCount("c", 4, 1), ClassCount("w", 2, 0), ClassCount("t", 3, 9)]
    picture = draw_classes(NAMES, counts)
    assert "Car $x_1$ 4, Wheel 2" in picture.alt
    taller = draw_classes(NAMES * 10, counts * 10)
    assert colours_of(taller)[0][1] > colours_of(picture)[0][1] + 300  # room for every name


def test_chosen_classes_are_drawn() -> None:
    chosen = {
        "classes": [{"name": "Car", "positive": 7, "alone": 5}, {"name": "Tree", "positive": 2,
                    "alone": 0}],
        "images": 7,
        "ambiguous": 2,
    }  # fmt: skip
    picture = draw_chosen(chosen)
    assert "Car 7, of these 5 alone; Tree 2, of these 0 alone" in picture.alt
    assert "2 of 7 images" in picture.caption


def test_matrices_and_dendrogram_are_drawn() -> None:
    clusters = cluster_classes(FOUND.jaccard())
    jaccard = draw_jaccard(NAMES, FOUND, clusters.order)
    assert "Car $x_1$ and Wheel 0.50" in jaccard.alt
    lift = draw_lift(NAMES, FOUND, clusters.order)
    assert "Car $x_1$ and Wheel 2.25" in lift.alt  # 9 x 2 / (4 x 2)
    tree = draw_dendrogram(NAMES, clusters)
    assert "merged are Car $x_1$ and Wheel, at distance 0.50" in tree.alt
    for picture in (jaccard, lift, tree):
        assert len(colours_of(picture)[1]) > 5


def test_classes_that_are_never_together_are_drawn() -> None:
    apart = CoOccurrence(["a", "b"], 4, np.diag([2, 2]))
    clusters = cluster_classes(apart.jaccard())
    assert "none together" in draw_jaccard(NAMES[:2], apart, clusters.order).alt
    assert "none together" in draw_lift(NAMES[:2], apart, clusters.order).alt
    assert "at distance 1.00" in draw_dendrogram(NAMES[:2], clusters).alt


def test_classes_that_are_always_together_are_drawn() -> None:
    same = CoOccurrence(["a", "b"], 4, np.full((2, 2), 3))
    assert "at distance 0.00" in draw_dendrogram(NAMES[:2], cluster_classes(same.jaccard())).alt


def photos(least: float, most: float) -> dict[str, Any]:
    quantiles = {"least": least, "most": most, "median": (least + most) / 2}
    counts = [1, 2] if most > least else [3]
    histogram = {"edges": np.linspace(least, most, len(counts) + 1).tolist(), "counts": counts}
    edges = [[0, most / 2, most]] * 2
    grid = {"edges": edges, "counts": [[0, 0], [1, 2]]}
    names = ("width", "height", "aspect", "bytes")
    histograms = dict.fromkeys(names, histogram) | {"width by height": grid}
    return {"quantiles": dict.fromkeys(names, quantiles), "histograms": histograms}


@pytest.mark.parametrize(("least", "most"), [(100, 100), (1, 3e9), (300, 310)])
@pytest.mark.parametrize("draw", [draw_dimensions, draw_aspect, draw_bytes])
def test_photos_of_equal_and_of_all_sizes_are_drawn(
    draw: Callable[[Any], Picture], least: float, most: float
) -> None:
    picture = draw(photos(least, most))
    assert len(colours_of(picture)[1]) > 5
    assert picture.alt.endswith(".")


def test_names_are_not_parsed_as_mathematics() -> None:
    with drawn(2, 2) as (_, axes):
        assert not axes.set_title(NAMES[0]).get_parse_math()


def test_long_names_are_cut_and_line_breaks_removed() -> None:
    assert short_name("a\nb\tc") == "a b c"
    assert len(short_name("x" * 100)) == 26


def test_missing_libraries_name_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingDependencyError, match=r"matplotlib.*sparkles-ml\[plots\]"):
        check_can_draw()
