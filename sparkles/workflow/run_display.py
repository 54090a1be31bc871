"""A saved run as text, as a table in a notebook, and as its report in a notebook."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from importlib import import_module
from typing import Any

from sparkles.metric_names import METRICS
from sparkles.run_files import Estimate, Evaluation, LedgerFile, estimate_of
from sparkles.spark.progress import in_notebook

__all__ = ["describe_run", "html_of_run", "html_table", "show_page"]

_SHOWN = ("accuracy", "balanced_accuracy", "weighted_f1", "roc_auc", "pr_auc", "log_loss")
_NAMED_CLASSES = 5
_PAGE_HEIGHT = 800  # pixels


def describe_run(folder: str, metrics: Evaluation) -> str:
    """Describe a run in one line: folder, classes, test rows and accuracy."""
    accuracy = metrics["accuracy"]
    interval = f" ({_interval(accuracy)})" if _interval(accuracy) else ""
    return (
        f"{folder}: {_name_classes(metrics['classes'])}; {metrics['n']:,} test rows, "
        f"accuracy {_number(accuracy['value'])}{interval}"
    )


def html_of_run(folder: str, metrics: Evaluation, ledger: LedgerFile) -> str:
    """Return a run as a table of metrics, for notebooks."""
    baseline = metrics["baseline"]
    heads = ["", "value", "interval", *(["baseline"] if baseline else [])]
    rows = []
    for key in _SHOWN:
        one = estimate_of(metrics, key)
        cells = [METRICS[key], _number(one["value"]), _interval(one)]
        bar = [_number(estimate_of(baseline, key)["value"])] if baseline else []
        rows.append([*cells, *bar])
    images = ledger["images"]
    return (
        f"<p><b>{escape(_name_classes(metrics['classes']))}</b>: {metrics['n']:,} test rows; "
        f"{images['featurized']:,} images featurized, {images['rejected']:,} rejected<br>"
        f"<code>{escape(folder)}</code></p>{html_table(heads, rows)}"
    )


def html_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table; cells are escaped."""
    head = "".join(f"<th>{escape(text)}</th>" for text in heads)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(text)}</td>" for text in row) + "</tr>" for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def show_page(page: str | None, otherwise: str) -> None:
    """Show a page in the notebook that this runs in; elsewhere, or without a page, print a text.

    Parameters
    ----------
    page
        The HTML of the page, which needs no other file.
    otherwise
        The text to print.
    """
    if page is None or not in_notebook():
        print(otherwise)  # noqa: T201
        return
    notebook: Any = import_module("IPython.display")  # most of it has no annotations
    # The page may be from somebody else's run: in a sandbox, it cannot act as the notebook.
    size = f'width="100%" height="{_PAGE_HEIGHT}" sandbox="allow-scripts"'
    frame = f'<iframe srcdoc="{escape(page)}" {size}></iframe>'
    notebook.display(notebook.HTML(f"<div>{frame}</div>"))


def _name_classes(classes: Sequence[str]) -> str:
    return ", ".join(classes) if len(classes) <= _NAMED_CLASSES else f"{len(classes)} classes"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _interval(one: Estimate) -> str:
    return "" if one["low"] is None else f"{_number(one['low'])} to {_number(one['high'])}"
