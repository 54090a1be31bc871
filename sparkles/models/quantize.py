"""Eight-bit networks: quantized after training, calibrated and checked on the user's own photos."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import asdict, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sparkles.choices import EngineName, Precision
from sparkles.errors import MissingDependencyError, PrecisionError
from sparkles.models.artifact import NetworkArtifact
from sparkles.models.cache import draft_folder, lookup_network, record_network, store_files
from sparkles.models.engines import load_engine
from sparkles.models.engines.openvino import import_openvino
from sparkles.models.recipe import digest_recipe

__all__ = [
    "CALIBRATION_PHOTOS",
    "LEAST_COSINE",
    "MEDIAN_COSINE",
    "quantize_network",
    "check_features_agree",
]

CALIBRATION_PHOTOS = 192  # two thirds set the scales, one third checks the result
_FEWEST_PHOTOS = 24
MEDIAN_COSINE = 0.995  # of int8 with float32 features, over the photos of the check
LEAST_COSINE = 0.97
_PACKAGES = ("nncf", "openvino")
_BATCH = 8

_Pixels = npt.NDArray[np.uint8]


def quantize_network(network: NetworkArtifact, photos: Sequence[_Pixels]) -> NetworkArtifact:
    """Make the int8 twin of a network, or take it from the cache on disk.

    Weights and activations become eight-bit integers, by NNCF's post-training quantization. Two
    of three photos set the scales; on the third the twin is compared with the original.

    Parameters
    ----------
    network
        Of the OpenVINO engine.
    photos
        uint8, shape ``(height, width, 3)``, RGB; some 200 of those that the network will see.

    Returns
    -------
    NetworkArtifact
        With the cosines of the check in ``int8``.

    Raises
    ------
    PrecisionError
        If the twin strays too far (median cosine below 0.995, or one photo below 0.97), or the
        photos are too few to tell.
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
    if kept := lookup_network(recipe):
        return NetworkArtifact.from_facts(kept)
    checked = list(photos[::3])
    calibrating = [photo for place, photo in enumerate(photos) if place % 3]
    with draft_folder() as folder:
        drafts = _quantize(network.files[0], calibrating, folder)
        check = check_features_agree(
            _features(network.files[0], checked), _features(drafts[0], checked)
        )
        files = store_files(drafts)
    twin = replace(network, files=files, fingerprint=recipe, int8=check)
    record_network(recipe, twin.facts(), files)
    return twin


def check_features_agree(
    exact: npt.NDArray[np.floating[Any]], rough: npt.NDArray[np.floating[Any]]
) -> dict[str, float]:
    """Compare features, row by row, by their cosine.

    Returns
    -------
    dict
        ``median`` and ``least`` cosine, and the number of ``photos``.

    Raises
    ------
    PrecisionError
        With the figures, if the features stray too far.

    Examples
    --------
    >>> import numpy as np
    >>> check_features_agree(np.eye(3), 2 * np.eye(3))
    {'median': 1.0, 'least': 1.0, 'photos': 3}
    >>> check_features_agree(np.eye(2), np.ones((2, 2)))
    Traceback (most recent call last):
    sparkles.errors.PrecisionError: precision='int8' strays too far from float32 on these photos:
    the cosine of the features is 0.7071 in the median (0.995 asked) and 0.7071 at least (0.97
    asked), over 2 photos. Use precision='auto'
    """
    a, b = np.asarray(exact, dtype=np.float64), np.asarray(rough, dtype=np.float64)
    lengths = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    cosines = np.einsum("ij,ij->i", a, b) / np.maximum(lengths, np.finfo(np.float64).tiny)
    median, least = float(np.median(cosines)), float(np.min(cosines))
    if not (median >= MEDIAN_COSINE and least >= LEAST_COSINE):
        raise PrecisionError(
            "precision='int8' strays too far from float32 on these photos: the cosine of the "
            f"features is {median:.4f} in the median ({MEDIAN_COSINE} asked) and {least:.4f} at "
            f"least ({LEAST_COSINE} asked), over {len(a)} photos. Use precision='auto'"
        )
    return {"median": round(median, 6), "least": round(least, 6), "photos": len(a)}


def _quantize(source: Path, photos: Sequence[_Pixels], folder: Path) -> list[Path]:
    openvino, nncf = import_openvino(), _import_nncf()
    model = openvino.Core().read_model(str(source))
    dataset = nncf.Dataset(photos, lambda photo: photo[None])
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):  # its progress bars
        quantized = nncf.quantize(model, dataset, subset_size=len(photos))
    openvino.save_model(quantized, str(folder / "network.xml"), compress_to_fp16=False)
    return [folder / "network.xml", folder / "network.bin"]


def _features(path: Path, photos: Sequence[_Pixels]) -> npt.NDArray[np.float32]:
    engine = load_engine(EngineName.OPENVINO, path, os.cpu_count(), Precision.F32)
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
        raise MissingDependencyError(
            f"networks are quantized by NNCF, which cannot be imported here ({error}); install it "
            'with: pip install "sparkles[int8]". Or choose precision="auto"'
        ) from error
    nncf.set_log_level(logging.ERROR)
    return nncf
