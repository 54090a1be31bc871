"""How figures look: one style, colours that the colour-blind tell apart, files of two kinds."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sparkles.errors import MissingDependencyError

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

__all__ = [
    "COLOURS",
    "COLUMN",
    "DARK",
    "GRID",
    "INK",
    "LIGHT",
    "PALE",
    "check_can_draw",
    "drawn",
    "files_of",
    "short_name",
]

# Okabe and Ito 2008: told apart with every kind of colour vision.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#7A6A00")
INK, PALE, GRID = "#24292f", "#c3c9d0", "#e4e7eb"
# On what is dark, or light, on every screen: not quite white and INK, which follow the screen.
LIGHT, DARK = "#fefefe", "#23282e"
# Of light screens, and of dark ones.
_SCREEN = {"ink": (INK, "#e6edf3"), "grid": (GRID, "#30363d"), "paper": ("#ffffff", "#0d1117")}
COLUMN = 6.4  # inches: a figure of this width can still be read on a phone
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
    "svg.hashsalt": "sparkles",  # the same figure has the same ids
    "grid.color": GRID,
    "xtick.color": INK,
    "ytick.color": INK,
}


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


def files_of(canvas: Canvas) -> tuple[bytes, str]:
    """Give the figure as PNG on white, and as SVG whose lines and letters follow the screen.

    Returns
    -------
    png : bytes
    svg : str
    """
    file = io.BytesIO()
    canvas.savefig(file, format="png", facecolor="white")
    text = io.StringIO()
    # Without a date: the same figure is the same file.
    canvas.savefig(text, format="svg", transparent=True, metadata={"Date": None})
    return file.getvalue(), _follow_screen(text.getvalue())


def _follow_screen(svg: str) -> str:
    """Make of three fixed colours variables, which are others where the screen is dark."""
    head, start, rest = svg.partition("<defs>")
    for name, (light, _) in _SCREEN.items():
        rest = rest.replace(light, f"var(--{name})")
    light, dark = (
        "".join(f"--{name}:{colours[place]};" for name, colours in _SCREEN.items())
        for place in (0, 1)
    )
    style = (
        f"<style>svg{{{light}}}@media screen and (prefers-color-scheme: dark){{svg{{{dark}}}}}"
        "</style>"
    )
    return f"{head[head.index('<svg') :]}{style}{start}{rest}"


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
