"""The style of figures: fonts, colours for every kind of colour vision, PNG and SVG files."""

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

# Okabe and Ito 2008: distinguishable with every kind of colour vision.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#7A6A00")
INK, PALE, GRID = "#24292f", "#c3c9d0", "#e4e7eb"
# For text on parts that are dark, or light, on every screen. They differ slightly from white and
# INK, because those two colours change with the screen.
LIGHT, DARK = "#fefefe", "#23282e"
# Colours on light screens and on dark screens.
_SCREEN = {"ink": (INK, "#e6edf3"), "grid": (GRID, "#30363d"), "paper": ("#ffffff", "#0d1117")}
COLUMN = 6.4  # inches: a figure of this width is readable on a phone
_LONGEST = 26  # letters of a class name in a figure; the tables have the whole name
_DPI = 110
_STYLE: Any = {
    "font.family": "DejaVu Sans",  # installed with matplotlib
    "font.size": 10,
    "text.color": INK,
    "text.parse_math": False,  # the name of a class may contain $
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "svg.hashsalt": "sparkles",  # the same figure gets the same ids
    "grid.color": GRID,
    "xtick.color": INK,
    "ytick.color": INK,
}


def check_can_draw() -> None:
    """Raise an error if a plotting library is missing; call this before any long job.

    Raises
    ------
    MissingDependencyError
        If one is missing. The message names the extra that installs it.
    """
    try:
        import jinja2
        import matplotlib
        import scipy
    except ImportError as error:
        what = f"figures need {error.name}, which is not installed"
        raise MissingDependencyError.of_extra(what, "plots") from error
    del jinja2, matplotlib, scipy


@contextmanager
def drawn(width: float, height: float) -> Iterator[tuple[Canvas, Any]]:
    """Open a figure of a size in inches, in the common style, and yield it with its axes."""
    import matplotlib as mpl
    from matplotlib.figure import Figure as Canvas

    # Not pyplot: it keeps figures for the life of the process, and may need a display.
    with mpl.rc_context(_STYLE):
        canvas = Canvas(figsize=(width, height), dpi=_DPI, layout="constrained")
        yield canvas, canvas.subplots()


def files_of(canvas: Canvas) -> tuple[bytes, str]:
    """Return a figure as PNG on white, and as SVG that adapts to light and dark screens.

    Returns
    -------
    png : bytes
    svg : str
    """
    file = io.BytesIO()
    canvas.savefig(file, format="png", facecolor="white")
    text = io.StringIO()
    # Without a date, so that the same figure gives the same file.
    canvas.savefig(text, format="svg", transparent=True, metadata={"Date": None})
    return file.getvalue(), _follow_screen(text.getvalue())


def _follow_screen(svg: str) -> str:
    """Replace three fixed colours by CSS variables, which have other values on dark screens."""
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
    """Shorten a class name so that it leaves room for the figure.

    Examples
    --------
    >>> short_name("Personal flotation device for small dogs")
    'Personal flotation device…'
    """
    # Control characters have no glyph, and a line break would overlap with the next name.
    name = " ".join(name.split())
    return name if len(name) <= _LONGEST else name[: _LONGEST - 1].rstrip() + "…"
