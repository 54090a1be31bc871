"""How good a classifier is: metrics with their intervals, and the confusion matrix."""

from __future__ import annotations

from typing import Any

import numpy as np

from sparkles.metric_names import metric_names
from sparkles.pages import Picture
from sparkles.pages.figures import COLOURS, COLUMN, DARK, LIGHT, PALE, drawn, files_of, short_name

__all__ = ["draw_confusion", "draw_metrics"]

_NUMBERS = 20  # classes up to which cells hold their counts
_MOST = 60  # classes that a matrix can show


def draw_metrics(metrics: dict[str, Any]) -> Picture:
    """Each metric with its interval, beside the baseline's; log loss is in the table alone."""
    baseline = metrics["baseline"]
    names = {
        key: name
        for key, name in metric_names(len(metrics["classes"])).items()
        if key != "log_loss" and metrics[key]["value"] is not None
    }
    with drawn(COLUMN, 1.1 + 0.36 * len(names)) as (canvas, axes):
        for place, name in enumerate(names):
            one = metrics[name]
            if one["low"] is not None:
                axes.plot([one["low"], one["high"]], [place, place], color=COLOURS[0], linewidth=5,
                          alpha=0.35, solid_capstyle="butt")  # fmt: skip
            axes.plot(one["value"], place, "o", color=COLOURS[0], markersize=8)
            if baseline and baseline[name]["value"] is not None:
                axes.plot(baseline[name]["value"], place, "D", color=COLOURS[1], markersize=6)
        axes.plot([], [], "o", color=COLOURS[0], label="this model, with its interval")
        if baseline:
            said = short_name(baseline["predicted_class"])
            axes.plot([], [], "D", color=COLOURS[1], label=f"always answering {said}")
        axes.set_yticks(range(len(names)), list(names.values()))
        axes.set_ylim(len(names) - 0.5, -0.5)
        axes.set_xlim(0, 1.01)
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="x")
        canvas.legend(frameon=False, loc="outside upper left", ncols=2)
        files = files_of(canvas)
    alt = "Dot plot of metrics: " + ", ".join(
        _said(name, metrics[key]) for key, name in names.items()
    )
    caption = (
        f"Lines are {metrics['bootstrap']['confidence']:.0%} bootstrap intervals over the test "
        "rows; they do not cover training anew."
    )
    return Picture("metrics", "Metrics and the baseline", caption, f"{alt}.", *files)


def _said(name: str, one: dict[str, float | None]) -> str:
    if one["low"] is None:
        return f"{name} {one['value']:.3f}"
    return f"{name} {one['value']:.3f} ({one['low']:.3f} to {one['high']:.3f})"


def draw_confusion(metrics: dict[str, Any]) -> Picture:
    """Counts, coloured by the share of the true class."""
    found = metrics["confusion_matrix"]
    counts = np.asarray(found["counts"], dtype=np.int64)
    # Beyond what a figure can show, the classes with the most rows.
    shown = np.sort(np.argsort(-counts.sum(axis=1), kind="stable")[:_MOST])
    names = [found["labels"][place] for place in shown]
    counts, left_out = counts[np.ix_(shown, shown)], len(found["labels"]) - len(shown)
    totals = np.asarray(found["counts"]).sum(axis=1)[shown]
    shares = counts / np.maximum(totals, 1)[:, None]
    files = _matrix([short_name(name) for name in names], counts, shares)
    right = ", ".join(
        f"{name} {counts[k, k]:,} of {totals[k]:,}" for k, name in enumerate(names[:10])
    )
    caption = "A row is a true class, a column a predicted one; the colour is the share of the row."
    if left_out:
        caption += f" The {left_out:,} classes with the fewest rows are left out."
    alt = f"Confusion matrix of {len(names)} classes. Right: {right}."
    return Picture("confusion", "Confusion matrix", caption, alt, *files)


def _matrix(names: list[str], counts: Any, shares: Any) -> tuple[bytes, str]:
    cell = 1.0 if len(names) <= 4 else 0.62 if len(names) <= _NUMBERS else 0.22
    with drawn(2.6 + cell * len(names), 2.0 + cell * len(names)) as (canvas, axes):
        axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, interpolation="nearest")
        places = range(len(names))
        size = 10 if len(names) <= _NUMBERS else 7
        axes.set_xticks(places, names, rotation=0 if len(names) <= 3 else 90, fontsize=size)
        axes.set_yticks(places, names, fontsize=size)
        axes.set_xlabel("predicted class")
        axes.set_ylabel("true class")
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        axes.set_xticks(np.arange(len(names) - 1) + 0.5, minor=True)
        axes.set_yticks(np.arange(len(names) - 1) + 0.5, minor=True)
        axes.grid(which="minor", color=PALE, linewidth=0.6)
        axes.tick_params(which="minor", length=0)
        if len(names) <= _NUMBERS:
            for row in places:
                for column in places:
                    _number(axes, row, column, counts[row, column], shares[row, column])
        return files_of(canvas)


def _number(axes: Any, row: int, column: int, count: int, share: float) -> None:
    # Letters on a cell do not follow the screen, as its colour does not.
    colour = LIGHT if share > 0.55 else DARK
    axes.text(column, row, f"{count:,}", ha="center", va="center", color=colour)
