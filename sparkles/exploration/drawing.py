"""How figures look: one style, colours that the colour-blind tell apart, PNG bytes."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sparkles.errors import MissingDependencyError

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

__all__ = ["COLOURS", "INK", "PALE", "Picture", "check_can_draw", "drawn", "short_name", "to_png"]

# Okabe and Ito 2008: told apart with every kind of colour vision.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#7A6A00")
INK, PALE = "#24292f", "#c3c9d0"
_LONGEST = 26  # letters of a class name beside a figure; the tables have it whole
_DPI = 110
_STYLE: Any = {
    "font.family": "DejaVu Sans",  # matplotlib brings it
    "font.size": 10,
    "text.color": INK,
    "text.parse_math": False,  # a class may be called $1
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": "#e4e7eb",
    "xtick.color": INK,
    "ytick.color": INK,
}


@dataclass(frozen=True)
class Picture:
    """A figure of the report.

    Attributes
    ----------
    name
        Of its file, without suffix.
    title, caption
        What stands over and under it.
    alt
        What it shows, for those who do not see it.
    png
        The file.
    """

    name: str
    title: str
    caption: str
    alt: str
    png: bytes


def check_can_draw() -> None:
    """Refuse, before anything is counted, where the plotting libraries are missing.

    Raises
    ------
    MissingDependencyError
        Naming the extra that brings them.
    """
    try:
        import jinja2
        import matplotlib
        import scipy  # type: ignore[import-untyped]
    except ImportError as error:
        what = f"figures need {error.name}, which is not installed"
        raise MissingDependencyError.of_extra(what, "plots") from error
    del jinja2, matplotlib, scipy


@contextmanager
def drawn(width: float, height: float) -> Iterator[tuple[Canvas, Any]]:
    """Give a figure of so many inches and its axes, in the common style."""
    import matplotlib as mpl
    from matplotlib.figure import Figure as Canvas

    # Not pyplot: it keeps figures for the whole process, and may ask for a screen.
    with mpl.rc_context(_STYLE):
        canvas = Canvas(figsize=(width, height), dpi=_DPI, layout="constrained")
        yield canvas, canvas.subplots()


def to_png(canvas: Canvas) -> bytes:
    """The figure as the bytes of a file, on white, which both light and dark pages can hold."""
    file = io.BytesIO()
    canvas.savefig(file, format="png", facecolor="white")
    return file.getvalue()


def short_name(name: str) -> str:
    """A class name that leaves room for the figure.

    Examples
    --------
    >>> short_name("Personal flotation device for small dogs")
    'Personal flotation device…'
    """
    # Control characters have no glyph, and a line break would run into the neighbour.
    name = " ".join(name.split())
    return name if len(name) <= _LONGEST else name[: _LONGEST - 1].rstrip() + "…"
