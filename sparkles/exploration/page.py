"""One HTML page that needs no other file: figures inside, text escaped."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sparkles.exploration.drawing import Picture

__all__ = ["render_page"]

_TEMPLATE = "page.html"


def render_page(facts: dict[str, Any], pictures: Sequence[Picture]) -> str:
    """Write the report.

    Parameters
    ----------
    facts
        What ``explore.json`` holds.
    pictures
        By the order in which they stand on the page.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,  # names of classes and files are others' words
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"count": _count, "number": _number, "percent": _percent}
    shown = {
        picture.name: {
            "title": picture.title,
            "caption": picture.caption,
            "alt": picture.alt,
            "uri": "data:image/png;base64," + base64.b64encode(picture.png).decode(),
        }
        for picture in pictures
    }
    return environment.get_template(_TEMPLATE).render(facts=facts, pictures=shown)


def _count(value: int | None) -> str:
    return "–" if value is None else f"{value:,}"  # noqa: RUF001


def _number(value: float | None) -> str:
    if value is None:
        return "–"  # noqa: RUF001
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _percent(part: float, whole: float) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "–"  # noqa: RUF001
