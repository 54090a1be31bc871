"""Build a network in Keras: from RGB bytes to one feature vector per photo.

The preprocessing is part of the network, so that an engine needs nothing but a batch of uint8
pixels.
"""

from __future__ import annotations

import importlib
import json
import re
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from sparkles.choices import EngineName
from sparkles.errors import ModelError, WeightsError, first_line, nearest
from sparkles.models.keras_import import import_keras
from sparkles.models.registry import lookup_model
from sparkles.models.spec import ModelSpec, Pooling, Preprocessing
from sparkles.models.weights import (
    EMBEDDED,
    IMAGENET,
    RANDOM,
    digest_weights,
    seeded,
    weights_file,
)

__all__ = ["NetworkSettings", "build_backbone", "build_network", "fingerprint"]

# ImageNet's channel statistics, as keras.applications.imagenet_utils has them.
_CAFFE_MEAN_BGR = (103.939, 116.779, 123.68)
_TORCH_MEAN = (0.485, 0.456, 0.406)
_TORCH_STD = (0.229, 0.224, 0.225)

_NUMBERED = re.compile(r"(?P<base>[a-z0-9_]*?[a-z0-9])(?:_(?P<number>\d+))?")

_FINGERPRINT_VERSION = 2  # increased when the same settings and weights give different features


@dataclass(frozen=True)
class NetworkSettings:
    """The settings that decide the features of a photo, apart from the weights' values.

    Attributes
    ----------
    model
        A name of the registry; see :func:`~sparkles.models.registry.lookup_model`.
    weights
        ``imagenet``, ``embedded``, ``random``, a path or a URI; ``None`` for the model's default.
    pooling
        ``avg``, ``max``, or ``None`` for the flattened legacy vector.
    output_layer
        Name of the layer to cut the network at; ``None`` for the last one.
    seed
        Seed of the random weights.
    engine
        The engine that runs the network; the features are the same.
    int8
        Whether to quantize the network after it is built; see :mod:`sparkles.models.quantize`.
    """

    model: str
    weights: str | None = None
    pooling: Pooling | None = Pooling.AVG
    output_layer: str | None = None
    seed: int = 0
    engine: EngineName = EngineName.AUTO
    int8: bool = False

    @property
    def spec(self) -> ModelSpec:
        """The model's row of the registry."""
        return lookup_model(self.model)

    @property
    def chosen_weights(self) -> str:
        """The weights of the settings, or the model's default."""
        return self.weights or self.spec.default_weights


def build_network(settings: NetworkSettings) -> Any:
    """Build the whole featurizer as a Keras model and load its weights.

    Returns
    -------
    keras.Model
        From uint8 ``(n, height, width, 3)``, RGB, to float32 ``(n, length)``.

    Raises
    ------
    UnknownModelError, ModelError
        For a model or an output layer that does not exist.
    WeightsError
        If the weights cannot be obtained or do not fit the network.
    """
    keras = import_keras()
    backbone = build_backbone(settings)
    side = settings.spec.input_size
    pixels = keras.Input((side, side, 3), dtype="uint8", name="pixels")
    maps = backbone(_preprocess(keras, settings.spec.preprocessing, pixels))
    outputs = _pool(keras, settings, maps)
    return keras.Model(pixels, outputs, name="featurizer")


def build_backbone(settings: NetworkSettings) -> Any:
    """Build the network without preprocessing and pooling, cut and with its weights.

    Returns
    -------
    keras.Model
        From preprocessed float32 pixels to the feature map of the output layer.
    """
    import_keras()
    if settings.chosen_weights == IMAGENET:
        return _cut(_download(settings.spec), settings.output_layer)
    with seeded(settings.seed):
        whole = _build_backbone(settings.spec, weights=None)
    cut = _cut(whole, settings.output_layer)
    if settings.chosen_weights != RANDOM:
        _load(whole, cut, settings)
    return cut


def fingerprint(settings: NetworkSettings, network: Any) -> str:
    """Return an identifier of a network's features: equal fingerprints mean equal features.

    Returns
    -------
    str
        SHA-256 of the model's row, the cut, the pooling and the weights' values, in hex.
    """
    facts = {
        "version": _FINGERPRINT_VERSION,
        "spec": asdict(settings.spec),
        "output_layer": settings.output_layer,
        "pooling": settings.pooling,
        "weights": digest_weights(network),
    }
    return sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def _build_backbone(spec: ModelSpec, weights: str | None) -> Any:
    module, _, function = spec.builder.rpartition(":")
    if module:
        return getattr(importlib.import_module(module), function)()
    builder = getattr(import_keras().applications, function)
    side = spec.input_size
    options = {} if spec.alpha is None else {"alpha": spec.alpha}
    return builder(include_top=False, weights=weights, input_shape=(side, side, 3), **options)


