"""Which labels are believed."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["LabelPolicy"]


@dataclass(frozen=True)
class LabelPolicy:
    """Which labels are believed, and from which confidence on they are positive.

    Attributes
    ----------
    min_confidence
        The least ``Confidence`` of a positive label; human-verified ones have 1.
    sources
        The ``Source`` values that count; empty for all.
    """

    min_confidence: float = 1.0
    sources: tuple[str, ...] = ()
