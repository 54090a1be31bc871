"""ROC and precision-recall curves, what thresholds do, and whether probabilities are honest."""

from __future__ import annotations

from typing import Any

from sparkles.pages import Picture
from sparkles.pages.figures import COLOURS, COLUMN, INK, PALE, drawn, files_of, short_name

__all__ = ["draw_calibration", "draw_pr", "draw_roc", "draw_thresholds"]

_MOST_LINES = len(COLOURS)
_SHARES = 2  # classes whose shares of the rows can be told apart


def draw_roc(metrics: dict[str, Any], curves: dict[str, Any]) -> Picture | None:
    """The ROC curve of each class against the rest; None where no class has one."""
    chosen, note = _chosen(metrics, curves, "roc", "roc_auc")
    if not chosen:
        return None
    with drawn(COLUMN, COLUMN - 0.7) as (canvas, axes):
        axes.plot([0, 1], [0, 1], color=PALE, linewidth=1.5, linestyle="--", label="by chance")
        for place, (curve, area) in enumerate(chosen):
            xs, ys = zip(*curve["roc"], strict=True)
            label = f"{short_name(curve['name'])}: {area:.3f}"
            axes.plot(xs, ys, color=COLOURS[place], linewidth=2, label=label)
        _square(axes, "false positive rate", "true positive rate")
        axes.legend(frameon=False, loc="lower right", title="area under the curve")
        files = files_of(canvas)
    alt = f"ROC curves. Areas: {_areas(chosen)}."
    caption = "How many of the class are found for how many others taken for it." + note
    return Picture("roc", "ROC curve", caption, alt, *files)


def draw_pr(metrics: dict[str, Any], curves: dict[str, Any]) -> Picture | None:
    """The precision-recall curve of each class; None where no class has one."""
    chosen, note = _chosen(metrics, curves, "pr", "pr_auc")
    if not chosen:
        return None
    with drawn(COLUMN, COLUMN - 0.7) as (canvas, axes):
        for place, (curve, area) in enumerate(chosen):
            xs, ys = zip(*[(0.0, curve["pr"][0][1]), *curve["pr"]], strict=True)
            label = f"{short_name(curve['name'])}: {area:.3f}"
            # Steps, as the average precision counts them: no straight line joins two thresholds.
            axes.step(xs, ys, where="pre", color=COLOURS[place], linewidth=2, label=label)
            if len(chosen) <= _SHARES:
                axes.axhline(curve["share"], color=COLOURS[place], linewidth=1, linestyle=":")
        _square(axes, "recall", "precision")
        axes.legend(frameon=False, loc="lower left", title="average precision")
        files = files_of(canvas)
    alt = f"Precision-recall curves. Average precision: {_areas(chosen)}."
    caption = "Of those taken for the class, how many are; by how many of it are found." + note
    if len(chosen) <= _SHARES:
        caption += " Dotted: the class's share of the rows, which guessing would reach."
    return Picture("pr", "Precision-recall curve", caption, alt, *files)


def _chosen(
    metrics: dict[str, Any], curves: dict[str, Any], kind: str, area: str
) -> tuple[list[tuple[dict[str, Any], float]], str]:
    """The curves to draw with their areas, and what is left out; of many, the lowest areas."""
    areas = {one["name"]: one[area] for one in metrics["per_class"]}
    found = [(one, areas[one["name"]]) for one in curves["classes"] if one[kind]]
    if len(found) <= _MOST_LINES:
        return found, ""
    lowest = sorted(found, key=lambda pair: pair[1])[:_MOST_LINES]
    return lowest, f" Of {len(found):,} classes, the {_MOST_LINES} with the lowest areas."


def _areas(chosen: list[tuple[dict[str, Any], float]]) -> str:
    return ", ".join(f"{curve['name']} {area:.3f}" for curve, area in chosen)


def _square(axes: Any, across: str, up: str) -> None:
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(-0.02, 1.02)
    axes.set_aspect("equal")
    axes.set_xlabel(across)
    axes.set_ylabel(up)
    axes.grid()


def draw_thresholds(metrics: dict[str, Any], curves: dict[str, Any]) -> Picture:
    """What a threshold does: precision and recall of two classes, coverage and accuracy of more."""
    if curves["thresholds"]:
        name = metrics["classes"][1]
        rows, across = curves["thresholds"], f"least probability of {short_name(name)}"
        lines = {"precision": "precision", "recall": "recall",
                 "false_positive_rate": "false positive rate"}  # fmt: skip
        caption = f"Calling a photo {name} from which probability on; the table has the numbers."
        alt = f"Line chart of precision, recall and false positive rate of {name} by threshold."
    else:
        rows, across = curves["coverage"], "least probability of the predicted class"
        lines = {"coverage": "answered", "accuracy": "right, of those answered"}
        caption = "Answering only where the predicted class has some probability at least."
        alt = "Line chart of the share answered, and of these the share right, by threshold."
    with drawn(COLUMN, 3.6) as (canvas, axes):
        for place, (key, said) in enumerate(lines.items()):
            points = [(row["threshold"], row[key]) for row in rows if row[key] is not None]
            if points:
                xs, ys = zip(*points, strict=True)
                axes.plot(xs, ys, "o-", color=COLOURS[place], linewidth=2, markersize=4, label=said)
        axes.set_xlim(0, 1)
        axes.set_ylim(-0.02, 1.02)
        axes.set_xlabel(across)
        axes.grid()
        canvas.legend(frameon=False, loc="outside upper left", ncols=3)
        files = files_of(canvas)
    return Picture("thresholds", "What a threshold does", caption, alt, *files)


def draw_calibration(curves: dict[str, Any]) -> Picture:
    """A reliability diagram: how often right, by how sure."""
    found = curves["calibration"]
    with drawn(COLUMN, COLUMN - 0.7) as (canvas, axes):
        axes.plot([0, 1], [0, 1], color=INK, linewidth=1, linestyle="--", label="honest")
        total = sum(one["count"] for one in found["bins"])
        for one in found["bins"]:
            middle, width = (one["low"] + one["high"]) / 2, one["high"] - one["low"]
            share = one["count"] / total
            axes.bar(middle, one["accuracy"], width * 0.92, color=COLOURS[4], alpha=0.55)
            axes.plot(one["confidence"], one["accuracy"], "o", color=COLOURS[0],
                      markersize=4 + 12 * share**0.5)  # fmt: skip
        axes.plot([], [], "o", color=COLOURS[0], label="rows about as sure; area: how many")
        _square(axes, "probability of the predicted class", "share right")
        axes.legend(frameon=False, loc="upper left", title=f"ECE {found['ece']:.3f}")
        files = files_of(canvas)
    said = "; ".join(
        f"{one['count']:,} rows {one['confidence']:.2f} sure are {one['accuracy']:.2f} right"
        for one in found["bins"]
    )
    alt = f"Reliability diagram. Expected calibration error {found['ece']:.3f}. {said}."
    caption = (
        "Below the line the model is surer than it should be, above it less sure. ECE: the gap, "
        "averaged over the rows (Guo et al. 2017)."
    )
    return Picture("calibration", "Calibration", caption, alt, *files)
