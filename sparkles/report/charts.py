"""Every figure of a run, by name."""

from __future__ import annotations

from collections.abc import Callable

from sparkles.pages import Picture
from sparkles.report.curve_figures import draw_calibration, draw_pr, draw_roc, draw_thresholds
from sparkles.report.metric_figures import draw_confusion, draw_metrics
from sparkles.report.run_figures import draw_funnel, draw_seconds
from sparkles.run_files import RunFiles

__all__ = ["CHARTS", "draw_charts"]

CHARTS: dict[str, Callable[[RunFiles], Picture | None]] = {
    "funnel": lambda files: draw_funnel(files["ledger"]),
    "metrics": lambda files: draw_metrics(files["metrics"]),
    "confusion": lambda files: draw_confusion(files["metrics"]),
    "roc": lambda files: draw_roc(files["metrics"], files["curves"]),
    "pr": lambda files: draw_pr(files["metrics"], files["curves"]),
    "thresholds": lambda files: draw_thresholds(files["metrics"], files["curves"]),
    "calibration": lambda files: draw_calibration(files["curves"]),
    "seconds": lambda files: draw_seconds(files["run"]["seconds"]),
}


def draw_charts(files: RunFiles) -> list[Picture]:
    """Draw every figure that can be drawn.

    Parameters
    ----------
    files
        What ``ledger.json``, ``metrics.json``, ``curves.json`` and ``run.json`` contain, by their
        names without suffix.
    """
    pictures = [draw(files) for draw in CHARTS.values()]
    return [picture for picture in pictures if picture is not None]
