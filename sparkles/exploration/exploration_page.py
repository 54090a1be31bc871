"""The HTML page of an exploration."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sparkles.exploration.class_photos import ClassPhotos
from sparkles.exploration.facts import ExplorationFacts
from sparkles.pages import Picture, render_page

__all__ = ["render_exploration"]


def render_exploration(
    facts: ExplorationFacts,
    pictures: Sequence[Picture],
    galleries: Sequence[ClassPhotos] = (),
) -> str:
    """Return the page as HTML.

    Parameters
    ----------
    facts
        The content of ``explore.json``.
    pictures
        The figures, which the page places by their names.
    galleries
        A few photos of each class.
    """
    template = Path(__file__).with_name("exploration_page.html")
    return render_page(template, pictures, facts=facts, galleries=galleries)
