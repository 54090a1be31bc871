"""A network made ready to travel: built and checked once on the driver, run by every worker."""

from __future__ import annotations

import functools
import threading
from collections import OrderedDict
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from sparkles.models.engines.keras import save_network
from sparkles.models.network import NetworkSettings, build_network, fingerprint
from sparkles.models.weights import IMAGENET, RANDOM
from sparkles.storage import is_local, local_path

__all__ = ["NetworkArtifact", "adopt_file", "network_folder", "prepare_network"]

_KEPT = 8  # networks that a driver remembers


@dataclass(frozen=True)
class NetworkArtifact:
    """All that a worker needs to turn pixels into features.

    Attributes
    ----------
    engine
        What runs the file.
    path
        The network with its weights, as the engine loads it; named after its content.
    height, width
        Input size in pixels.
    length
        Length of the feature vector.
    fingerprint
        Equal where the features are equal.
    """

    engine: Literal["keras"]
    path: Path
    height: int
    width: int
    length: int
    fingerprint: str

    @property
    def name(self) -> str:
        """The file's name, unique to its content."""
        return self.path.name


_prepared: OrderedDict[tuple[NetworkSettings, str], NetworkArtifact] = OrderedDict()
_lock = threading.Lock()


def prepare_network(settings: NetworkSettings) -> NetworkArtifact:
    """Build a network with its weights, or take it from the few that were built last.

    Raises
    ------
    ModelError
        If the network or its weights cannot be had; see
        :func:`~sparkles.models.network.build_network`.
    """
    key = (settings, _weights_version(settings))
    with _lock:
        if key not in _prepared:
            _prepared[key] = _prepare(settings)
            while len(_prepared) > _KEPT:
                _prepared.popitem(last=False)
        _prepared.move_to_end(key)
        return _prepared[key]


def _prepare(settings: NetworkSettings) -> NetworkArtifact:
    network = build_network(settings)
    _, height, width, _ = network.input_shape
    draft = network_folder() / "draft.keras"
    save_network(network, draft)
    return NetworkArtifact(
        engine="keras",
        path=adopt_file(draft),
        height=height,
        width=width,
        length=network.output_shape[1],
        fingerprint=fingerprint(settings, network),
    )


@functools.cache
def _temporary_folder() -> TemporaryDirectory[str]:
    return TemporaryDirectory(prefix="sparkles-networks-")  # removed when the process ends


def network_folder() -> Path:
    """The folder of this process in which network files are kept."""
    return Path(_temporary_folder().name)


def adopt_file(draft: Path) -> Path:
    """Name a file of :func:`network_folder` after its content."""
    with draft.open("rb") as file:
        digest = file_digest(file, "sha256").hexdigest()
    return draft.rename(network_folder() / f"sparkles-network-{digest}{draft.suffix}")


def _weights_version(settings: NetworkSettings) -> str:
    """Tell a weights file that was replaced from the one that was read before."""
    weights = settings.chosen_weights
    if weights in (IMAGENET, RANDOM) or not is_local(weights):
        return ""
    path = local_path(weights)
    return f"{path.resolve()} {path.stat().st_mtime_ns}" if path.is_file() else ""
