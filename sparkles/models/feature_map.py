"""Cut a network just before its pooling, to see where in a photo its features come from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, TypedDict, cast

import numpy as np

from sparkles.choices import EngineName
from sparkles.errors import ModelError
from sparkles.models.artifact import NetworkArtifact, NetworkFacts
from sparkles.models.cache import draft_folder, lookup_network, record_network, store_files
from sparkles.models.engines import save_for_engine
from sparkles.models.engines.openvino import import_openvino
from sparkles.models.keras_import import import_keras
from sparkles.models.recipe import digest_recipe
from sparkles.models.spec import Pooling

__all__ = ["FeatureMap", "cut_before_pooling", "has_feature_map"]

_PACKAGES = ("keras", "openvino")
_PASSED_OVER = ("Transpose", "Convert")  # operations between the pooling and the result
_OPENVINO_POOLINGS = {"ReduceMean": Pooling.AVG, "ReduceMax": Pooling.MAX, "Reshape": None}
_KERAS_POOLINGS = {
    "GlobalAveragePooling2D": Pooling.AVG,
    "GlobalMaxPooling2D": Pooling.MAX,
    "Flatten": None,
}
_CHANNELS_LAST: dict[tuple[int, ...], list[int]] = {
    (1, 2): [0, 1, 2, 3],
    (2, 3): [0, 2, 3, 1],
}  # the order of axes that puts the channels last, by the pooled axes


@dataclass(frozen=True)
class FeatureMap:
    """A network that gives its last feature map, flattened, instead of pooled features.

    Attributes
    ----------
    network
        From the same pixels to float32 ``(n, height * width * channels)``: row by row, channels
        last.
    height, width, channels
        Shape of the map.
    pooling
        How the whole network turns the map into features; ``None`` if it flattens the map.
    """

    network: NetworkArtifact
    height: int
    width: int
    channels: int
    pooling: Pooling | None


class _MapFacts(TypedDict):
    """A :class:`FeatureMap` without the network's files, as the cache holds it."""

    network: NetworkFacts
    height: int
    width: int
    channels: int
    pooling: str | None


@dataclass(frozen=True)
class _Cut:
    """Where a network can be cut, and a function that writes the part before the cut."""

    shape: tuple[int, int, int]
    pooling: Pooling | None
    save: Callable[[Path], list[Path]]


def cut_before_pooling(network: NetworkArtifact) -> FeatureMap:
    """Cut a network, or take the cut one from the cache on disk.

    The network is read from its own file. So a saved model needs no weights for this, and an int8
    network gives the map that its features are pooled from.

    Parameters
    ----------
    network
        A network of any engine and precision.

    Raises
    ------
    ModelError
        If the network has no feature map; see :func:`has_feature_map`.
    """
    found = _feature_map(network)
    if found is None:
        raise ModelError(
            f"the network {network.name} gives vectors at its output layer and pools no feature "
            "map, so there is no place in the photo to point at. Train with another outputLayer "
            "(the default has a map), or explain by covering parts: second_opinion='shap'",
            settings=("second_opinion",),
        )
    return found


def has_feature_map(network: NetworkArtifact) -> bool:
    """Whether :func:`cut_before_pooling` can cut a network.

    Every network of the registry can be cut, whatever its pooling, unless its output layer gives
    vectors.
    """
    return _feature_map(network) is not None


def _feature_map(network: NetworkArtifact) -> FeatureMap | None:
    """Cut the network, or take the cut one from the cache; None if it cannot be cut."""
    recipe = digest_recipe({"cut": asdict(network) | {"files": network.name}}, _PACKAGES)
    if cached := lookup_network(recipe):
        return _from_facts(cast(_MapFacts, cached.facts), cached.files)
    cut = _find_cut(network)
    if cut is None:
        return None
    with draft_folder() as folder:
        files = store_files(cut.save(folder))
    height, width, channels = cut.shape
    artifact = replace(network, files=files, length=height * width * channels, fingerprint=recipe)
    found = FeatureMap(artifact, height, width, channels, cut.pooling)
    record_network(recipe, asdict(found) | {"network": artifact.facts()}, files)
    return found


def _from_facts(facts: _MapFacts, files: tuple[Path, ...]) -> FeatureMap:
    return FeatureMap(
        network=NetworkArtifact.from_facts(facts["network"], files),
        height=facts["height"],
        width=facts["width"],
        channels=facts["channels"],
        pooling=None if facts["pooling"] is None else Pooling(facts["pooling"]),
    )


def _find_cut(network: NetworkArtifact) -> _Cut | None:
    find = _find_in_keras if network.engine is EngineName.KERAS else _find_in_openvino
    return find(network.files[0])


def _find_in_keras(path: Path) -> _Cut | None:
    keras = import_keras()
    network = keras.models.load_model(path, compile=False, safe_mode=True)
    last = network.layers[-1]
    kind = type(last).__name__
    if kind not in _KERAS_POOLINGS or len(last.input.shape) != 4:
        return None

    def save(folder: Path) -> list[Path]:
        flat = keras.layers.Flatten(name="map")(last.input)
        whole = keras.Model(network.input, flat, name="feature_map")
        return save_for_engine(EngineName.KERAS, whole, folder)

    _, height, width, channels = last.input.shape
    return _Cut((height, width, channels), _KERAS_POOLINGS[kind], save)


def _find_in_openvino(path: Path) -> _Cut | None:
    openvino = import_openvino()
    model = openvino.Core().read_model(str(path))
    node = model.get_results()[0].input_value(0).get_node()
    while node.get_type_name() in _PASSED_OVER:
        node = node.input_value(0).get_node()
    kind = node.get_type_name()
    if kind not in _OPENVINO_POOLINGS or len(node.input(0).get_partial_shape()) != 4:
        return None
    order = _CHANNELS_LAST.get((1, 2) if kind == "Reshape" else _axes(node))
    if order is None:
        return None
    source = node.input_value(0)
    sizes = source.get_partial_shape()
    height, width, channels = (sizes[place].get_length() for place in order[1:])

    def save(folder: Path) -> list[Path]:
        opset = openvino.opset13
        nhwc = opset.transpose(source, np.array(order, np.int64))
        # Zero stands for the size of the batch.
        flat = opset.reshape(nhwc, np.array([0, -1], np.int64), special_zero=True)
        whole = openvino.Model([flat], model.get_parameters(), "feature_map")
        openvino.save_model(whole, str(folder / "network.xml"), compress_to_fp16=False)
        return [folder / "network.xml", folder / "network.bin"]

    return _Cut((height, width, channels), _OPENVINO_POOLINGS[kind], save)


def _axes(pooling: Any) -> tuple[int, ...]:
    """Return the axes of a reduction, or none if they are computed."""
    axes = pooling.input_value(1).get_node()
    if axes.get_type_name() != "Constant":
        return ()
    rank = len(pooling.input(0).get_partial_shape())
    return tuple(sorted(int(axis) % rank for axis in np.atleast_1d(axes.data)))
