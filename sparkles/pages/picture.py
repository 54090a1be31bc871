"""A figure with its words, as a page or a notebook shows it."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field

__all__ = ["Picture"]


@dataclass(frozen=True)
class Picture:
    """A figure and what is said of it; a notebook shows it by itself.

    Attributes
    ----------
    name
        Of its file, without suffix.
    title, caption
        What stands over and under it.
    alt
        What it shows, for those who do not see it.
    png
        The figure on white.
    svg
        The figure on what is behind it, its lines light where the reader's screen is dark.
    """

    name: str
    title: str
    caption: str
    alt: str
    png: bytes = field(repr=False)
    svg: str = field(repr=False)

    @property
    def uri(self) -> str:
        """The figure as a ``data:`` URI, for a page that needs no other file."""
        return "data:image/svg+xml;base64," + base64.b64encode(self.svg.encode()).decode()

    def _repr_png_(self) -> bytes:
        return self.png
