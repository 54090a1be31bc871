"""The photos of a report, as cards of a page."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

__all__ = ["MOST_BYTES", "Card", "Gallery", "bound_galleries"]

MOST_BYTES = 3_000_000  # of all JPEGs on a page; in base64 that is 4 MB of text


@dataclass(frozen=True)
class Card:
    """One photo.

    Attributes
    ----------
    image_id, uri
        The photo's name and place.
    label
        Its true class, or classes; empty if unknown.
    predicted
        The predicted class; None for a rejected photo.
    probabilities
        The most probable classes with their probabilities, the predicted class first.
    photo, overlay
        JPEG thumbnails of the photo and of the heat map over it; None where there is none.
    error
        Why the photo was rejected, or could not be shown.
    """

    image_id: str
    uri: str | None
    label: str
    predicted: str | None = None
    probabilities: tuple[tuple[str, float], ...] = ()
    photo: bytes | None = field(default=None, repr=False)
    overlay: bytes | None = field(default=None, repr=False)
    error: str | None = None

    @property
    def photo_uri(self) -> str | None:
        """The thumbnail as a ``data:`` URI."""
        return _data_uri(self.photo)

    @property
    def overlay_uri(self) -> str | None:
        """The heat map as a ``data:`` URI."""
        return _data_uri(self.overlay)

    @property
    def bytes(self) -> int:
        """The size of both thumbnails."""
        return len(self.photo or b"") + len(self.overlay or b"")


def _data_uri(jpeg: bytes | None) -> str | None:
    if jpeg is None:
        return None
    return "data:image/jpeg;base64," + base64.b64encode(jpeg).decode()


@dataclass(frozen=True)
class Gallery:
    """Photos that have something in common.

    Attributes
    ----------
    name, title, caption
        The anchor on the page, and the heading and text above the photos.
    cards
        The photos.
    total
        How many photos the gallery was chosen from; None if they were not counted.
    left_out
        Number of cards that did not fit on the page.
    """

    name: str
    title: str
    caption: str
    cards: tuple[Card, ...]
    total: int | None = None
    left_out: int = 0


def bound_galleries(galleries: Sequence[Gallery], most: int = MOST_BYTES) -> list[Gallery]:
    """Leave out the last cards of the largest galleries until the thumbnails fit on the page.

    Examples
    --------
    >>> cards = tuple(Card(str(place), None, "Car", photo=b"x" * 10) for place in range(5))
    >>> galleries = [Gallery("a", "A", "", cards[:2]), Gallery("b", "B", "", cards)]
    >>> few, many = bound_galleries(galleries, 50)
    >>> len(few.cards), len(many.cards), many.left_out
    (2, 3, 2)
    """
    kept = [list(gallery.cards) for gallery in galleries]
    while sum(card.bytes for cards in kept for card in cards) > most:
        max(kept, key=lambda cards: sum(card.bytes for card in cards)).pop()
    return [
        replace(gallery, cards=tuple(cards), left_out=len(gallery.cards) - len(cards))
        for gallery, cards in zip(galleries, kept, strict=True)
    ]
