"""A network made ready to travel: built and checked once on the driver, run by every worker."""

from __future__ import annotations

import importlib.util
import threading
from collections import OrderedDict
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sparkles.choices import EngineName
from sparkles.models.cache import draft_folder, lookup_network, record_network, store_files
from sparkles.models.engines import save_for_engine
from sparkles.models.network import NetworkSettings, build_network, fingerprint
from sparkles.models.recipe import digest_recipe
from sparkles.models.weights import digest_weights_files

__all__ = ["NetworkArtifact", "prepare_network"]

_KEPT = 8  # networks that a driver remembers
_PACKAGES = ("keras", "tensorflow", "tensorflow-cpu", "openvino")


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
        Equal where the features are equal, but for the precision of the arithmetic.
    int8
        How far the quantized network strays from float32, as ``{"median": …, "least": …,
        "photos": …}`` of cosines; ``None`` for a network that is not quantized.
    """

    engine: EngineName
    files: tuple[Path, ...]
    height: int
    width: int
    length: int
    fingerprint: str
    int8: dict[str, float] | None = None

    @property
    def name(self) -> str:
        """Name of the file to load, unique to the network."""
        return self.files[0].name

    def facts(self) -> dict[str, Any]:
        """All but the files, as JSON has it."""
        facts = asdict(self)
        del facts["files"]
        return facts

    @classmethod
    def from_facts(cls, facts: dict[str, Any]) -> NetworkArtifact:
        """The reverse of :meth:`facts`, with ``files`` added."""
        return cls(**facts | {"engine": EngineName(facts["engine"])})


_prepared: OrderedDict[str, NetworkArtifact] = OrderedDict()
_lock = threading.Lock()


def prepare_network(settings: NetworkSettings) -> NetworkArtifact:
    """Build and convert a network, or take it from the cache on disk.

    From the cache it comes without Keras and TensorFlow, in a fraction of a second. It is built
    anew when the weights' content, the settings, this package or a version changes.

    Raises
    ------
    ModelError
        If the network or its weights cannot be had; see
        :func:`~sparkles.models.network.build_network`.
    """
    engine = _resolve(settings.engine)
    with _lock:
        recipe = _recipe(settings, engine)
        network = _prepared.get(recipe)
        if network is None or not all(file.is_file() for file in network.files):
            kept = lookup_network(recipe)
            network = NetworkArtifact.from_facts(kept) if kept else _prepare(settings, engine)
        _prepared[recipe] = network
        _prepared.move_to_end(recipe)
        while len(_prepared) > _KEPT:
            _prepared.popitem(last=False)
        return network


def _resolve(engine: EngineName) -> EngineName:
    if engine is not EngineName.AUTO:
        return engine
    installed = importlib.util.find_spec("openvino") is not None
    return EngineName.OPENVINO if installed else EngineName.KERAS


def _prepare(settings: NetworkSettings, engine: EngineName) -> NetworkArtifact:
    network = build_network(settings)
    _, height, width, _ = network.input_shape
    with draft_folder() as folder:
        files = store_files(save_for_engine(engine, network, folder))
    artifact = NetworkArtifact(
        engine=engine,
        files=files,
        height=height,
        width=width,
        length=network.output_shape[1],
        fingerprint=fingerprint(settings, network),
    )
    # Asked again: building may have downloaded the weights that the recipe names.
    record_network(_recipe(settings, engine), artifact.facts(), files)
    return artifact


def _recipe(settings: NetworkSettings, engine: EngineName) -> str:
    spec = settings.spec
    ingredients = {
        "settings": asdict(settings) | {"engine": engine, "int8": False},
        "spec": asdict(spec),
        "weights": digest_weights_files(settings.chosen_weights, spec.name, spec.builder),
    }
    return digest_recipe(ingredients, _PACKAGES)
