"""What became of the label rows and images, and where the time went."""

from __future__ import annotations

from sparkles.pages import Picture
from sparkles.pages.figures import COLOURS, COLUMN, PALE, drawn, files_of, short_name
from sparkles.run_files import LedgerFile

__all__ = ["draw_funnel", "draw_seconds"]

_BAR = 0.5  # inches
_PARTS = {"train": COLOURS[0], "validation": COLOURS[5], "test": COLOURS[4]}


def draw_funnel(ledger: LedgerFile) -> Picture:
    """Draw how label rows become the parts of the data, and how many are dropped on the way."""
    rows, images = ledger["label_rows"], ledger["images"]
    counts = {part: sum(classes.values()) for part, classes in ledger["splits"].items()}
    steps = [
        ("label rows read", rows["read"], rows["read"]),
        ("rows of the chosen classes", rows["kept"], rows["read"]),
        ("images they name", images["named"], images["named"]),
        ("images featurized", images["featurized"], images["named"]),
    ]
    parts = [part for part in _PARTS if counts.get(part)]
    with drawn(COLUMN, 1.0 + _BAR * (len(steps) + 1)) as (canvas, axes):
        most = max(rows["read"], 1)
        for place, (_, kept, of) in enumerate(steps):
            axes.barh(place, kept, 0.62, color=COLOURS[0])
            axes.barh(place, of - kept, 0.62, left=kept, color=PALE)
            axes.text(of + most * 0.01, place, f"{kept:,}{_dropped(of - kept)}", va="center")
        start = 0
        for part in parts:
            axes.barh(len(steps), counts[part], 0.62, left=start, color=_PARTS[part], label=part)
            start += counts[part]
        sizes = ", ".join(f"{counts[part]:,} {part}" for part in parts)
        axes.text(start + most * 0.01, len(steps), sizes, va="center")
        names = [name for name, *_ in steps] + ["rows to train and test on"]
        axes.set_yticks(range(len(names)), names)
        axes.set_ylim(len(names) - 0.5, -0.5)
        axes.set_xlim(0, most * 1.45)
        axes.locator_params(axis="x", nbins=5)
        axes.xaxis.set_major_formatter("{x:,.0f}")
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="x")
        files = files_of(canvas)
    listed = "; ".join(f"{name}: {kept:,}" for name, kept, _ in steps)
    alt = f"Funnel. {listed}; then {sizes}."
    caption = (
        "Gray shows what was dropped; the tables give the reasons. An image counts once, even if "
        "several label rows name it."
    )
    return Picture("funnel", "From label rows to train and test", caption, alt, *files)


def _dropped(count: int) -> str:
    return f"  ({count:,} dropped)" if count else ""


def draw_seconds(seconds: dict[str, float]) -> Picture:
    """Draw the seconds that each stage took, in the order of the run."""
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
    listed = ", ".join(f"{name} {value:,.1f}" for name, value in seconds.items())
    caption = f"{sum(seconds.values()):,.0f} seconds in total, measured on the driver."
    alt = f"Bar chart of seconds by stage: {listed}."
    return Picture("seconds", "Where the time went", caption, alt, *files)
