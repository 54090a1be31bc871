"""``report.html``: a training run on one page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sparkles.metric_names import metric_names
from sparkles.pages import render_page
from sparkles.report.charts import draw_charts
from sparkles.report.gallery import Gallery
from sparkles.run_files import RunFiles

__all__ = ["render_report_page"]


def render_report_page(
    files: RunFiles, galleries: Sequence[Gallery], command: str, *, maps: str | None = None
) -> str:
    """Render the page, which needs no other file.

    Parameters
    ----------
    files
        What ``run.json``, ``ledger.json``, ``metrics.json`` and ``curves.json`` contain, by their
        names without suffix.
    galleries
        Photos to show, in order.
    command
        The command line that repeats the run.
    maps
        How the heat maps were made, ``exact`` or ``approximate``; None where there are none.
    """
    return render_page(
        Path(__file__).with_name("report_page.html"),
        draw_charts(files),
        **files,
        galleries=galleries,
        command=command,
        maps=maps,
        names=metric_names(len(files["metrics"]["classes"])),
    )
