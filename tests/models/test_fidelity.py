"""Real photos and trained weights: each precision, and the fast decode, against Keras.

The network is InceptionV3 to mixed8. Features of the same photos: Keras float32 on Pillow's full
decode and resize is the reference.
"""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sparkles.choices import EngineName, Precision
from sparkles.imaging import read_pixels
from sparkles.models import NetworkArtifact, NetworkSettings, prepare_network
from sparkles.models.engines import load_engine
from sparkles.models.engines.cpu import has_native_bf16
from sparkles.models.network import build_network
from sparkles.models.quantize import quantize_network

SIDE = 299
CUT = "mixed8"


@pytest.fixture(scope="module")
def settings(data: Path) -> NetworkSettings:
    weights = data / "keras" / "inception_v3_2015_to_mixed8.weights.h5"
    return NetworkSettings("InceptionV3", weights=str(weights), output_layer=CUT)


@pytest.fixture(scope="module")
def network(settings: NetworkSettings) -> NetworkArtifact:
    return prepare_network(settings)


def full_decode(content: bytes) -> np.ndarray:
    picture = Image.open(io.BytesIO(content)).convert("RGB")
    return np.asarray(picture.resize((SIDE, SIDE), Image.Resampling.BILINEAR))


def features(
    network: NetworkArtifact, photos: np.ndarray, precision: Precision = Precision.F32
) -> np.ndarray:
    engine = load_engine(EngineName.OPENVINO, network.files[0], None, precision)
    batches = [photos[start : start + 8] for start in range(0, len(photos), 8)]
    return np.concatenate([engine.features(batch) for batch in batches])


def cosines(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    a, b = a.astype(np.float64), b.astype(np.float64)
    return (a * b).sum(axis=1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)


@pytest.fixture(scope="module")
def large(data: Path) -> list[bytes]:
    """The photos of 1,024 pixels, as they are stored."""
    contents = [path.read_bytes() for path in sorted((data / "open_images/images").glob("*.jpg"))]
    large = [one for one in contents if max(Image.open(io.BytesIO(one)).size) == 1024]
    assert len(large) > 100
    return large


@pytest.fixture(scope="module")
def cat_dog(data: Path) -> np.ndarray:
    """Every sixth photo, by the fast decode."""
    paths = sorted((data / "cat_dog" / "images").glob("*.jpg"))[::6]
    return np.stack([read_pixels(path.read_bytes(), SIDE, SIDE) for path in paths])


def test_f32_is_keras(
    settings: NetworkSettings, network: NetworkArtifact, large: list[bytes]
) -> None:
    photos = np.stack([full_decode(one) for one in large[:16]])
    keras = np.asarray(build_network(settings)(photos, training=False))
    np.testing.assert_allclose(
        features(network, photos), keras, rtol=1e-3, atol=1e-5 * np.abs(keras).max()
    )


@pytest.mark.slow
def test_the_fast_decode_gives_the_features_of_a_full_one(
    network: NetworkArtifact, large: list[bytes]
) -> None:
    exact = features(network, np.stack([full_decode(one) for one in large]))
    fast = features(network, np.stack([read_pixels(one, SIDE, SIDE) for one in large]))
    close = cosines(exact, fast)
    assert np.median(close) >= 0.99
    assert close.min() >= 0.97
    assert not np.array_equal(exact, fast)


@pytest.mark.slow
@pytest.mark.skipif(not has_native_bf16(), reason="this CPU has no native bfloat16")
def test_bf16_is_close_to_f32(network: NetworkArtifact, cat_dog: np.ndarray) -> None:
    close = cosines(features(network, cat_dog), features(network, cat_dog, Precision.BF16))
    assert close.min() >= 0.999


@pytest.mark.slow
def test_int8_is_close_to_f32(network: NetworkArtifact, cat_dog: np.ndarray) -> None:
    calibrating, fresh = cat_dog[:96], cat_dog[96:]
    twin = quantize_network(network, list(calibrating))
    close = cosines(features(network, fresh), features(twin, fresh, Precision.INT8))
    assert np.median(close) >= 0.995
    assert close.min() >= 0.97
