"""What Sparkles knows of a network: one row of data, no Keras needed to read it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["ModelSpec", "Pooling", "Preprocessing"]


class Preprocessing(StrEnum):
    """How RGB bytes become what the network was trained on (``keras.applications`` names)."""

    TF = "tf"  # x / 127.5 − 1
    CAFFE = "caffe"  # BGR minus (103.939, 116.779, 123.68)
    TORCH = "torch"  # (x / 255 − mean) / std with ImageNet's channel statistics
    BUILT_IN = "built-in"  # the network's first layers do it


class Pooling(StrEnum):
    """How the last feature map becomes a vector."""

    AVG = "avg"
    MAX = "max"


@dataclass(frozen=True)
class ModelSpec:
    """One network that photos can be put through.

    Attributes
    ----------
    name
        The ``modelName`` that users give.
    builder
        A function of ``keras.applications``, or ``module:function`` for a network of our own.
    input_size
        Side of the square input in pixels.
    preprocessing
        What happens to the pixels before the first layer.
    features
        Length of the pooled vector.
    default_weights
        ``imagenet`` (Keras' own), or ``embedded`` (shipped with this package).
    alpha
        Width multiplier of the narrow variants; ``None`` where the network has none.
    minimum_size
        The smallest input that the network takes.
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
