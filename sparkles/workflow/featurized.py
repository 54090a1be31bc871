"""The result of putting the photos of a run through the network."""

from __future__ import annotations

from dataclasses import dataclass

from pyspark.sql import DataFrame

from sparkles.run_files import FeaturizedNote

__all__ = ["Featurized"]


@dataclass(frozen=True)
class Featurized:
    """The result of putting photos through the network.

    Attributes
    ----------
    good
        ``image_id``, ``uri``, ``features`` array<float>, ``sha256``.
    rejected
        ``image_id``, ``uri``, ``reason``, ``error``.
    featurized
        The number of good photos.
    reasons
        The number of rejected photos by reason.
    precisions
        The number of good photos by what their features were computed in.
    """

    good: DataFrame
    rejected: DataFrame
    featurized: int
    reasons: dict[str, int]
    precisions: dict[str, int]

    def to_note(self) -> FeaturizedNote:
        """Return the part of ``_run.json`` about the images: named = featurized + rejected."""
        rejected = sum(self.reasons.values())
        named = self.featurized + rejected
        images = {"named": named, "featurized": self.featurized, "rejected": rejected}
        return {"images": images, "rejected": self.reasons, "precisions": self.precisions}
