"""A network cut just before its pooling: where in a photo its features come from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from sparkles.choices import EngineName
from sparkles.errors import ModelError
from sparkles.models.artifact import NetworkArtifact
from sparkles.models.cache import draft_folder, lookup_network, record_network, store_files
from sparkles.models.engines import save_for_engine
from sparkles.models.engines.openvino import import_openvino
from sparkles.models.keras_import import import_keras
from sparkles.models.recipe import digest_recipe
from sparkles.models.spec import Pooling

__all__ = ["FeatureMap", "cut_before_pooling", "has_feature_map"]

_PACKAGES = ("keras", "openvino")
_KEPT_SHAPE = ("Transpose", "Convert")  # what may stand between the pooling and the result
_OPENVINO_POOLINGS = {"ReduceMean": Pooling.AVG, "ReduceMax": Pooling.MAX, "Reshape": None}
_KERAS_POOLINGS = {
    "GlobalAveragePooling2D": Pooling.AVG,
    "GlobalMaxPooling2D": Pooling.MAX,
    "Flatten": None,
}
_CHANNELS_LAST: dict[tuple[int, ...], list[int]] = {
    (1, 2): [0, 1, 2, 3],
    (2, 3): [0, 2, 3, 1],
}  # by the axes that are pooled


@dataclass(frozen=True)
class FeatureMap:
    """A network that gives its last feature map, flattened, in the place of pooled features.

    Attributes
    ----------
    network
        From the same pixels to float32 ``(n, height * width * channels)``: row by row, channels
        last.
    height, width, channels
        Shape of the map.
    pooling
        What the network that it was cut from makes features of the map by; ``None`` where it
        flattens.
    """

    network: NetworkArtifact
    height: int
    width: int
    channels: int
    pooling: Pooling | None


@dataclass(frozen=True)
class _Cut:
    """Where a network can be cut, and how the part before is written."""

    shape: tuple[int, int, int]
    pooling: Pooling | None
    save: Callable[[Path], list[Path]]


def cut_before_pooling(network: NetworkArtifact) -> FeatureMap:
    """Cut a network, or take the cut one from the cache on disk.

    The network is read from its own file, so a saved model needs no weights for it, and an int8
    network gives the map that its features are pooled from.

    Parameters
    ----------
    network
        Of either engine, of any precision.

    Raises
    ------
    ModelError
        If the network pools no map; see :func:`has_feature_map`.
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

    All networks of the table can be cut, whatever their pooling. Those cannot whose output layer
    gives vectors by itself.
    """
    return _feature_map(network) is not None


def _feature_map(network: NetworkArtifact) -> FeatureMap | None:
    """The cut network, kept once it is made; None where there is none."""
    recipe = _recipe(network)
    if kept := lookup_network(recipe):
        files, pooling = kept.pop("files"), kept["pooling"]
        facts = kept.pop("network") | {"files": files}
        shape = kept | {"pooling": None if pooling is None else Pooling(pooling)}
        return FeatureMap(network=NetworkArtifact.from_facts(facts), **shape)
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


def _recipe(network: NetworkArtifact) -> str:
    return digest_recipe({"cut": asdict(network) | {"files": network.name}}, _PACKAGES)


def _find_cut(network: NetworkArtifact) -> _Cut | None:
    find = _find_in_keras if network.engine is EngineName.KERAS else _find_in_openvino
    return find(network.files[0])


def _find_in_keras(path: Path) -> _Cut | None:
    keras = import_keras()
    network = keras.models.load_model(path, compile=False)
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
    while node.get_type_name() in _KEPT_SHAPE:
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
        # A zero keeps the size of the batch, whatever it is.
        flat = opset.reshape(nhwc, np.array([0, -1], np.int64), special_zero=True)
        whole = openvino.Model([flat], model.get_parameters(), "feature_map")
        openvino.save_model(whole, str(folder / "network.xml"), compress_to_fp16=False)
        return [folder / "network.xml", folder / "network.bin"]

    return _Cut((height, width, channels), _OPENVINO_POOLINGS[kind], save)


def _axes(pooling: Any) -> tuple[int, ...]:
    """The axes that a reduction takes together; none where they are computed."""
    axes = pooling.input_value(1).get_node()
    if axes.get_type_name() != "Constant":
        return ()
    rank = len(pooling.input(0).get_partial_shape())
    return tuple(sorted(int(axis) % rank for axis in np.atleast_1d(axes.data)))
