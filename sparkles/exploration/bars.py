"""Bar charts: labels of an image, frequent classes, the chosen classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sparkles.exploration.chosen import ChosenFacts
from sparkles.exploration.frequent import ClassCount
from sparkles.exploration.per_image import LabelsPerImage, Spread
from sparkles.pages import Picture
from sparkles.pages.figures import COLOURS, COLUMN, PALE, drawn, files_of, short_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_chosen", "draw_classes", "draw_per_image"]

_ROW = 0.22  # inches: the height of a class's bar


def draw_per_image(per_image: LabelsPerImage) -> Picture:
    """Draw how many images have how many labels, in all and positive ones."""
    with drawn(COLUMN, 3.6) as (canvas, axes):
        series: dict[str, Spread] = {"positive labels": per_image["positive"]}
        if per_image["negative"]["most"]:
            series = {"positive and negative labels": per_image["all"]} | series
        width = 0.8 / len(series)
        for place, (label, spread) in enumerate(series.items()):
            pairs = [(labels, images) for labels, images in spread["images"] if labels]
            xs = [labels + (place - (len(series) - 1) / 2) * width for labels, _ in pairs]
            axes.bar(xs, [images for _, images in pairs], width, color=COLOURS[place], label=label)
        axes.set_xlabel("labels of an image")
        axes.set_ylabel("images")
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.yaxis.set_major_formatter("{x:,.0f}")
        axes.grid(axis="y")
        axes.legend(frameon=False)
        files = files_of(canvas)
    every, positive = per_image["all"], per_image["positive"]
    alt = (
        f"Bar chart of images by number of labels. Images have {every['least']:,} to "
        f"{every['most']:,} labels, most often {every['mode']:,}, and of positive ones "
        f"{positive['least']:,} to {positive['most']:,}, most often {positive['mode']:,}."
    )
    caption = "Each class of an image counts once. Images without such labels are not drawn."
    return Picture("labels-per-image", "Labels per image", caption, alt, *files)


def draw_classes(names: Sequence[str], counts: Sequence[ClassCount]) -> Picture:
    """Draw the most frequent classes, with positive and verified negative images apart."""
    shown = [short_name(name) for name in names]
    with drawn(COLUMN, 1.2 + _ROW * len(shown)) as (canvas, axes):
        rows = _label_rows(axes, shown, size=10)
        positive = [count.positive for count in counts]
        negative = [count.negative for count in counts]
        axes.barh(rows, positive, 0.75, color=COLOURS[0], label="positive")
        if any(negative):
            axes.barh(rows, negative, 0.75, left=positive, color=PALE, label="verified negative")
        axes.legend(frameon=False, loc="lower right")
        files = files_of(canvas)
    first = ", ".join(
        f"{name} {count.positive:,}" for name, count in zip(names[:5], counts[:5], strict=True)
    )
    alt = f"Bar chart of the {len(shown)} most frequent classes. Images that have them: {first}."
    caption = (
        "Ordered by the images that have the class. A verified negative is an image in which the "
        "class was looked for and not found (Confidence 0)."
    )
    return Picture("frequent-classes", "The most frequent classes", caption, alt, *files)


def draw_chosen(chosen: ChosenFacts) -> Picture:
    """Draw the balance of the chosen classes: images with one of them, and with several."""
    classes = chosen["classes"]
    shown = [short_name(one["name"]) for one in classes]
    with drawn(COLUMN, 1.5 + 0.35 * len(shown)) as (canvas, axes):
        rows = _label_rows(axes, shown)
        alone = [one["alone"] for one in classes]
        shared = [one["positive"] - one["alone"] for one in classes]
        axes.barh(rows, alone, 0.65, color=COLOURS[0], label="this class alone")
        axes.barh(
            rows, shared, 0.65, left=alone, color=COLOURS[5], hatch="//", edgecolor="white",
            label="with another chosen class (ambiguous)",
        )  # fmt: skip
        axes.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=2)
        files = files_of(canvas)
    listed = "; ".join(
        f"{one['name']} {one['positive']:,}, of these {one['alone']:,} alone" for one in classes
    )
    alt = f"Bar chart of images of the chosen classes: {listed}."
    caption = f"{chosen['ambiguous']:,} of {chosen['images']:,} images have several of them."
    return Picture("chosen-classes", "Balance of the chosen classes", caption, alt, *files)


def _label_rows(axes: Axes, names: Sequence[str], size: float = 10) -> range:
    """Name the rows of a chart of images from top to bottom, and return their places."""
    rows = range(len(names))
    axes.set_yticks(rows, names, fontsize=size)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.set_xlabel("images")
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.grid(axis="x")
    return rows
