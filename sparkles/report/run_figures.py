"""What became of the rows and images, and where the time went."""

from __future__ import annotations

from typing import Any

from sparkles.pages import Picture
from sparkles.pages.figures import COLOURS, COLUMN, PALE, drawn, files_of, short_name

__all__ = ["draw_funnel", "draw_seconds"]

_ROW = 0.5  # inches of a bar
_PARTS = {"train": COLOURS[0], "validation": COLOURS[5], "test": COLOURS[4]}


def draw_funnel(ledger: dict[str, Any]) -> Picture:
    """From label rows to the parts of the data, and what fell out on the way."""
    rows, images = ledger["label_rows"], ledger["images"]
    counts = {part: sum(classes.values()) for part, classes in ledger["splits"].items()}
    steps = [
        ("label rows read", rows["read"], rows["read"]),
        ("rows of the chosen classes", rows["kept"], rows["read"]),
        ("images they name", images["named"], images["named"]),
        ("images featurized", images["featurized"], images["named"]),
    ]
    parts = [part for part in _PARTS if counts.get(part)]
    with drawn(COLUMN, 1.0 + _ROW * (len(steps) + 1)) as (canvas, axes):
        most = max(rows["read"], 1)
        for place, (_, kept, of) in enumerate(steps):
            axes.barh(place, kept, 0.62, color=COLOURS[0])
            axes.barh(place, of - kept, 0.62, left=kept, color=PALE)
            axes.text(of + most * 0.01, place, f"{kept:,}{_lost(of - kept)}", va="center")
        start = 0
        for part in parts:
            axes.barh(len(steps), counts[part], 0.62, left=start, color=_PARTS[part], label=part)
            start += counts[part]
        said = ", ".join(f"{counts[part]:,} {part}" for part in parts)
        axes.text(start + most * 0.01, len(steps), said, va="center")
        names = [name for name, *_ in steps] + ["rows to train and test on"]
        axes.set_yticks(range(len(names)), names)
        axes.set_ylim(len(names) - 0.5, -0.5)
        axes.set_xlim(0, most * 1.45)
        axes.locator_params(axis="x", nbins=5)
        axes.xaxis.set_major_formatter("{x:,.0f}")
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="x")
        files = files_of(canvas)
    alt = "Funnel. " + "; ".join(f"{name}: {kept:,}" for name, kept, _ in steps) + f"; then {said}."
    caption = (
        "Gray is what fell out; the table says why. An image counts once, whatever the number of "
        "its label rows."
    )
    return Picture("funnel", "From label rows to train and test", caption, alt, *files)


def _lost(count: int) -> str:
    return f"  ({count:,} out)" if count else ""


def draw_seconds(seconds: dict[str, float]) -> Picture:
    """Seconds of each stage, in the order of the run."""
    rows = max(len(seconds), 1)
    with drawn(COLUMN, 0.9 + 0.36 * len(seconds)) as (canvas, axes):
        places = range(len(seconds))
        axes.barh(places, list(seconds.values()), 0.62, color=COLOURS[2])
        most = max(seconds.values(), default=1.0)
        for place, value in enumerate(seconds.values()):
            axes.text(value + most * 0.01, place, f"{value:,.1f}", va="center")
        axes.set_yticks(places, [short_name(name) for name in seconds])
        axes.set_ylim(rows - 0.5, -0.5)
        axes.set_xlim(0, most * 1.15 or 1.0)
        axes.set_xlabel("seconds")
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="x")
        files = files_of(canvas)
    said = ", ".join(f"{name} {value:,.1f}" for name, value in seconds.items())
    caption = f"{sum(seconds.values()):,.0f} seconds in all, of the driver's clock."
    alt = f"Bar chart of seconds by stage: {said}."
    return Picture("seconds", "Where the time went", caption, alt, *files)
