"""HTML pages that need no other file: figures are embedded, text is escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from sparkles.pages.picture import Picture

__all__ = ["render_page"]


def render_page(template: Path, pictures: Sequence[Picture], **content: Any) -> str:
    """Render a template, which extends ``base.html`` and may import ``parts.html``.

    Parameters
    ----------
    template
        The template's file.
    pictures
        The figures that the template places by their names.
    content
        What the template reads. Text is escaped, so none of it becomes HTML.

    Returns
    -------
    str
        The page.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader([template.parent, Path(__file__).parent]),
        autoescape=True,  # names of classes and files come from outside
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "count": _count,
        "number": _number,
        "percent": _percent,
        "fixed": _fixed,
        "folded": _folded,
    }
    shown = {picture.name: picture for picture in pictures}
    return environment.get_template(template.name).render(pictures=shown, **content)


_NONE = "–"  # noqa: RUF001


def _count(value: int | None) -> str:
    return _NONE if value is None else f"{value:,}"


def _number(value: float | None) -> str:
    if value is None:
        return _NONE
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _fixed(value: float | None, digits: int = 3) -> str:
    return _NONE if value is None else f"{value:.{digits}f}"


def _percent(part: float, whole: float) -> str:
    return f"{100 * part / whole:.1f} %" if whole else _NONE


def _folded(rows: Sequence[Mapping[str, Any]], key: str) -> list[dict[str, Any]]:
    """Make one row of adjacent rows that differ in one column only, which becomes a range.

    Examples
    --------
    >>> _folded([{"at": 0.1, "n": 5}, {"at": 0.2, "n": 5}, {"at": 0.3, "n": 4}], "at")
    [{'at': '0.1 to 0.2', 'n': 5}, {'at': '0.3', 'n': 4}]
    """
    folded = []
    for rest, same in groupby(rows, lambda row: {**row, key: None}):
        keys = [str(row[key]) for row in same]
        folded.append({**rest, key: keys[0] if len(keys) == 1 else f"{keys[0]} to {keys[-1]}"})
    return folded
