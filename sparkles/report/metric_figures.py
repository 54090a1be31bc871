"""How good a classifier is: metrics with their intervals, and the confusion matrix."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sparkles.metric_names import metric_names
from sparkles.pages import Picture
from sparkles.pages.figures import COLOURS, COLUMN, DARK, LIGHT, PALE, drawn, files_of, short_name
from sparkles.run_files import Estimate, Evaluation, estimate_of

__all__ = ["draw_confusion", "draw_metrics"]

_MOST_NUMBERED = 20  # classes up to which the cells of a matrix show their counts
_MOST = 60  # classes that a matrix can show
_VALUE: dict[str, Any] = {
    "marker": "|", "linestyle": "", "color": COLOURS[0], "markersize": 15, "markeredgewidth": 2.5,
}  # fmt: skip


def draw_metrics(metrics: Evaluation) -> Picture:
    """Draw each metric with its interval and the baseline; log loss is in the table only."""
    baseline = metrics["baseline"]
    names = {
        key: name
        for key, name in metric_names(len(metrics["classes"])).items()
        if key != "log_loss" and estimate_of(metrics, key)["value"] is not None
    }
    with drawn(COLUMN, 1.1 + 0.36 * len(names)) as (canvas, axes):
        for place, key in enumerate(names):
            one = estimate_of(metrics, key)
            if one["low"] is not None:
                axes.plot([one["low"], one["high"]], [place, place], color=COLOURS[0], linewidth=9,
                          alpha=0.5, solid_capstyle="butt")  # fmt: skip
            # A line is narrower than any interval that is worth drawing; a dot would hide it.
            axes.plot(one["value"], place, **_VALUE)
            bar = estimate_of(baseline, key)["value"] if baseline else None
            if bar is not None:
                axes.plot(bar, place, "D", color=COLOURS[1], markersize=6)
        axes.plot([], [], **_VALUE, label="this model, with its interval")
        if baseline:
            answer = short_name(baseline["predicted_class"])
            axes.plot([], [], "D", color=COLOURS[1], label=f"always predicting {answer}")
        axes.set_yticks(range(len(names)), list(names.values()))
        axes.set_ylim(len(names) - 0.5, -0.5)
        axes.set_xlim(0, 1.01)
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="x")
        canvas.legend(frameon=False, loc="outside upper left", ncols=2)
        files = files_of(canvas)
    alt = "Chart of metrics: " + ", ".join(
        _describe(name, estimate_of(metrics, key)) for key, name in names.items()
    )
    caption = (
        f"Bars show {metrics['bootstrap']['confidence']:.0%} bootstrap intervals over the test "
        "rows; they do not include the variation that training again would add."
    )
    return Picture("metrics", "Metrics and the baseline", caption, f"{alt}.", *files)


def _describe(name: str, one: Estimate) -> str:
    if one["low"] is None:
        return f"{name} {one['value']:.3f}"
    return f"{name} {one['value']:.3f} ({one['low']:.3f} to {one['high']:.3f})"


def draw_confusion(metrics: Evaluation) -> Picture:
    """Draw the confusion matrix: counts, coloured by their share of the true class."""
    found = metrics["confusion_matrix"]
    counts = np.asarray(found["counts"], dtype=np.int64)
    # If there are more classes than a figure can show, keep those with the most rows.
    shown = np.sort(np.argsort(-counts.sum(axis=1), kind="stable")[:_MOST])
    names = [found["labels"][place] for place in shown]
    counts, left_out = counts[np.ix_(shown, shown)], len(found["labels"]) - len(shown)
    totals = np.asarray(found["counts"]).sum(axis=1)[shown]
    shares = counts / np.maximum(totals, 1)[:, None]
    files = _draw_matrix([short_name(name) for name in names], counts, shares)
    right = ", ".join(
        f"{name} {counts[k, k]:,} of {totals[k]:,}" for k, name in enumerate(names[:10])
    )
    caption = (
        "Rows are true classes, columns predicted classes; the colour is the share of the row."
    )
    if left_out:
        caption += f" The {left_out:,} classes with the fewest rows are left out."
    alt = f"Confusion matrix of {len(names)} classes. Correct: {right}."
    return Picture("confusion", "Confusion matrix", caption, alt, *files)


def _draw_matrix(
    names: list[str], counts: npt.NDArray[np.int64], shares: npt.NDArray[np.float64]
) -> tuple[bytes, str]:
    cell = 1.0 if len(names) <= 4 else 0.62 if len(names) <= _MOST_NUMBERED else 0.22
    with drawn(2.6 + cell * len(names), 2.0 + cell * len(names)) as (canvas, axes):
        axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, interpolation="nearest")
        places = range(len(names))
        size = 10 if len(names) <= _MOST_NUMBERED else 7
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
        if len(names) <= _MOST_NUMBERED:
            for row in places:
                for column in places:
                    _write_count(axes, row, column, counts[row, column], shares[row, column])
        return files_of(canvas)


def _write_count(axes: Any, row: int, column: int, count: int, share: float) -> None:
    # The colour of a cell is the same on light and dark screens, so its text keeps its colour too.
    colour = LIGHT if share > 0.55 else DARK
    axes.text(column, row, f"{count:,}", ha="center", va="center", color=colour)
