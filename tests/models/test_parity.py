"""Every network of the table against Keras itself: graph, preprocessing, pooling."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sparkles.choices import EngineName, Precision
from sparkles.models import (
    ModelSpec,
    NetworkSettings,
    Pooling,
    lookup_model,
    model_names,
    prepare_network,
)
from sparkles.models.engines import load_engine, save_for_engine
from sparkles.models.network import build_network
from tests.photos import pixels

# Where keras.applications keeps the preprocessing that its own users call by hand.
MODULES = {
    "InceptionV3": "inception_v3",
    "Xception": "xception",
    "ResNet50": "resnet50",
    "VGG16": "vgg16",
    "VGG19": "vgg19",
    "MobileNet": "mobilenet",
    "MobileNetV2": "mobilenet_v2",
    "DenseNet121": "densenet",
}
OWN = "SparklesDemo"


def keras_features(spec: ModelSpec, pooling: str | None, weights: list[Any], photos: Any) -> Any:
    """What a Keras user would write."""
    import keras

    shape = (spec.input_size, spec.input_size, 3)
    options = {} if spec.alpha is None else {"alpha": spec.alpha}
    network = getattr(keras.applications, spec.builder)(
        include_top=False, weights=None, input_shape=shape, pooling=pooling, **options
    )
    network.set_weights(weights)
    features = network(preprocess(spec, photos), training=False)
    return np.asarray(features).reshape(len(photos), -1)


def preprocess(spec: ModelSpec, photos: Any) -> Any:
    """Keras' own preprocessing of that network."""
    family = "efficientnet_v2" if "V2" in spec.builder else "efficientnet"
    module = importlib.import_module(f"keras.applications.{MODULES.get(spec.builder, family)}")
    return module.preprocess_input(photos.astype(np.float32))


def photos_for(spec: ModelSpec) -> Any:
    """Two photos of the network's own size."""
    return np.stack([pixels(spec.input_size, spec.input_size, seed) for seed in (1, 2)])


def backbone_of(network: Any) -> Any:
    """Keras' own model inside ours."""
    import keras

    (backbone,) = [layer for layer in network.layers if isinstance(layer, keras.Model)]
    return backbone


def tame(backbone: Any) -> None:
    """Make random weights like trained ones in that rounding does not grow from block to block.

    In the deepest networks the untrained residual branches double their input some fifty times
    over; then float32 does not determine the features, in Keras either.
    """
    for layer in backbone.layers:
        if layer.name.endswith("project_bn"):
            layer.gamma.assign(0.3 * np.ones(layer.gamma.shape))


def smaller(name: str) -> str:
    """The networks of many layers at a size that takes less than a minute to compare."""
    return name if lookup_model(name).input_size < 350 else f"{name}@160"


# One network of each kind is compared in every run. The larger ones of a kind, its other widths,
# and the networks whose graph and preprocessing test_poolings_and_legacy_vectors compares, are
# slow.
QUICK = [
    *("VGG16", "MobileNet-0.25", "MobileNetV2-0.35", "EfficientNetB0", "EfficientNetV2B0"),
    "DenseNet121",
]


def networks() -> list[Any]:
    """All networks but the project's own."""
    return [
        pytest.param(smaller(name), marks=[] if name in QUICK else pytest.mark.slow)
        for name in model_names()
        if name != OWN
    ]


@pytest.mark.parametrize("name", networks())
def test_every_network_in_openvino_gives_keras_features(name: str, tmp_path: Path) -> None:
    import keras

    keras.utils.clear_session()
    spec = lookup_model(name)
    network = build_network(NetworkSettings(name, weights="random", seed=7))
    backbone = backbone_of(network)
    tame(backbone)
    path, _ = save_for_engine(EngineName.OPENVINO, network, tmp_path)
    photos = photos_for(spec)
    theirs = np.asarray(backbone(preprocess(spec, photos), training=False)).mean(axis=(1, 2))
    ours = load_engine(EngineName.OPENVINO, path, None, Precision.F32).features(photos)
    assert ours.shape == (len(photos), spec.features)
    assert np.abs(theirs).max() > 0
    assert not np.array_equal(theirs[0], theirs[1])
    np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-5 * np.abs(theirs).max())


@pytest.mark.parametrize(
    ("name", "pooling", "length"),
    [
        ("InceptionV3", None, 131_072),
        ("InceptionV3", Pooling.MAX, 2048),
        ("Xception", None, 204_800),
        ("VGG16", None, 25_088),
        ("ResNet50", None, 2048),
        ("ResNet50", Pooling.MAX, 2048),
    ],
)
def test_poolings_and_legacy_vectors(name: str, pooling: Pooling | None, length: int) -> None:
    spec = lookup_model(name)
    network = build_network(NetworkSettings(name, weights="random", pooling=pooling))
    photos = photos_for(spec)
    ours = np.asarray(network(photos, training=False))
    # The ResNet50 of sparkdl's day ended in average pooling.
    keras_pooling = "avg" if name == "ResNet50" and pooling is None else pooling
    theirs = keras_features(spec, keras_pooling, backbone_of(network).get_weights(), photos)
    assert ours.shape == (2, length)
    np.testing.assert_array_almost_equal(ours, theirs, decimal=4)


@pytest.mark.parametrize("engine", [EngineName.KERAS, EngineName.OPENVINO])
def test_the_engine_runs_what_was_built(engine: EngineName) -> None:
    settings = NetworkSettings("MobileNetV2-0.35", weights="random", seed=3, engine=engine)
    artifact = prepare_network(settings)
    photos = photos_for(settings.spec)
    loaded = load_engine(artifact.engine, artifact.files[0], None, Precision.F32)
    expected = np.asarray(build_network(settings)(photos, training=False))
    assert artifact.length == settings.spec.features
    np.testing.assert_array_almost_equal(loaded.features(photos), expected, decimal=4)
    np.testing.assert_array_almost_equal(loaded.features(photos[:1]), expected[:1], decimal=4)


def test_imagenet_weights_through_keras_cache(keras_home: Path) -> None:
    import keras

    network = build_network(NetworkSettings("MobileNetV2-0.35"))
    photos = np.stack([pixels(224, 224, seed) for seed in (1, 2)])
    theirs = keras.applications.MobileNetV2(
        include_top=False, alpha=0.35, input_shape=(224, 224, 3), pooling="avg"
    )(keras.applications.mobilenet_v2.preprocess_input(photos.astype(np.float32)))
    np.testing.assert_array_almost_equal(network(photos), np.asarray(theirs), decimal=4)


def test_trained_weights_of_a_cut_network(data: Path) -> None:
    import keras

    file = data / "keras" / "inception_v3_2015_to_mixed8.weights.h5"
    settings = NetworkSettings("InceptionV3", weights=str(file), output_layer="mixed8")
    photos = np.stack([pixels(299, 299, seed) for seed in (1, 2)])
    ours = np.asarray(build_network(settings)(photos))
    whole = keras.applications.InceptionV3(include_top=False, weights=None)
    cut = keras.Model(whole.input, whole.get_layer("mixed8").output)
    cut.load_weights(str(file))
    maps = cut(keras.applications.inception_v3.preprocess_input(photos.astype(np.float32)))
    assert ours.shape == (2, 1280)
    np.testing.assert_array_almost_equal(ours, np.asarray(maps).mean(axis=(1, 2)), decimal=4)
