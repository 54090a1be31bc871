"""Find and identify the files of a network's weights."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import random
from collections.abc import Iterator
from importlib.resources import as_file, files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sparkles.errors import StorageError, WeightsError, nearest
from sparkles.storage import is_local, local_path, read_bytes

__all__ = [
    "EMBEDDED",
    "IMAGENET",
    "RANDOM",
    "check_weights",
    "check_weights_file",
    "digest_weights",
    "digest_weights_files",
    "seeded",
    "weights_file",
]

IMAGENET = "imagenet"
EMBEDDED = "embedded"
RANDOM = "random"

_EMBEDDED_FILES = {"SparklesDemo": "sparkles_demo.weights.h5"}
_SUFFIXES = (".weights.h5", ".h5", ".hdf5", ".keras")


def check_weights(weights: str) -> None:
    """Check what can be checked of a network's weights without opening a file.

    Raises
    ------
    WeightsError
        If it is no word for weights, and no name of a file that Keras loads.

    Examples
    --------
    >>> check_weights("imagnet")
    Traceback (most recent call last):
    sparkles.errors.WeightsError: weights 'imagnet': expected imagenet, embedded, random, or a file
    that ends in .weights.h5, .h5, .hdf5, .keras. Did you mean imagenet?
    """
    words = (IMAGENET, EMBEDDED, RANDOM)
    if weights not in words and not weights.endswith(_SUFFIXES):
        raise WeightsError(
            f"weights {weights!r}: expected {', '.join(words)}, or a file that ends in "
            f"{', '.join(_SUFFIXES)}.{nearest(weights, words)}",
            settings=("weights",),
        )


def check_weights_file(weights: str) -> None:
    """Check weights as :func:`check_weights` does, and that a local file is there.

    Raises
    ------
    WeightsError
        With the path that was looked at.
    """
    check_weights(weights)
    path = local_path(weights) if is_local(weights) and weights.endswith(_SUFFIXES) else None
    if path and not path.is_file():
        raise WeightsError(
            f"weights {weights!r}: there is no such file; looked at {path}", settings=("weights",)
        )


@contextlib.contextmanager
def weights_file(weights: str, model: str) -> Iterator[Path]:
    """Provide a weights file at a local path for as long as the context lasts.

    Parameters
    ----------
    weights
        ``embedded``, a path, or a URI that :mod:`sparkles.storage` reads.
    model
        The network's name; it decides which file ``embedded`` means.

    Raises
    ------
    WeightsError
        If there is no such file, or Keras does not load files with its suffix.
    """
    if weights == EMBEDDED:
        with _embedded(model) as path:
            yield path
        return
    check_weights_file(weights)
    if is_local(weights):
        yield local_path(weights)
        return
    with TemporaryDirectory(prefix="sparkles-weights-") as folder:
        path = Path(folder) / weights.rsplit("/", 1)[-1]
        try:
            path.write_bytes(read_bytes(weights, most=None))
        except StorageError as error:
            raise WeightsError(f"weights {weights!r} cannot be read: {error}") from error
        yield path


@contextlib.contextmanager
def _embedded(model: str) -> Iterator[Path]:
    if model not in _EMBEDDED_FILES:
        raise WeightsError(
            f"{model} has no embedded weights; only {', '.join(_EMBEDDED_FILES)} has. "
            "Use weights=imagenet",
            settings=("weights",),
        )
    with as_file(files("sparkles.models") / "data" / _EMBEDDED_FILES[model]) as path:
        yield path


@contextlib.contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Make Keras' initializers draw the same weights every time.

    Keras takes the seeds of its initializers from Python's own generator, whose state is restored
    at the end.
    """
    state = random.getstate()
    random.seed(seed)
    try:
        yield
    finally:
        random.setstate(state)


def digest_weights(network: Any) -> str:
    """Return the SHA-256 of a network's weights: shapes and values, in order.

    Names are not included: those of unnamed layers depend on what the process built before.
    """
    digest = hashlib.sha256()
    for variable in network.weights:
        values = variable.numpy()
        digest.update(f"{values.shape}{values.dtype}".encode())
        digest.update(values.tobytes())
    return digest.hexdigest()


def digest_weights_files(weights: str, model: str, builder: str) -> list[str]:
    """Return the SHA-256 of each file that weights may come from, before Keras loads them.

    Parameters
    ----------
    weights, model
        See :func:`weights_file`; ``weights`` can also be ``imagenet`` or ``random``.
    builder
        The function of ``keras.applications``; Keras names the files in its cache after it.

    Raises
    ------
    WeightsError
        See :func:`weights_file`.
    """
    if weights == RANDOM:
        return []
    if weights == IMAGENET:
        cached = sorted(_keras_models().glob("*.h5"))
        start = _alphanumeric(builder)
        return [_digest(path) for path in cached if _alphanumeric(path.name).startswith(start)]
    if weights == EMBEDDED or is_local(weights):
        with weights_file(weights, model) as path:
            return [_digest(path)]
    return [_digest_download(weights, model)]


def _keras_models() -> Path:
    home = os.environ.get("KERAS_HOME") or Path("~/.keras").expanduser()
    return Path(home) / "models"


def _alphanumeric(name: str) -> str:
    """Fold case and drop punctuation: EfficientNetV2B0's file is called efficientnetv2-b0."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def _digest(path: Path) -> str:
    status = path.stat()
    # Programs can set the time of modification, but not the time of the last change.
    return _digest_once(path.resolve(), status.st_ino, status.st_size, status.st_ctime_ns)


@functools.lru_cache(maxsize=64)
def _digest_once(path: Path, *state: int) -> str:
    """Read a file only once while its state is the same: a job needs the digest several times."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@functools.cache
def _digest_download(weights: str, model: str) -> str:
    """Download a file for its digest, once per process."""
    with weights_file(weights, model) as path:
        return _digest(path)
