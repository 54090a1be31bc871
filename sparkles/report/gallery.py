"""The photos of a report, as cards of a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sparkles.pages.thumbnails import MOST_BYTES, drop_to_fit, jpeg_uri

__all__ = ["Card", "Gallery", "bound_galleries"]


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
        return None if self.photo is None else jpeg_uri(self.photo)

    @property
    def overlay_uri(self) -> str | None:
        """The heat map as a ``data:`` URI."""
        return None if self.overlay is None else jpeg_uri(self.overlay)

    @property
    def bytes(self) -> int:
        """The size of both thumbnails."""
        return len(self.photo or b"") + len(self.overlay or b"")


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
    kept = drop_to_fit([gallery.cards for gallery in galleries], lambda card: card.bytes, most)
    return [
        replace(gallery, cards=cards, left_out=len(gallery.cards) - len(cards))
        for gallery, cards in zip(galleries, kept, strict=True)
    ]
