"""Which labels to read, and which of them to believe."""

from __future__ import annotations

from sparkles.choices import Ambiguous
from sparkles.settings.base import Settings
from sparkles.settings.option import setting

__all__ = ["AmbiguityPolicy", "LabelPolicy", "LabelSettings"]


class LabelPolicy(Settings):
    """Which labels are believed."""

    section = "labels"

    min_confidence: float = setting(
        "smallest Confidence of a positive label; human-verified labels have 1",
        default=1.0,
        metavar="X",
    )
    sources: tuple[str, ...] = setting(
        "label Sources that count, for example verification; default: all",
        default=(),
        metavar="A,B",
    )


class LabelSettings(LabelPolicy):
    """Labels in the format of Open Images, and which of them are believed."""

    section = "labels"

    labels: str = setting(
        "CSV with ImageID,Source,LabelName,Confidence", metavar="CSV", place="input"
    )
    class_names: str | None = setting(
        "CSV of MIDs and display names", default=None, metavar="CSV", place="input"
    )


class AmbiguityPolicy(Settings):
    """What happens to images with several of the chosen classes."""

    section = "labels"

    ambiguous: Ambiguous = setting(
        "images with several of the chosen classes: drop them, assign the first class in the "
        "order of --classes, or keep one row per class",
        default=Ambiguous.DROP,
    )
