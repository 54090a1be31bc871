"""The measured network: InceptionV3, average-pooled, with random weights."""

from __future__ import annotations

from pathlib import Path

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from sparkles import DeepImageFeaturizer
from sparkles.imaging import read_pixels
from sparkles.models import NetworkSettings, prepare_network
from sparkles.models.quantize import CALIBRATION_PHOTOS, quantize_network

__all__ = ["MODEL", "featurizer", "network_file"]

MODEL = "InceptionV3"
_SETTINGS = NetworkSettings(MODEL, weights="random")


def network_file(folder: Path, precision: str) -> Path:
    """Return the converted network, from the cache if possible."""
    network = prepare_network(_SETTINGS)
    if precision == "int8":
        size = (network.height, network.width)
        photos = [read_pixels(photo.read_bytes(), *size) for photo in _sample(folder)]
        network = quantize_network(network, photos)
    return network.files[0]


def _sample(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.jpg"))[:CALIBRATION_PHOTOS]


def featurizer(
    precision: str, photos: DataFrame, pooling: str = "avg", model: str = MODEL
) -> DeepImageFeaturizer:
    """Return the stage, calibrated and ready to run."""
    stage = DeepImageFeaturizer(
        inputCol="image",
        outputCol="features",
        modelName=model,
        weights="random",
        pooling=None if pooling == "none" else pooling,
        precision=precision,
    )
    return stage.calibrate(photos.select(F.col("uri").alias("image")))
