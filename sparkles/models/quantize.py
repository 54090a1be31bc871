"""Quantize a network to eight bits; the user's own photos calibrate and check it."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from dataclasses import asdict, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from sparkles.choices import EngineName, Precision
from sparkles.errors import MissingDependencyError, PrecisionError
from sparkles.models.artifact import NetworkArtifact, NetworkFacts
from sparkles.models.cache import draft_folder, lookup_network, record_network, store_files
from sparkles.models.engines import load_engine
from sparkles.models.engines.openvino import import_openvino
from sparkles.models.nncf_progress import no_progress_bars
from sparkles.models.recipe import digest_recipe
from sparkles.run_files import FeatureAgreement

__all__ = [
    "CALIBRATION_PHOTOS",
    "LEAST_COSINE",
    "MEDIAN_COSINE",
    "check_features_agree",
    "quantize_network",
]

CALIBRATION_PHOTOS = 192  # two thirds calibrate, one third checks the result
_FEWEST_PHOTOS = 24
# Cosines of int8 with float32 features, over the photos of the check: lower ones are refused.
MEDIAN_COSINE = 0.995
LEAST_COSINE = 0.97
_PACKAGES = ("nncf", "openvino")
_BATCH = 8

_Pixels = npt.NDArray[np.uint8]


def quantize_network(network: NetworkArtifact, photos: Sequence[_Pixels]) -> NetworkArtifact:
    """Quantize a network to int8, or take the quantized one from the cache on disk.

    NNCF's post-training quantization turns weights and activations into eight-bit integers. Two
    of three photos calibrate the scales; on every third, the result is compared with the original.

    Parameters
    ----------
    network
        A network of the OpenVINO engine.
    photos
        uint8, shape ``(height, width, 3)``, RGB; about 200 of those that the network will see.

    Returns
    -------
    NetworkArtifact
        The quantized network, with the result of the comparison in ``int8``.

    Raises
    ------
    PrecisionError
        If the features differ too much (median cosine below 0.995, or one photo below 0.97), or
        if there are too few photos to compare.
    MissingDependencyError
        If NNCF is not installed.
    """
    if network.engine is not EngineName.OPENVINO:
        raise PrecisionError("precision='int8' needs the openvino engine; choose engine='auto'")
    if len(photos) < _FEWEST_PHOTOS:
        raise PrecisionError(
            f"precision='int8' is calibrated on the job's own photos and takes at least "
            f"{_FEWEST_PHOTOS}; {len(photos)} could be read. Use precision='auto'"
        )
    recipe = _recipe(network, photos)
    if cached := lookup_network(recipe):
        return NetworkArtifact.from_facts(cast(NetworkFacts, cached.facts), cached.files)
    checked = list(photos[::3])
    calibrating = [photo for place, photo in enumerate(photos) if place % 3]
    with draft_folder() as folder:
        drafts = _quantize(network.files[0], calibrating, folder)
        check = check_features_agree(
            _features(network.files[0], checked, Precision.F32),
            _features(drafts[0], checked, Precision.INT8),
        )
        files = store_files(drafts)
    quantized = replace(network, files=files, fingerprint=recipe, int8=check)
    record_network(recipe, quantized.facts(), files)
    return quantized


def check_features_agree(
    exact: npt.NDArray[np.floating[Any]], rough: npt.NDArray[np.floating[Any]]
) -> FeatureAgreement:
    """Compare features, row by row, by their cosine.

    Returns
    -------
    FeatureAgreement
        The ``median`` and ``least`` cosine, and the number of ``photos``.

    Raises
    ------
    PrecisionError
        With these numbers, if the features differ too much.

    Examples
    --------
    >>> import numpy as np
    >>> check_features_agree(np.eye(3), 2 * np.eye(3))
    {'median': 1.0, 'least': 1.0, 'photos': 3}
    >>> check_features_agree(np.eye(2), np.ones((2, 2)))
    Traceback (most recent call last):
    sparkles.errors.PrecisionError: precision='int8' is too far from float32 on these photos: the
    cosine of the features is 0.7071 in the median (at least 0.995 expected) and 0.7071 at least
    (0.97 expected), over 2 photos. Use precision='auto'
    """
    a, b = np.asarray(exact, dtype=np.float64), np.asarray(rough, dtype=np.float64)
    lengths = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    cosines = np.einsum("ij,ij->i", a, b) / np.maximum(lengths, np.finfo(np.float64).tiny)
    median, least = float(np.median(cosines)), float(np.min(cosines))
    if not (median >= MEDIAN_COSINE and least >= LEAST_COSINE):
        raise PrecisionError(
            "precision='int8' is too far from float32 on these photos: the cosine of the features "
            f"is {median:.4f} in the median (at least {MEDIAN_COSINE} expected) and {least:.4f} at "
            f"least ({LEAST_COSINE} expected), over {len(a)} photos. Use precision='auto'"
        )
    return {"median": round(median, 6), "least": round(least, 6), "photos": len(a)}


def _quantize(source: Path, photos: Sequence[_Pixels], folder: Path) -> list[Path]:
    openvino, nncf = import_openvino(), _import_nncf()
    model = openvino.Core().read_model(str(source))
    dataset = nncf.Dataset(photos, lambda photo: photo[None])
    with no_progress_bars():
        quantized = nncf.quantize(model, dataset, subset_size=len(photos))
    openvino.save_model(quantized, str(folder / "network.xml"), compress_to_fp16=False)
    return [folder / "network.xml", folder / "network.bin"]


def _features(
    path: Path, photos: Sequence[_Pixels], precision: Precision
) -> npt.NDArray[np.float32]:
    engine = load_engine(EngineName.OPENVINO, path, os.cpu_count(), precision)
    batches = [photos[start : start + _BATCH] for start in range(0, len(photos), _BATCH)]
    return np.concatenate([engine.features(np.stack(batch)) for batch in batches])


def _recipe(network: NetworkArtifact, photos: Sequence[_Pixels]) -> str:
    digest = sha256()
    for photo in photos:
        digest.update(np.ascontiguousarray(photo).tobytes())
    ingredients = {
        "network": asdict(network) | {"files": network.name},
        "photos": digest.hexdigest(),
    }
    return digest_recipe(ingredients, _PACKAGES)


def _import_nncf() -> Any:
    try:
        import nncf
    except ImportError as error:
        what = f"NNCF quantizes networks and cannot be imported here ({error})"
        raise MissingDependencyError.of_extra(
            what, "int8", otherwise="Or choose another precision", settings=("precision",)
        ) from error
    nncf.set_log_level(logging.ERROR)
    return nncf
