"""Every figure of a run, by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sparkles.pages import Picture
from sparkles.report.curve_figures import draw_calibration, draw_pr, draw_roc, draw_thresholds
from sparkles.report.metric_figures import draw_confusion, draw_metrics
from sparkles.report.run_figures import draw_funnel, draw_seconds

__all__ = ["CHARTS", "draw_charts"]

Facts = dict[str, Any]

# Each reads of a run's files: "ledger", "metrics", "curves", "run" (without suffix).
CHARTS: dict[str, Callable[[Facts], Picture | None]] = {
    "funnel": lambda facts: draw_funnel(facts["ledger"]),
    "metrics": lambda facts: draw_metrics(facts["metrics"]),
    "confusion": lambda facts: draw_confusion(facts["metrics"]),
    "roc": lambda facts: draw_roc(facts["metrics"], facts["curves"]),
    "pr": lambda facts: draw_pr(facts["metrics"], facts["curves"]),
    "thresholds": lambda facts: draw_thresholds(facts["metrics"], facts["curves"]),
    "calibration": lambda facts: draw_calibration(facts["curves"]),
    "seconds": lambda facts: draw_seconds(facts["run"]["seconds"]),
}


def draw_charts(facts: Facts) -> list[Picture]:
    """Draw all that can be drawn.

    Parameters
    ----------
    facts
        What ``ledger.json``, ``metrics.json``, ``curves.json`` and ``run.json`` hold, by these
        names without suffix.
    """
    drawn = [draw(facts) for draw in CHARTS.values()]
    return [picture for picture in drawn if picture is not None]