def _download(spec: ModelSpec) -> Any:
    if ":" in spec.builder:
        raise WeightsError(f"{spec.name} has no ImageNet weights; use weights=embedded")
    try:
        return _build_backbone(spec, weights=IMAGENET)
    except Exception as error:
        # Keras reports a failed download, a bad checksum and a bad file in as many types.
        raise WeightsError(
            f"no ImageNet weights for {spec.name}: {first_line(error)}. Keras looks in "
            "$KERAS_HOME/models (default ~/.keras/models) and then downloads. Put the file there, "
            "go online, or give weights=PATH; weights=random needs none, but learns little",
            settings=("weights",),
        ) from error


def _cut(network: Any, output_layer: str | None) -> Any:
    if output_layer is None:
        return network
    layers = _layers_by_stable_name(network)
    if output_layer not in layers:
        names = list(layers)
        raise ModelError(
            f"outputLayer {output_layer!r} is not a layer of {network.name}."
            f"{nearest(output_layer, names)} It has {len(names)} layers, from {names[0]} to "
            f"{names[-1]}"
        )
    keras = import_keras()
    return keras.Model(network.input, layers[output_layer].output, name=network.name)


def _layers_by_stable_name(network: Any) -> dict[str, Any]:
    """Name layers as in a process that builds this network first.

    Keras numbers unnamed layers (conv2d_17) across all networks of a process, so the same layer
    has a different name in the second network that is built.
    """
    numbered = {layer: _NUMBERED.fullmatch(layer.name) for layer in network.layers}
    first: dict[str, int] = {}
    for layer, match in numbered.items():
        if match and _is_unnamed(layer, match["base"]):
            number = int(match["number"] or 0)
            first[match["base"]] = min(number, first.get(match["base"], number))
    names = {}
    for layer, match in numbered.items():
        name = layer.name
        if match and _is_unnamed(layer, match["base"]):
            number = int(match["number"] or 0) - first[match["base"]]
            name = f"{match['base']}_{number}" if number else match["base"]
        names[name] = layer
    return names


def _is_unnamed(layer: Any, base: str) -> bool:
    return type(layer).__name__.casefold() == base.replace("_", "")


def _load(whole: Any, cut: Any, settings: NetworkSettings) -> None:
    """Load weights that were saved from the cut network, or from the whole one without its top."""
    weights = settings.chosen_weights
    with weights_file(weights, settings.spec.name) as path:
        candidates = [cut] if cut is whole else [cut, whole]
        problems = []
        for network in candidates:
            try:
                network.load_weights(str(path))
                return
            except Exception as error:  # noqa: BLE001 (h5py, zipfile and Keras raise different ones)
                problems.append(first_line(error))
    where = f" cut at {settings.output_layer}" if settings.output_layer else ""
    source = "the embedded file" if weights == EMBEDDED else repr(weights)
    raise WeightsError(
        f"weights {source} do not fit {settings.spec.name}{where} (no top, {len(cut.weights)} "
        f"arrays): {problems[0]}. Save them with model.save_weights('NAME.weights.h5') from the "
        "same network"
    )


def _preprocess(keras: Any, how: Preprocessing, pixels: Any) -> Any:
    layers = keras.layers
    if how is Preprocessing.TF:
        return layers.Rescaling(1 / 127.5, offset=-1.0, name="preprocess")(pixels)
    if how is Preprocessing.CAFFE:
        bgr = keras.ops.flip(layers.Rescaling(1.0, name="to_float")(pixels), axis=-1)
        ones = [1.0] * 3
        return layers.Normalization(mean=_CAFFE_MEAN_BGR, variance=ones, name="preprocess")(bgr)
    if how is Preprocessing.TORCH:
        scaled = layers.Rescaling(1 / 255.0, name="to_float")(pixels)
        variance = [std * std for std in _TORCH_STD]
        return layers.Normalization(mean=_TORCH_MEAN, variance=variance, name="preprocess")(scaled)
    return layers.Rescaling(1.0, name="to_float")(pixels)


def _pool(keras: Any, settings: NetworkSettings, maps: Any) -> Any:
    layers = keras.layers
    if len(maps.shape) == 2:
        return maps  # the output layer gives vectors already
    if len(maps.shape) != 4:
        raise ModelError(
            f"outputLayer {settings.output_layer!r} gives arrays of shape {tuple(maps.shape)}; "
            "expected a feature map (n, height, width, channels) or vectors (n, length)"
        )
    legacy_pooled = settings.spec.legacy_pooled and settings.output_layer is None
    if settings.pooling == Pooling.MAX:
        return layers.GlobalMaxPooling2D(name="pool")(maps)
    if settings.pooling == Pooling.AVG or legacy_pooled:
        return layers.GlobalAveragePooling2D(name="pool")(maps)
    return layers.Flatten(name="flatten")(maps)
