"""Figures of photos by their headers: width by height, aspect ratio, size of the file."""

from __future__ import annotations

import numpy as np

from sparkles.exploration.histogram import Bins
from sparkles.exploration.photo_facts import MeasuredPhotos, Quantiles
from sparkles.pages import Picture
from sparkles.pages.figures import COLOURS, COLUMN, INK, drawn, files_of

__all__ = ["draw_aspect", "draw_bytes", "draw_dimensions"]


def draw_dimensions(photos: MeasuredPhotos) -> Picture:
    """Draw photos by width and height, as a grid of counts."""
    from matplotlib.colors import LogNorm

    grid = photos["histograms"]["width by height"]
    counts = np.array(grid["counts"], dtype=float)
    with drawn(COLUMN, COLUMN - 0.7) as (canvas, axes):
        shown = np.where(counts > 0, counts, np.nan)
        scale = LogNorm(1, max(counts.max(), 2))
        image = axes.pcolormesh(*grid["edges"], shown.T, cmap="viridis_r", norm=scale)
        axes.set_aspect("equal")
        axes.set_xlabel("width, pixels")
        axes.set_ylabel("height, pixels")
        axes.grid(visible=True)
        canvas.colorbar(image, ax=axes, label="photos", format="{x:,.0f}", shrink=0.8)
        files = files_of(canvas)
    wide, high = photos["quantiles"]["width"], photos["quantiles"]["height"]
    alt = (
        f"Grid of photos by width and height. Width {wide['least']:,.0f} to {wide['most']:,.0f} "
        f"pixels, median {wide['median']:,.0f}; height {high['least']:,.0f} to "
        f"{high['most']:,.0f}, median {high['median']:,.0f}."
    )
    caption = "Of the upright photos, as EXIF turns them. Colours on a logarithmic scale."
    return Picture("dimensions", "Width and height of the photos", caption, alt, *files)


def draw_aspect(photos: MeasuredPhotos) -> Picture:
    """Draw width by height on a logarithmic scale, on which 2:1 is as far from 1 as 1:2."""
    marks = {
        "1:2": 0.5,
        "2:3": 2 / 3,
        "3:4": 0.75,
        "1:1": 1.0,
        "4:3": 4 / 3,
        "3:2": 1.5,
        "2:1": 2.0,
    }
    files = _histogram(photos["histograms"]["aspect"], "width : height", marks)
    alt = f"Histogram of aspect ratios. {_range(photos['quantiles']['aspect'])}"
    caption = "Portrait photos are on the left of 1:1."
    return Picture("aspect-ratio", "Aspect ratios", caption, alt, *files)


def draw_bytes(photos: MeasuredPhotos) -> Picture:
    """Draw the sizes of the files on a logarithmic scale."""
    found = photos["quantiles"]["bytes"]
    marks = {}
    for power in range(13):
        for first in (1, 2, 5):
            value = first * 10.0**power
            if found["least"] / 1.5 <= value <= found["most"] * 1.5:
                marks[_bytes(value)] = value
    if len(marks) > 9:
        marks = {text: value for text, value in marks.items() if text.startswith("1")}
    files = _histogram(photos["histograms"]["bytes"], "bytes of the file", marks)
    alt = f"Histogram of file sizes in KB. {_range(found, unit=1000)}"
    return Picture("file-sizes", "File sizes", "On a logarithmic scale.", alt, *files)


def _range(found: Quantiles, unit: float = 1) -> str:
    least, most, median = (found["least"] / unit, found["most"] / unit, found["median"] / unit)
    return f"From {least:.3g} to {most:.3g}, median {median:.3g}."


def _bytes(value: float) -> str:
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("KB", 1e3)):
        if value >= size:
            return f"{value / size:g} {unit}"
    return f"{value:g} B"


def _histogram(found: Bins, label: str, marks: dict[str, float]) -> tuple[bytes, str]:
    edges, counts = np.array(found["edges"]), found["counts"]
    if len(counts) == 1:  # a single value: give its bar some width
        edges = edges[0] * np.array([0.97, 1.03])
    with drawn(COLUMN, 3.2) as (canvas, axes):
        axes.bar(edges[:-1], counts, np.diff(edges), align="edge", color=COLOURS[0])
        axes.set_xscale("log")
        axes.minorticks_off()
        low, high = edges[0] / 1.05, edges[-1] * 1.05
        inside = {mark: value for mark, value in marks.items() if low <= value <= high}
        axes.set_xticks(list(inside.values()), list(inside))
        axes.set_xlim(low, high)
        axes.set_xlabel(label, color=INK)
        axes.set_ylabel("photos")
        axes.yaxis.set_major_formatter("{x:,.0f}")
        axes.grid(axis="both")
        return files_of(canvas)
