"""Build, load and describe the network of a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from pyspark.sql import DataFrame

from sparkles.choices import PoolingChoice
from sparkles.columns import FEATURES, IMAGE
from sparkles.features import calibrate_featurizer
from sparkles.ml import DeepImageFeaturizer
from sparkles.models import prepare_network
from sparkles.run_files import NetworkNote
from sparkles.settings import FeaturizerSettings

__all__ = [
    "build_featurizer",
    "describe_network",
    "describe_precisions",
    "load_network",
    "make_featurizer",
]


def describe_precisions(precisions: Mapping[str, int]) -> str:
    """Describe what features were computed in; the CPUs of a cluster can differ.

    Examples
    --------
    >>> describe_precisions({"f32": 40})
    'in f32'
    >>> describe_precisions({"bf16": 1200, "f32": 40})
    'in mixed precision, because the CPUs differ: 1,200 in bf16, 40 in f32'
    """
    if len(precisions) < 2:
        return "".join(f"in {precision}" for precision in precisions)
    parts = ", ".join(f"{count:,} in {precision}" for precision, count in precisions.items())
    return f"in mixed precision, because the CPUs differ: {parts}"


def build_featurizer(settings: FeaturizerSettings) -> DeepImageFeaturizer:
    """Build the featurizer of a command's settings.

    Raises
    ------
    UnknownModelError
        If there is no such network.
    ModelError
        If there is an output layer, and the network cannot be cut there.
    """
    featurizer = make_featurizer(settings)
    network = featurizer.networkSettings()
    if network.output_layer:  # only Keras knows the layers; what it builds is needed later anyway
        prepare_network(replace(network, int8=False))
    return featurizer


def make_featurizer(settings: FeaturizerSettings) -> DeepImageFeaturizer:
    """Make the featurizer of a command's settings, without a look at the network's layers.

    Raises
    ------
    UserError
        If there is no such network, or a value is of no use.
    """
    pooling = None if settings.pooling is PoolingChoice.NONE else str(settings.pooling)
    return DeepImageFeaturizer(
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


def load_network(
    featurizer: DeepImageFeaturizer, photos: DataFrame, say: Callable[[str], None]
) -> tuple[DeepImageFeaturizer, NetworkNote]:
    """Load the network; an int8 network is calibrated on the photos that it will featurize.

    Returns
    -------
    featurizer : DeepImageFeaturizer
    network : NetworkNote
        The part of ``run.json`` about the network.
    """
    if featurizer.networkSettings().int8:
        say("      calibrating the int8 network on a sample of the photos")
        featurizer = calibrate_featurizer(photos, featurizer)
        say(f"      cosine between int8 and f32 features: {featurizer.network().int8}")
    return featurizer, describe_network(featurizer)


def describe_network(featurizer: DeepImageFeaturizer) -> NetworkNote:
    """Return the part of ``run.json`` about the network."""
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
