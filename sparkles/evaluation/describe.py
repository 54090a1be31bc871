"""An evaluation as a page of plain text for the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from sparkles.evaluation.results import ClassMetrics, ConfusionMatrix, Estimate, Evaluation, Metrics
from sparkles.metric_names import metric_names

__all__ = ["describe_metrics"]

# More columns than this do not fit a terminal, and nobody reads them.
_WIDEST_CONFUSION = 12


def describe_metrics(metrics: Evaluation) -> str:
    """Render the metrics, their intervals, the baseline and the confusion matrix.

    Parameters
    ----------
    metrics
        What :func:`sparkles.evaluation.evaluate_predictions` returned.

    Returns
    -------
    str
        Lines without a final newline. A confusion matrix of more than 12 classes is left out.

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
    every = cast(dict[str, Estimate], metrics)
    return {name: every[key] for key, name in metric_names(len(metrics["per_class"])).items()}


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
        return f"confusion matrix: left out here, as {len(labels)} columns are too wide"
    head = [f"{matrix['rows_are']} \\ {matrix['columns_are']}", *labels]
    counts = zip(labels, matrix["counts"], strict=True)
    return _table([head] + [[name, *[f"{n:,}" for n in row]] for name, row in counts])


def _notes(metrics: Evaluation) -> list[str]:
    notes = []
    if metrics["baseline"]:
        answer = metrics["baseline"]["predicted_class"]
        notes.append(f"Baseline: always {answer}, the class most frequent in training.")
    if metrics["classes_without_auc"]:
        names = ", ".join(metrics["classes_without_auc"])
        notes.append(f"No area for {names}: no rows on one side; left out of the means.")
    if not metrics["scores"]["exact"]:
        notes.append("Areas are from scores rounded to four significant digits.")
    return ["\n".join(notes)] if notes else []


def _table(rows: Sequence[Sequence[str]]) -> str:
    """Lay out cells in columns, the first flush left and the others flush right."""
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
