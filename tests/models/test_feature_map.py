"""Networks cut before their pooling, against Keras' own map and each network's own features."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from sparkles.choices import EngineName, Precision
from sparkles.errors import ModelError
from sparkles.models import NetworkArtifact, NetworkSettings, Pooling, feature_map, prepare_network
from sparkles.models.engines import load_engine
from sparkles.models.engines.openvino import import_openvino
from sparkles.models.feature_map import FeatureMap, cut_before_pooling, has_feature_map
from sparkles.models.network import build_network
from sparkles.models.quantize import quantize_network
from tests.photos import pixels

SMALL = "MobileNetV2-0.35@64"
CASES = {
    "demo": NetworkSettings("SparklesDemo"),
    "max": NetworkSettings("SparklesDemo", pooling=Pooling.MAX),
    "none": NetworkSettings("SparklesDemo", pooling=None),
    "keras": NetworkSettings("SparklesDemo", engine=EngineName.KERAS),
    "keras-none": NetworkSettings("SparklesDemo", pooling=None, engine=EngineName.KERAS),
    "small": NetworkSettings(SMALL, weights="random"),
    "cut": NetworkSettings(SMALL, weights="random", output_layer="block_6_expand"),
    "one-cell": NetworkSettings("MobileNetV2-0.35@32", weights="random"),
    "legacy-pooled": NetworkSettings("ResNet50@64", weights="random", pooling=None),
}
PHOTOS = 3


def run(network: NetworkArtifact, photos: np.ndarray) -> np.ndarray:
    precision = Precision.INT8 if network.int8 else Precision.F32
    return load_engine(network.engine, network.files[0], 1, precision).features(photos)


def maps(found: FeatureMap, photos: np.ndarray) -> np.ndarray:
    return run(found.network, photos).reshape(-1, found.height, found.width, found.channels)


def photos_for(network: NetworkArtifact) -> np.ndarray:
    return np.stack([pixels(network.height, network.width, seed) for seed in range(PHOTOS)])


def pooled(values: np.ndarray, pooling: Pooling | None) -> np.ndarray:
    if pooling is None:
        return values.reshape(len(values), -1)
    return values.mean(axis=(1, 2)) if pooling is Pooling.AVG else values.max(axis=(1, 2))


@pytest.mark.parametrize("name", CASES)
def test_the_map_is_keras_own_and_pools_to_the_features(name: str) -> None:
    import keras

    network = prepare_network(CASES[name])
    found = cut_before_pooling(network)
    photos = photos_for(network)
    values = maps(found, photos)
    whole = build_network(CASES[name])
    last_map = keras.Model(whole.input, whole.layers[-1].input)
    expected = last_map(photos, training=False).numpy()
    assert values.shape == expected.shape
    scale = np.abs(expected).max()
    np.testing.assert_allclose(values, expected, atol=1e-4 * scale)
    features = run(network, photos)
    np.testing.assert_allclose(pooled(values, found.pooling), features, atol=1e-5 * scale)
    assert found.network.length == found.height * found.width * found.channels
    assert has_feature_map(network)


def test_the_pooling_is_read_from_the_network() -> None:
    poolings = {name: cut_before_pooling(prepare_network(CASES[name])).pooling for name in CASES}
    assert poolings == {name: settings.pooling for name, settings in CASES.items()} | {
        "legacy-pooled": Pooling.AVG  # sparkdl's legacy vector of ResNet50
    }


@pytest.mark.parametrize("pooling", [Pooling.AVG, Pooling.MAX, None])
def test_int8_maps_pool_to_int8_features(pooling: Pooling | None) -> None:
    exact = prepare_network(NetworkSettings("SparklesDemo", pooling=pooling))
    network = quantize_network(exact, [pixels(96, 96, seed) for seed in range(36)])
    photos = np.stack([pixels(96, 96, seed) for seed in range(50, 53)])
    found = cut_before_pooling(network)
    assert found.network.int8 == network.int8
    values = maps(found, photos)
    features = run(network, photos)
    np.testing.assert_allclose(pooled(values, pooling), features, atol=1e-5)
    # And not float32's, which differ.
    assert np.abs(pooled(maps(cut_before_pooling(exact), photos), pooling) - features).max() > 1e-3


def openvino_network(folder: Path, kind: str) -> NetworkArtifact:
    """A network of two layers, channels last or first, written with OpenVINO's own operations."""
    openvino = import_openvino()
    opset = openvino.opset13
    pixels_in = opset.parameter([-1, 4, 6, 3], np.uint8, name="pixels")
    node = opset.multiply(opset.convert(pixels_in, np.float32), np.array([1, 2, 3], np.float32))
    if kind == "channels-last":
        node = opset.reduce_mean(node, np.array([-2, 1]), keep_dims=False)
    elif kind == "channels-first":
        node = opset.transpose(node, np.array([0, 3, 1, 2]))
        node = opset.reduce_max(node, np.array([2, 3]), keep_dims=False)
    elif kind == "over-channels":
        node = opset.reduce_mean(node, np.array([2, 3]), keep_dims=False)
        node = opset.reduce_mean(opset.unsqueeze(node, [1, 2]), np.array([1]), keep_dims=False)
    else:
        node = opset.reduce_mean(node, np.array([1, 2]), keep_dims=False)
        node = opset.matmul(node, np.eye(3, dtype=np.float32), False, False)
    files = (folder / f"{kind}.xml", folder / f"{kind}.bin")
    model = openvino.Model([node], [pixels_in])
    openvino.save_model(model, str(files[0]), compress_to_fp16=False)
    return NetworkArtifact(EngineName.OPENVINO, files, 4, 6, 3, kind)


@pytest.mark.parametrize("kind", ["channels-last", "channels-first"])
def test_both_layouts_come_with_channels_last(tmp_path: Path, kind: str) -> None:
    found = cut_before_pooling(openvino_network(tmp_path, kind))
    photos = np.stack([pixels(4, 6, seed) for seed in range(PHOTOS)])
    assert (found.height, found.width, found.channels) == (4, 6, 3)
    np.testing.assert_array_equal(maps(found, photos), photos * np.array([1.0, 2.0, 3.0]))


@pytest.mark.parametrize("kind", ["over-channels", "dense"])
def test_a_network_of_vectors_has_no_map(tmp_path: Path, kind: str) -> None:
    network = openvino_network(tmp_path, kind)
    assert not has_feature_map(network)
    with pytest.raises(ModelError, match=r"no feature map, so there is no place.*shap"):
        cut_before_pooling(network)


def test_keras_vectors_have_no_map() -> None:
    settings = NetworkSettings(
        "EfficientNetB0@32",
        weights="random",
        output_layer="block1a_se_squeeze",
        engine=EngineName.KERAS,
    )
    network = prepare_network(settings)
    assert not has_feature_map(network)
    with pytest.raises(ModelError, match="gives vectors at its output layer"):
        cut_before_pooling(network)


def test_a_network_is_cut_once(monkeypatch: pytest.MonkeyPatch) -> None:
    network = prepare_network(CASES["demo"])
    first = cut_before_pooling(network)

    def cut_again(_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(feature_map, "_find_cut", cut_again)
    assert cut_before_pooling(network) == first
    assert first.network.files != network.files
    assert first.network.fingerprint != network.fingerprint
    assert json.loads(json.dumps(first.network.facts()))["length"] == 6 * 6 * 192
