"""The network of a run: the one asked for, made ready, and what is told of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pyspark.sql import DataFrame

from sparkles.columns import FEATURES, IMAGE
from sparkles.features import calibrate_featurizer
from sparkles.ml import DeepImageFeaturizer
from sparkles.settings import PoolingChoice

__all__ = ["build_featurizer", "describe_network", "describe_precisions", "load_network"]


def describe_precisions(precisions: Mapping[str, int]) -> str:
    """Say what features were computed in, and that a cluster was mixed.

    Examples
    --------
    >>> describe_precisions({"f32": 40})
    'in f32'
    >>> describe_precisions({"bf16": 1200, "f32": 40})
    'in mixed precision, as the CPUs differ: 1,200 in bf16, 40 in f32'
    """
    if len(precisions) < 2:
        return "".join(f"in {precision}" for precision in precisions)
    parts = ", ".join(f"{count:,} in {precision}" for precision, count in precisions.items())
    return f"in mixed precision, as the CPUs differ: {parts}"


def build_featurizer(settings: Any) -> DeepImageFeaturizer:
    """The featurizer that a command's settings ask for.

    Raises
    ------
    UnknownModelError
        If there is no such network.
    """
    pooling = None if settings.pooling is PoolingChoice.NONE else str(settings.pooling)
    featurizer = DeepImageFeaturizer(
        inputCol=IMAGE,
        outputCol=FEATURES,
        modelName=settings.model,
        weights=settings.weights,
        outputLayer=settings.output_layer,
        pooling=pooling,
        batchSize=settings.batch_size,
        seed=settings.seed,
        engine=str(settings.engine),
        precision=str(settings.precision),
    )
    featurizer.networkSettings()
    return featurizer


def load_network(
    featurizer: DeepImageFeaturizer, photos: DataFrame, say: Callable[[str], None]
) -> tuple[DeepImageFeaturizer, dict[str, Any]]:
    """Get the network ready; an int8 one is calibrated on the photos that it will see.

    Returns
    -------
    featurizer : DeepImageFeaturizer
    network : dict
        What ``run.json`` says of it.
    """
    if featurizer.networkSettings().int8:
        say("      calibrating int8 on a sample of the photos")
        featurizer = calibrate_featurizer(photos, featurizer)
        say(f"      int8 against f32, cosine of the features: {featurizer.network().int8}")
    return featurizer, describe_network(featurizer)


def describe_network(featurizer: DeepImageFeaturizer) -> dict[str, Any]:
    """What ``run.json`` says of the network."""
    settings, network = featurizer.networkSettings(), featurizer.network()
    return {
        "model": settings.model,
        "weights": settings.chosen_weights,
        "output_layer": settings.output_layer,
        "pooling": settings.pooling,
        "features": network.length,
        "input": [network.height, network.width],
        "engine": network.engine,
        "fingerprint": network.fingerprint,
        "precision_asked": featurizer.getOrDefault(featurizer.precision),
        "int8": network.int8,
    }
