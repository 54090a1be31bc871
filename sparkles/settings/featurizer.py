"""Which network computes the features, and how."""

from __future__ import annotations

from sparkles.choices import DEFAULT_BATCH_SIZE, EngineName, PoolingChoice, Precision
from sparkles.ranges import BATCH_SIZE, SEED
from sparkles.settings.base import Settings
from sparkles.settings.option import setting

__all__ = ["FeaturizerOptions", "FeaturizerSettings"]


class FeaturizerOptions(Settings):
    """How a network computes features."""

    section = "network"

    weights: str | None = setting(
        "imagenet, embedded, random, or a file; default: the network's own",
        default=None,
        metavar="WEIGHTS",
    )
    output_layer: str | None = setting(
        "layer whose output becomes the features, for example mixed8; default: the network's last",
        default=None,
        metavar="LAYER",
    )
    pooling: PoolingChoice = setting(
        "how the last feature map becomes a vector", default=PoolingChoice.AVG
    )
    engine: EngineName = setting("library that runs the network", default=EngineName.AUTO)
    precision: Precision = setting(
        "number format that the network computes in; auto is bf16 on CPUs that have it, and f32 "
        "on others",
        default=Precision.AUTO,
    )
    batch_size: int = setting(
        "photos that go through the network together",
        default=DEFAULT_BATCH_SIZE,
        metavar="N",
        within=BATCH_SIZE,
    )


class FeaturizerSettings(FeaturizerOptions):
    """A network, and how it computes features."""

    section = "network"

    model: str = setting(
        "name of the network, for example InceptionV3 or MobileNetV2-0.35",
        default="InceptionV3",
        metavar="NAME",
    )
    seed: int = setting("seed of random weights", default=0, metavar="N", within=SEED)
