"""A network made ready to travel: built and checked once on the driver, run by every worker."""

from __future__ import annotations

import functools
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from sparkles.columns import EngineName
from sparkles.models.engines import save_for_engine
from sparkles.models.network import NetworkSettings, build_network, fingerprint
from sparkles.models.weights import IMAGENET, RANDOM
from sparkles.storage import is_local, local_path

__all__ = ["NetworkArtifact", "adopt_files", "network_folder", "prepare_network"]

_KEPT = 8  # networks that a driver remembers


@dataclass(frozen=True)
class NetworkArtifact:
    """All that a worker needs to turn pixels into features.

    Attributes
    ----------
    engine
        What runs the network.
    files
        The network with its weights; the first file is the one to load. Named by their content.
    height, width
        Input size in pixels.
    length
        Length of the feature vector.
    fingerprint
        Equal where the features are equal.
    """

    engine: EngineName
    files: tuple[Path, ...]
    height: int
    width: int
    length: int
    fingerprint: str

    @property
    def name(self) -> str:
        """Name of the file to load, unique to the network."""
        return self.files[0].name


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
    with TemporaryDirectory(dir=network_folder()) as folder:
        drafts = save_for_engine(settings.engine, network, Path(folder))
        files = adopt_files(drafts)
    return NetworkArtifact(
        engine=settings.engine,
        files=files,
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


def adopt_files(drafts: Sequence[Path]) -> tuple[Path, ...]:
    """Move files to :func:`network_folder`, named after the content of all of them."""
    digest = sha256()
    for draft in drafts:
        with draft.open("rb") as file:
            digest.update(file_digest(file, "sha256").digest())
    stem = f"sparkles-network-{digest.hexdigest()}"
    return tuple(draft.rename(network_folder() / f"{stem}{draft.suffix}") for draft in drafts)


def _weights_version(settings: NetworkSettings) -> str:
    """Tell a weights file that was replaced from the one that was read before."""
    weights = settings.chosen_weights
    if weights in (IMAGENET, RANDOM) or not is_local(weights):
        return ""
    path = local_path(weights)
    return f"{path.resolve()} {path.stat().st_mtime_ns}" if path.is_file() else ""
