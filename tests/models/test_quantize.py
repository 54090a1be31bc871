"""Eight-bit networks: close to float32 or refused."""

from __future__ import annotations

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from sparkles.choices import EngineName, Precision
from sparkles.errors import PrecisionError
from sparkles.models import NetworkArtifact, NetworkSettings, prepare_network, quantize
from sparkles.models.engines import load_engine
from sparkles.models.quantize import quantize_network
from tests.photos import pixels

COUNT = 36


@pytest.fixture(scope="module")
def network() -> NetworkArtifact:
    return prepare_network(NetworkSettings("SparklesDemo"))


@pytest.fixture(scope="module")
def photos() -> list[np.ndarray]:
    return [pixels(96, 96, seed) for seed in range(COUNT)]


@pytest.fixture(scope="module")
def twin(network: NetworkArtifact, photos: list[np.ndarray]) -> NetworkArtifact:
    return quantize_network(network, photos)


def features(network: NetworkArtifact, photos: list[np.ndarray]) -> np.ndarray:
    precision = Precision.INT8 if network.int8 else Precision.F32
    engine = load_engine(EngineName.OPENVINO, network.files[0], 1, precision)
    assert engine.precision is precision
    return engine.features(np.stack(photos)).astype(np.float64)


def test_the_twin_is_close_and_smaller(
    network: NetworkArtifact, twin: NetworkArtifact, photos: list[np.ndarray]
) -> None:
    from scipy.spatial.distance import cosine

    fresh = [pixels(96, 96, seed) for seed in range(100, 116)]
    exact, rough = features(network, fresh), features(twin, fresh)
    assert rough.shape == exact.shape
    assert not np.array_equal(rough, exact)
    close = [1 - cosine(a, b) for a, b in zip(exact, rough, strict=True)]
    assert np.median(close) >= 0.99
    assert twin.files[1].stat().st_size < network.files[1].stat().st_size / 2
    assert twin.fingerprint != network.fingerprint
    assert (twin.height, twin.width, twin.length) == (96, 96, 192)


def test_the_check_is_on_photos_that_were_held_back(
    network: NetworkArtifact, twin: NetworkArtifact, photos: list[np.ndarray]
) -> None:
    from sklearn.metrics.pairwise import cosine_similarity

    held_back = photos[::3]
    close = np.diag(cosine_similarity(features(network, held_back), features(twin, held_back)))
    assert twin.int8 is not None
    assert twin.int8["photos"] == len(held_back)
    assert twin.int8["median"] == pytest.approx(np.median(close), abs=2e-5)
    assert twin.int8["least"] == pytest.approx(close.min(), abs=2e-5)


def test_the_same_photos_are_quantized_once(
    network: NetworkArtifact,
    twin: NetworkArtifact,
    photos: list[np.ndarray],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def quantized_again(*_: object) -> list[Path]:
        raise AssertionError

    monkeypatch.setattr(quantize, "_quantize", quantized_again)
    assert quantize_network(network, photos) == twin
    with pytest.raises(AssertionError):
        quantize_network(network, photos[1:])


def test_a_network_that_strays_is_refused_with_the_figures(
    network: NetworkArtifact, photos: list[np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if quantization had given the network of other weights."""
    other = prepare_network(NetworkSettings("SparklesDemo", weights="random"))

    def strange(source: Path, _: object, folder: Path) -> list[Path]:
        drafts = [folder / "network.xml", folder / "network.bin"]
        for file, draft in zip(other.files, drafts, strict=True):
            draft.write_bytes(file.read_bytes())
        return drafts

    monkeypatch.setattr(quantize, "_quantize", strange)
    median = r"cosine of the features is 0\.\d{4} in the median \(at least 0\.995 expected\)"
    with pytest.raises(PrecisionError, match=f"{median}.*over 11 photos"):
        quantize_network(network, photos[:33])


def test_threads_that_quantize_at_the_same_time_leave_standard_output_alone(
    network: NetworkArtifact,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The second begins inside the first's quantization, and ends after it."""
    import nncf
    from nncf.common.logging.track_progress import track

    both, first_ended = threading.Barrier(2), threading.Event()

    def with_bar(model: object, dataset: object, subset_size: int) -> object:
        both.wait(60)
        assert list(track(range(3), description="Quantizing")) == [0, 1, 2]
        if subset_size == 2:
            assert first_ended.wait(60)
        return model

    def run(photos: int) -> None:
        folder = tmp_path / str(photos)
        folder.mkdir()
        quantize._quantize(network.files[0], [pixels(96, 96)] * photos, folder)
        if photos == 1:
            first_ended.set()

    monkeypatch.setattr(nncf, "quantize", with_bar)
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(run, 1), pool.submit(run, 2)]:
            done.result()
    sys.stdout.write("standard output is open\n")
    assert capsys.readouterr().out == "standard output is open\n"
    assert list(track(range(2), description="Of the user's own")) == [0, 1]
    assert "Of the user's own" in capsys.readouterr().out


def test_too_few_photos(network: NetworkArtifact, photos: list[np.ndarray]) -> None:
    with pytest.raises(PrecisionError, match="takes at least 24; 23 could be read"):
        quantize_network(network, photos[:23])


def test_only_openvino_runs_int8(photos: list[np.ndarray]) -> None:
    keras = prepare_network(NetworkSettings("SparklesDemo", engine=EngineName.KERAS))
    with pytest.raises(PrecisionError, match="openvino"):
        quantize_network(keras, photos)
