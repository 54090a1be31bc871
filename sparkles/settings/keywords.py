"""The settings as keyword arguments, for type checkers: names and types, nothing else.

Help and defaults are with the settings themselves. ``tests/settings/test_keywords.py`` compares
the two, and states what to add here for a new setting.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

__all__ = [
    "EvaluateKeywords",
    "ExplainKeywords",
    "ExploreKeywords",
    "FeaturizeKeywords",
    "PhotoKeywords",
    "PredictKeywords",
    "PrepareKeywords",
    "TrainKeywords",
]


class PhotoKeywords(TypedDict, total=False):
    """Of every function that reads photos and writes a folder."""

    overwrite: bool
    list_images: str
    requester_pays: bool
    master: str | None
    quiet: bool


class LabelKeywords(PhotoKeywords, total=False):
    """Which labels are believed."""

    split_folders: str
    class_names: str | None
    id_column: str | None
    label_column: str | None
    split_column: str | None
    min_confidence: float
    sources: str | Sequence[str]


class PrepareKeywords(LabelKeywords, total=False):
    """Of ``prepare``."""

    ambiguous: str
    test_fraction: float
    validation_fraction: float
    seed: int


class NetworkKeywords(TypedDict, total=False):
    """Which network computes the features, and how."""

    model: str
    weights: str | None
    output_layer: str | None
    pooling: str
    engine: str
    precision: str
    batch_size: int
    seed: int


class PredictKeywords(PhotoKeywords, total=False):
    """Of ``predict``."""

    max_rejected: float | None


class FeaturizeKeywords(NetworkKeywords, PredictKeywords, total=False):
    """Of ``featurize``."""

    id_column: str | None


class TrainKeywords(NetworkKeywords, PrepareKeywords, total=False):
    """Of ``train``."""

    max_iter: int
    reg_param: float
    elastic_net_param: float
    class_weights: str
    report_photos: int
    max_rejected: float | None


class EvaluateKeywords(LabelKeywords, total=False):
    """Of ``evaluate``."""

    ambiguous: str
    seed: int
    max_rejected: float | None


class ExplainKeywords(PhotoKeywords, total=False):
    """Of ``explain``."""

    limit: int
    side: int
    second_opinion: str
    second_opinion_photos: int
    evaluations: int


class ExploreKeywords(LabelKeywords, total=False):
    """Of ``explore``."""

    top: int
