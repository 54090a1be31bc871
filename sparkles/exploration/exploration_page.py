"""The page of an exploration."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sparkles.pages import Picture, render_page

__all__ = ["render_exploration"]


def render_exploration(facts: dict[str, Any], pictures: Sequence[Picture]) -> str:
    """Write the page.

    Parameters
    ----------
    facts
        What ``explore.json`` holds.
    pictures
        By the order in which they stand on the page.
    """
    return render_page(Path(__file__).with_name("exploration_page.html"), pictures, facts=facts)
