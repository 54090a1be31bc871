"""``report.html``: a training run on one page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sparkles.metric_names import metric_names
from sparkles.pages import render_page
from sparkles.report.charts import draw_charts
from sparkles.report.gallery import Gallery

__all__ = ["render_report_page"]


def render_report_page(
    facts: dict[str, Any], galleries: Sequence[Gallery], command: str, *, maps: str | None = None
) -> str:
    """Write the page, which needs no other file.

    Parameters
    ----------
    facts
        What ``run.json``, ``ledger.json``, ``metrics.json`` and ``curves.json`` hold, by these
        names without suffix.
    galleries
        Photos to show, in their order.
    command
        What repeats the run, as one types it.
    maps
        How the heat maps were made, ``exact`` or ``approximate``; None where there are none.
    """
    return render_page(
        Path(__file__).with_name("report_page.html"),
        draw_charts(facts),
        **facts,
        galleries=galleries,
        command=command,
        maps=maps,
        names=metric_names(len(facts["metrics"]["classes"])),
    )
