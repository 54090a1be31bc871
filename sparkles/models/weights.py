"""Where a network's trained weights come from."""

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

from sparkles.errors import StorageError, WeightsError
from sparkles.storage import is_local, local_path, read_bytes

__all__ = [
    "EMBEDDED",
    "IMAGENET",
    "RANDOM",
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


@contextlib.contextmanager
def weights_file(weights: str, model: str) -> Iterator[Path]:
    """Bring a weights file to a local path for as long as the context lasts.

    Parameters
    ----------
    weights
        ``embedded``, a path, or a URI that :mod:`sparkles.storage` reads.
    model
        The network's name, which names the embedded file.

    Raises
    ------
    WeightsError
        If there is no such file, or its suffix is none that Keras loads.
    """
    if weights == EMBEDDED:
        with _embedded(model) as path:
            yield path
        return
    if not weights.endswith(_SUFFIXES):
        raise WeightsError(
            f"weights {weights!r}: expected imagenet, random, or a file that ends in "
            f"{', '.join(_SUFFIXES)}"
        )
    if is_local(weights):
        path = local_path(weights)
        if not path.is_file():
            raise WeightsError(f"weights {weights!r}: there is no such file; looked at {path}")
        yield path
        return
    with TemporaryDirectory(prefix="sparkles-weights-") as folder:
        path = Path(folder) / weights.rsplit("/", 1)[-1]
        try:
            path.write_bytes(read_bytes(weights))
        except StorageError as error:
            raise WeightsError(f"weights {weights!r} cannot be read: {error}") from error
        yield path


@contextlib.contextmanager
def _embedded(model: str) -> Iterator[Path]:
    if model not in _EMBEDDED_FILES:
        raise WeightsError(
            f"{model} has no embedded weights; {', '.join(_EMBEDDED_FILES)} alone has. "
            "Use weights=imagenet"
        )
    with as_file(files("sparkles.models") / "data" / _EMBEDDED_FILES[model]) as path:
        yield path


@contextlib.contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Make Keras' initializers draw the same weights each time, and leave no trace behind.

    Keras takes the seeds of its initializers from Python's own generator.
    """
    state = random.getstate()
    random.seed(seed)
    try:
        yield
    finally:
        random.setstate(state)


def digest_weights(network: Any) -> str:
    """SHA-256 over a network's weights, shapes and values in their order.

    Names are left out: Keras numbers unnamed layers through the life of a process.
    """
    digest = hashlib.sha256()
    for variable in network.weights:
        values = variable.numpy()
        digest.update(f"{values.shape}{values.dtype}".encode())
        digest.update(values.tobytes())
    return digest.hexdigest()


def digest_weights_files(weights: str, model: str, builder: str) -> list[str]:
    """SHA-256 of each file that weights may come from, before Keras is asked to load them.

    Parameters
    ----------
    weights, model
        As :func:`weights_file` takes them; or ``imagenet`` or ``random``.
    builder
        The function of ``keras.applications``, after which Keras names the files in its cache.

    Raises
    ------
    WeightsError
        As :func:`weights_file` does.
    """
    if weights == RANDOM:
        return []
    if weights == IMAGENET:
        cached = sorted(_keras_models().glob("*.h5"))
        return [_digest(path) for path in cached if _plain(path.name).startswith(_plain(builder))]
    if weights == EMBEDDED or is_local(weights):
        with weights_file(weights, model) as path:
            return [_digest(path)]
    return [_digest_download(weights, model)]


def _keras_models() -> Path:
    home = os.environ.get("KERAS_HOME") or Path("~/.keras").expanduser()
    return Path(home) / "models"


def _plain(name: str) -> str:
    """EfficientNetV2B0's file is called efficientnetv2-b0, InceptionV3's inception_v3."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def _digest(path: Path) -> str:
    known = path.stat()
    # The time of the last change of any kind, unlike that of the content, cannot be set back.
    return _digest_once(path.resolve(), known.st_ino, known.st_size, known.st_ctime_ns)


@functools.lru_cache(maxsize=64)
def _digest_once(path: Path, *state: int) -> str:
    """Read a file once for as long as its state is the same: a job asks for it several times."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@functools.cache
def _digest_download(weights: str, model: str) -> str:
    """A file from afar is fetched once for this in the life of a process."""
    with weights_file(weights, model) as path:
        return _digest(path)
