"""ROC and precision-recall curves, the effect of thresholds, and calibration."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from sparkles.pages import Picture
from sparkles.pages.figures import COLOURS, COLUMN, INK, PALE, drawn, files_of, short_name
from sparkles.run_files import ClassCurves, Curves, Evaluation

__all__ = ["draw_calibration", "draw_pr", "draw_roc", "draw_thresholds"]

_MOST_LINES = len(COLOURS)
_MOST_SHARES = 2  # dashed lines that can be told apart

_Curve = tuple[ClassCurves, float]  # a class's curves, and the area under the one to draw
_Points = Sequence[tuple[float, float | None]]


def draw_roc(metrics: Evaluation, curves: Curves) -> Picture | None:
    """Draw the ROC curve of each class against the rest, or return None if no class has one."""
    chosen, note = _choose_curves(metrics, curves, "roc", "roc_auc")
    if not chosen:
        return None
    with drawn(COLUMN, COLUMN - 0.7) as (canvas, axes):
        axes.plot([0, 1], [0, 1], color=PALE, linewidth=1.5, linestyle="--", label="chance")
        for place, (curve, area) in enumerate(chosen):
            xs, ys = zip(*curve["roc"], strict=True)
            label = f"{short_name(curve['name'])}: {area:.3f}"
            axes.plot(xs, ys, color=COLOURS[place], linewidth=2, label=label)
        _make_square(axes, "false positive rate", "true positive rate")
        axes.legend(frameon=False, loc="lower right", title="area under the curve")
        files = files_of(canvas)
    alt = f"ROC curves. Areas: {_list_areas(chosen)}."
    caption = (
        "The share of the class's photos that are found, against the share of other photos that "
        "are mistaken for the class, as the threshold falls." + note
    )
    return Picture("roc", "ROC curve", caption, alt, *files)


def draw_pr(metrics: Evaluation, curves: Curves) -> Picture | None:
    """Draw the precision-recall curve of each class, or return None if no class has one."""
    chosen, note = _choose_curves(metrics, curves, "pr", "pr_auc")
    if not chosen:
        return None
    with drawn(COLUMN, COLUMN - 0.7) as (canvas, axes):
        for place, (curve, area) in enumerate(chosen):
            xs, ys = zip(*[(0.0, curve["pr"][0][1]), *curve["pr"]], strict=True)
            label = f"{short_name(curve['name'])}: {area:.3f}"
            # Average precision sums steps, so a straight line between thresholds would be wrong.
            axes.step(xs, ys, where="pre", color=COLOURS[place], linewidth=2, label=label)
            if len(chosen) <= _MOST_SHARES:
                axes.axhline(curve["share"], color=COLOURS[place], linewidth=2, linestyle="--")
        _make_square(axes, "recall", "precision")
        axes.legend(frameon=False, loc="lower left", title="average precision")
        files = files_of(canvas)
    alt = f"Precision-recall curves. Average precision: {_list_areas(chosen)}."
    caption = (
        "Precision: the share of photos predicted as the class that belong to it. Recall: the "
        "share of the class's photos that are found." + note
    )
    if len(chosen) <= _MOST_SHARES:
        caption += " Dashed: the class's share of the rows, which is the precision of guessing."
    return Picture("pr", "Precision-recall curve", caption, alt, *files)


def _choose_curves(
    metrics: Evaluation,
    curves: Curves,
    kind: Literal["roc", "pr"],
    area: Literal["roc_auc", "pr_auc"],
) -> tuple[list[_Curve], str]:
    """Choose the curves to draw; of too many, those with the lowest areas, and a note about it."""
    areas = {one["name"]: one[area] for one in metrics["per_class"]}
    found = [
        (one, value)
        for one in curves["classes"]
        if one[kind] and (value := areas[one["name"]]) is not None
    ]
    if len(found) <= _MOST_LINES:
        return found, ""
    lowest = sorted(found, key=lambda pair: pair[1])[:_MOST_LINES]
    note = f" The figure shows the {_MOST_LINES} of {len(found):,} classes with the lowest areas."
    return lowest, note


def _list_areas(chosen: list[_Curve]) -> str:
    return ", ".join(f"{curve['name']} {area:.3f}" for curve, area in chosen)


def _make_square(axes: Any, across: str, up: str) -> None:
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(-0.02, 1.02)
    axes.set_aspect("equal")
    axes.set_xlabel(across)
    axes.set_ylabel(up)
    axes.grid()


def draw_thresholds(metrics: Evaluation, curves: Curves) -> Picture:
    """Draw the effect of a threshold: precision and recall of two classes, or coverage of more."""
    if curves["thresholds"]:
        name = metrics["classes"][1]
        across = f"threshold on the probability of {short_name(name)}"
        lines = _trace_thresholds(curves)
        caption = (
            f"A photo counts as {name} if its probability of {name} is at least the threshold. "
            "The table has the numbers."
        )
        alt = f"Line chart of precision, recall and false positive rate of {name} by threshold."
    else:
        across = "threshold on the probability of the predicted class"
        lines = _trace_coverage(curves)
        caption = (
            "A photo is answered if the probability of its predicted class is at least the "
            "threshold. The table has the numbers."
        )
        alt = "Line chart of the share of photos answered, and of their accuracy, by threshold."
    with drawn(COLUMN, 3.6) as (canvas, axes):
        for place, (label, points) in enumerate(lines.items()):
            defined = [(threshold, value) for threshold, value in points if value is not None]
            if defined:
                xs, ys = zip(*defined, strict=True)
                colour = COLOURS[place]
                axes.plot(xs, ys, "o-", color=colour, linewidth=2, markersize=4, label=label)
        axes.set_xlim(0, 1)
        axes.set_ylim(-0.02, 1.02)
        axes.set_xlabel(across)
        axes.grid()
        canvas.legend(frameon=False, loc="outside upper left", ncols=3)
        files = files_of(canvas)
    return Picture("thresholds", "Effect of the threshold", caption, alt, *files)


def _trace_thresholds(curves: Curves) -> dict[str, _Points]:
    rows = curves["thresholds"]
    return {
        "precision": [(row["threshold"], row["precision"]) for row in rows],
        "recall": [(row["threshold"], row["recall"]) for row in rows],
        "false positive rate": [(row["threshold"], row["false_positive_rate"]) for row in rows],
    }


def _trace_coverage(curves: Curves) -> dict[str, _Points]:
    rows = curves["coverage"]
    return {
        "share answered": [(row["threshold"], row["coverage"]) for row in rows],
        "accuracy of those answered": [(row["threshold"], row["accuracy"]) for row in rows],
    }


def draw_calibration(curves: Curves) -> Picture:
    """Draw a reliability diagram: accuracy by the probability of the predicted class."""
    found = curves["calibration"]
    with drawn(COLUMN, COLUMN - 0.7) as (canvas, axes):
        axes.plot([0, 1], [0, 1], color=INK, linewidth=1, linestyle="--", label="calibrated")
        total = sum(one["count"] for one in found["bins"])
        for one in found["bins"]:
            middle, width = (one["low"] + one["high"]) / 2, one["high"] - one["low"]
            share = one["count"] / total
            axes.bar(middle, one["accuracy"], width * 0.92, color=COLOURS[4], alpha=0.55)
            axes.plot(one["confidence"], one["accuracy"], "o", color=COLOURS[0],
                      markersize=4 + 12 * share**0.5)  # fmt: skip
        axes.plot([], [], "o", color=COLOURS[0], label="rows in a bin; area: their number")
        _make_square(axes, "probability of the predicted class", "accuracy")
        # Not in the axes, where the bars of a good model reach every corner but one.
        canvas.legend(frameon=False, loc="outside upper left", ncols=2)
        files = files_of(canvas)
    bins = "; ".join(
        f"{one['count']:,} rows with mean probability {one['confidence']:.2f} have accuracy "
        f"{one['accuracy']:.2f}"
        for one in found["bins"]
    )
    alt = f"Reliability diagram. Expected calibration error {found['ece']:.3f}. {bins}."
    caption = (
        "Below the line the model is overconfident, above it underconfident. ECE is the gap "
        "between the two, averaged over the rows (Guo et al. 2017)."
    )
    return Picture("calibration", "Calibration", caption, alt, *files)
