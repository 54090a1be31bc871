"""The description of a network: one row of data, which can be read without Keras."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["ModelSpec", "Pooling", "Preprocessing"]


class Preprocessing(StrEnum):
    """How RGB bytes become the network's input (the names of ``keras.applications``)."""

    TF = "tf"  # x / 127.5 − 1
    CAFFE = "caffe"  # BGR minus (103.939, 116.779, 123.68)
    TORCH = "torch"  # (x / 255 − mean) / std with ImageNet's channel statistics
    BUILT_IN = "built-in"  # by the network's first layers


class Pooling(StrEnum):
    """How the last feature map becomes a vector."""

    AVG = "avg"
    MAX = "max"


@dataclass(frozen=True)
class ModelSpec:
    """One network that can featurize photos.

    Attributes
    ----------
    name
        The ``modelName`` that users give.
    builder
        A function of ``keras.applications``, or ``module:function`` for a network of Sparkles.
    input_size
        Side of the square input in pixels.
    preprocessing
        How pixels are prepared for the first layer.
    features
        Length of the pooled vector.
    default_weights
        ``imagenet`` (those of Keras), or ``embedded`` (those in this package).
    alpha
        Width multiplier; ``None`` if the network has no variants of different width.
    minimum_size
        The smallest input side in pixels.
    legacy_pooled
        Whether sparkdl's graph of this network ended in average pooling, so that the legacy
        vector (``pooling=None``) is the pooled one.
    """

    name: str
    builder: str
    input_size: int
    preprocessing: Preprocessing
    features: int
    default_weights: str = "imagenet"
    alpha: float | None = None
    minimum_size: int = 32
    legacy_pooled: bool = False
