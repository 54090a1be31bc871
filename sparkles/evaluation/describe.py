"""An evaluation as plain text for the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from sparkles.metric_names import metric_names
from sparkles.run_files import (
    ClassMetrics,
    ConfusionMatrix,
    Estimate,
    Evaluation,
    Metrics,
    estimate_of,
)

__all__ = ["describe_metrics"]

# A wider confusion matrix does not fit on a terminal.
_WIDEST_CONFUSION = 12


def describe_metrics(metrics: Evaluation) -> str:
    """Describe the metrics, their intervals, the baseline and the confusion matrix.

    Parameters
    ----------
    metrics
        The result of :func:`sparkles.evaluation.evaluate_predictions`.

    Returns
    -------
    str
        Text without a final newline. A confusion matrix of more than 12 classes is left out.

    Examples
    --------
    >>> import numpy as np
    >>> from sparkles.evaluation.baseline import majority_tally
    >>> from sparkles.evaluation.evaluate import evaluate_tally
    >>> tally = majority_tally(["Car", "Dog"], np.array([6, 4]), {"Car": 3, "Dog": 1})
    >>> print(describe_metrics(evaluate_tally(tally)).splitlines()[0])
    10 rows, 2 classes
    """
    n, classes = metrics["n"], len(metrics["classes"])
    parts = [
        f"{n:,} row{'s'[: n != 1]}, {classes} classes",
        _table(_headline_rows(metrics)),
        _table(_class_rows(metrics["per_class"])),
        _confusion(metrics["confusion_matrix"]),
        *_notes(metrics),
    ]
    return "\n\n".join(parts)


def _headline_rows(metrics: Evaluation) -> list[list[str]]:
    baseline = metrics["baseline"]
    confidence = metrics["bootstrap"]["confidence"]
    rows = [["metric", "value", f"{confidence:.0%} interval", "baseline"]]
    for name, estimate in _estimates(metrics).items():
        bar = _estimates(baseline)[name]["value"] if baseline else None
        rows.append([name, _number(estimate["value"]), _interval(estimate), _number(bar)])
    return rows


def _estimates(metrics: Metrics) -> dict[str, Estimate]:
    names = metric_names(len(metrics["per_class"]))
    return {name: estimate_of(metrics, key) for key, name in names.items()}


def _class_rows(per_class: Sequence[ClassMetrics]) -> list[list[str]]:
    head = ["class", "rows", "precision", "recall", "F1", "ROC AUC", "PR AUC"]
    return [head] + [
        [
            row["name"],
            f"{row['support']:,}",
            _number(row["precision"]),
            _number(row["recall"]),
            _number(row["f1"]),
            _number(row["roc_auc"]),
            _number(row["pr_auc"]),
        ]
        for row in per_class
    ]


def _confusion(matrix: ConfusionMatrix) -> str:
    labels = matrix["labels"]
    if len(labels) > _WIDEST_CONFUSION:
        return f"confusion matrix: left out here, because {len(labels)} columns are too wide"
    head = [f"{matrix['rows_are']} \\ {matrix['columns_are']}", *labels]
    counts = zip(labels, matrix["counts"], strict=True)
    return _table([head] + [[name, *[f"{n:,}" for n in row]] for name, row in counts])


def _notes(metrics: Evaluation) -> list[str]:
    notes = []
    if metrics["baseline"]:
        answer = metrics["baseline"]["predicted_class"]
        notes.append(f"Baseline: always {answer}, the most frequent class in training.")
    if metrics["classes_without_auc"]:
        names = ", ".join(metrics["classes_without_auc"])
        notes.append(f"No area for {names}: every row or none belongs to it; left out of means.")
    if not metrics["scores"]["exact"]:
        notes.append("The areas are computed from scores rounded to four significant digits.")
    return ["\n".join(notes)] if notes else []


def _table(rows: Sequence[Sequence[str]]) -> str:
    """Lay out cells in columns: the first aligned left, the others aligned right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    return "\n".join([lines[0], "-" * (sum(widths) + 2 * len(widths) - 2), *lines[1:]])


def _number(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.4f}"


def _interval(estimate: Estimate) -> str:
    if estimate["low"] is None:
        return "n/a"
    return f"{_number(estimate['low'])} to {_number(estimate['high'])}"
