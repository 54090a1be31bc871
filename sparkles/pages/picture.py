"""A figure with its text, as a page or a notebook shows it."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field

__all__ = ["Picture"]


@dataclass(frozen=True)
class Picture:
    """A figure with its title, caption and alternative text; notebooks display it.

    Attributes
    ----------
    name
        The name of its file, without suffix.
    title, caption
        The text above and below the figure.
    alt
        A description for readers who cannot see the figure.
    png
        The figure on a white background.
    svg
        The figure with a transparent background; its lines are light on dark screens.
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
