"""A network ready for the workers: the driver builds and converts it once, every worker runs it."""

from __future__ import annotations

import importlib.util
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NotRequired, TypedDict, cast

from sparkles.choices import EngineName
from sparkles.models.cache import draft_folder, lookup_network, record_network, store_files
from sparkles.models.engines import save_for_engine
from sparkles.models.network import NetworkSettings, build_network, fingerprint
from sparkles.models.recipe import digest_recipe
from sparkles.models.weights import digest_weights_files
from sparkles.run_files import FeatureAgreement

__all__ = ["NetworkArtifact", "NetworkFacts", "prepare_network"]

_MOST_PREPARED = 8  # networks that a driver remembers
_PACKAGES = ("keras", "tensorflow", "tensorflow-cpu", "openvino")


class NetworkFacts(TypedDict):
    """A network without its files, in saved models (``network.json``) and in the cache."""

    engine: str
    height: int
    width: int
    length: int
    fingerprint: str
    int8: NotRequired[FeatureAgreement | None]


@dataclass(frozen=True)
class NetworkArtifact:
    """What a worker needs to turn pixels into features.

    Attributes
    ----------
    engine
        The engine that runs the network.
    files
        The network with its weights, named by their content; the first file is the one to load.
    height, width
        Input size in pixels.
    length
        Length of the feature vector.
    fingerprint
        Equal if the features are equal, except for the precision of the arithmetic.
    int8
        How close the quantized network is to float32; ``None`` for a network that is not
        quantized.
    """

    engine: EngineName
    files: tuple[Path, ...]
    height: int
    width: int
    length: int
    fingerprint: str
    int8: FeatureAgreement | None = None

    @property
    def name(self) -> str:
        """Name of the file to load; no other network has it."""
        return self.files[0].name

    def facts(self) -> NetworkFacts:
        """Return everything except the files, as JSON can hold it."""
        facts = asdict(self)
        del facts["files"]
        return cast(NetworkFacts, facts)

    @classmethod
    def from_facts(cls, facts: NetworkFacts, files: Sequence[Path]) -> NetworkArtifact:
        """Build a network from its :meth:`facts` and its files."""
        return cls(
            engine=EngineName(facts["engine"]),
            files=tuple(files),
            height=facts["height"],
            width=facts["width"],
            length=facts["length"],
            fingerprint=facts["fingerprint"],
            int8=facts.get("int8"),
        )


_prepared: OrderedDict[str, NetworkArtifact] = OrderedDict()
_lock = threading.Lock()


def prepare_network(settings: NetworkSettings) -> NetworkArtifact:
    """Build and convert a network, or take it from the cache on disk.

    Reading it from the cache needs neither Keras nor TensorFlow and takes a fraction of a second.
    It is built again when the content of the weights, the settings, this package or the version
    of another package changes.

    Raises
    ------
    ModelError
        If the network cannot be built or its weights cannot be obtained; see
        :func:`~sparkles.models.network.build_network`.
    """
    engine = _resolve(settings.engine)
    with _lock:
        recipe = _recipe(settings, engine)
        network = _prepared.get(recipe)
        if network is None or not all(file.is_file() for file in network.files):
            network = _look_up(recipe) or _prepare(settings, engine)
        _prepared[recipe] = network
        _prepared.move_to_end(recipe)
        while len(_prepared) > _MOST_PREPARED:
            _prepared.popitem(last=False)
        return network


def _resolve(engine: EngineName) -> EngineName:
    if engine is not EngineName.AUTO:
        return engine
    installed = importlib.util.find_spec("openvino") is not None
    return EngineName.OPENVINO if installed else EngineName.KERAS


def _look_up(recipe: str) -> NetworkArtifact | None:
    cached = lookup_network(recipe)
    if cached is None:
        return None
    return NetworkArtifact.from_facts(cast(NetworkFacts, cached.facts), cached.files)


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
    # The recipe is computed again: building may have downloaded the weights that it names.
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
