"""Figures of co-occurrence: two matrices and a dendrogram, whose order of classes they share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from sparkles.exploration.clusters import Clusters
from sparkles.exploration.co_occurrence import CoOccurrence, Pair, strongest_pairs
from sparkles.pages import Picture
from sparkles.pages.figures import COLOURS, COLUMN, INK, drawn, files_of, short_name

if TYPE_CHECKING:
    from matplotlib.colors import Normalize

__all__ = ["draw_dendrogram", "draw_jaccard", "draw_lift"]

_CELL, _LABELS = 0.21, 2.6  # inches: a class's row, and the names next to it
_MOST_LIFT = 5.0  # powers of two; a wider scale would make frequent pairs look alike
_NEAR = 0.85  # clusters below this distance have their own colour


def draw_jaccard(names: Sequence[str], found: CoOccurrence, order: Sequence[int]) -> Picture:
    """Draw the Jaccard index of each pair on a square-root scale, because most are near 0."""
    from matplotlib.colors import PowerNorm

    jaccard = found.jaccard()
    shown = jaccard.copy()
    np.fill_diagonal(shown, np.nan)
    largest = max(float(np.nanmax(shown)), 1e-6)
    label = "Jaccard index: images with both, of images with either"
    # At equal distances on a square-root scale.
    ticks = {largest * part**2: f"{largest * part**2:.2g}" for part in (0, 0.25, 0.5, 0.75, 1)}
    files = _matrix(names, shown, order, "Blues", PowerNorm(0.5, 0, largest), label, ticks)
    alt = _alt("Jaccard index", names, strongest_pairs(found, jaccard, 5))
    caption = (
        "Classes are in the order of the dendrogram. The colour scale is the square root, because "
        "most pairs are near 0; the diagonal is left out."
    )
    return Picture("jaccard", "Classes in the same images: Jaccard index", caption, alt, *files)


def draw_lift(names: Sequence[str], found: CoOccurrence, order: Sequence[int]) -> Picture:
    """Draw the lift of each pair in powers of two around 1."""
    from matplotlib.colors import Normalize

    lift = found.lift()
    with np.errstate(divide="ignore"):
        shown = np.where(found.together > 0, np.log2(lift), np.nan)
    np.fill_diagonal(shown, np.nan)
    scale = Normalize(-_MOST_LIFT, _MOST_LIFT)
    label = "lift: how many times as often as by chance"
    ticks = {float(power): _times(power) for power in range(-4, 5, 2)}
    files = _matrix(names, shown, order, "PuOr_r", scale, label, ticks, extend="both")
    alt = _alt("lift", names, strongest_pairs(found, lift, 5))
    caption = (
        "How many times as often two classes are together as they would be by chance. Gray: never "
        "together. For rare pairs the lift is uncertain: see how many images it is computed from."
    )
    return Picture("lift", "Classes in the same images: lift", caption, alt, *files)


def _times(power: int) -> str:
    """Return a power of two as a factor.

    Examples
    --------
    >>> _times(2), _times(0), _times(-2)
    ('4×', '1×', '1/4×')
    """
    return f"{2**power}×" if power >= 0 else f"1/{2**-power}×"  # noqa: RUF001


def _alt(measure: str, names: Sequence[str], pairs: Sequence[Pair]) -> str:
    largest = "; ".join(
        f"{names[pair['a']]} and {names[pair['b']]} {pair['value']:.2f}" for pair in pairs
    )
    return f"Matrix of {len(names)} classes by {measure}. Largest: {largest or 'none together'}."


def _matrix(
    names: Sequence[str],
    values: npt.NDArray[np.float64],
    order: Sequence[int],
    colours: str,
    scale: Normalize,
    label: str,
    ticks: dict[float, str],
    extend: str = "neither",
) -> tuple[bytes, str]:
    import matplotlib as mpl

    side = max(_CELL * len(names), 2.5) + _LABELS
    shown = [short_name(names[place]) for place in order]
    with drawn(side, side + 0.6) as (canvas, axes):
        palette = mpl.colormaps[colours].with_extremes(bad="#d5d9de")
        ordered = values[np.ix_(order, order)]  # NaN has the colour of "bad"
        image = axes.imshow(ordered, cmap=palette, norm=scale, interpolation="nearest")
        places = range(len(shown))
        axes.set_xticks(places, shown, rotation=90, fontsize=8.5)
        axes.set_yticks(places, shown, fontsize=8.5)
        axes.tick_params(length=0)
        axes.set_xticks(np.arange(len(shown) - 1) + 0.5, minor=True)
        axes.set_yticks(np.arange(len(shown) - 1) + 0.5, minor=True)
        axes.grid(which="minor", color="white", linewidth=0.6)
        axes.tick_params(which="minor", length=0)
        axes.spines[:].set_visible(False)
        bar = canvas.colorbar(
            image, ax=axes, location="top", shrink=0.7, aspect=40, extend=extend, ticks=list(ticks)
        )
        bar.ax.set_xticklabels(list(ticks.values()))
        bar.ax.minorticks_off()
        bar.set_label(label)
        bar.outline.set_visible(False)
        return files_of(canvas)


def draw_dendrogram(names: Sequence[str], clusters: Clusters) -> Picture:
    """Draw the dendrogram of the classes, with near ones in the same colour."""
    from scipy.cluster import hierarchy

    tree = hierarchy.dendrogram(
        clusters.merges, no_plot=True, color_threshold=_NEAR, above_threshold_color="far"
    )
    shown = [short_name(names[place]) for place in tree["leaves"]]
    # SciPy cycles through its own ten colour names and takes the next one for each cluster.
    used = list(dict.fromkeys(name for name in tree["color_list"] if name != "far"))
    with drawn(COLUMN, 1.2 + _CELL * len(shown)) as (canvas, axes):
        for across, down, name in zip(
            tree["dcoord"], tree["icoord"], tree["color_list"], strict=True
        ):
            colour = INK if name == "far" else COLOURS[used.index(name) % len(COLOURS)]
            axes.plot(across, down, color=colour, linewidth=1.6)
        axes.set_yticks([5 + 10 * place for place in range(len(shown))], shown, fontsize=9.5)
        axes.set_ylim(10 * len(shown) + 2, -2)
        # The names are on the left, where a phone shows them first.
        axes.set_xlim(0 if min(tree["dcoord"], default=[0])[1] > 0 else -0.01, 1.005)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.set_xlabel("distance: 1 - Jaccard index, mean over the clusters' pairs")
        axes.grid(axis="x")
        files = files_of(canvas)
    first = clusters.merges[0]
    pair = " and ".join(names[int(place)] for place in sorted(first[:2]))
    alt = (
        f"Dendrogram of {len(names)} classes by how often they are in the same images. "
        f"The first to be merged are {pair}, at distance {first[2]:.2f}."
    )
    caption = (
        "Classes that are often together are merged early, on the left. Average linkage; each "
        f"cluster nearer than {_NEAR:g} has its own colour."
    )
    return Picture("dendrogram", "Classes in the same images: clusters", caption, alt, *files)
