"""The worker's pass: bounded memory, in order, one network for each process."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sparkles.choices import Precision
from sparkles.errors import FeaturizationError, MissingDependencyError
from sparkles.worker import decoder as decoder_module
from sparkles.worker import featurize as featurize_module
from sparkles.worker import load as load_module
from sparkles.worker.featurize import FeaturizeTask, featurize_batches
from sparkles.worker.load import PhotoKind
from tests.photos import encode


class MeanColour:
    """An engine whose features can be computed by hand."""

    loads = 0
    started = 0
    cancelled = 0
    precision = Precision.F32

    def start(self, pixels: np.ndarray) -> MeanColour.Pending:
        MeanColour.started += 1
        return self.Pending(pixels.mean(axis=(1, 2)).astype(np.float32))

    class Pending:
        def __init__(self, means: np.ndarray) -> None:
            self.means = means

        def result(self) -> np.ndarray:
            return self.means

        def cancel(self) -> None:
            MeanColour.cancelled += 1


@pytest.fixture(autouse=True)
def engines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(featurize_module, "_engines", type(featurize_module._engines)())
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    MeanColour.loads = MeanColour.started = MeanColour.cancelled = 0

    def load(*_: object) -> MeanColour:
        MeanColour.loads += 1
        return MeanColour()

    monkeypatch.setattr(featurize_module, "load_engine", load)


def task(**options: object) -> FeaturizeTask:
    given = {
        "engine": "keras",
        "network": "net",
        "height": 8,
        "width": 8,
        "kind": PhotoKind.BYTES,
        "batch_size": 4,
        "fail_fast": False,
    }
    return FeaturizeTask(**{**given, **options})


def shade(n: int) -> bytes:
    from PIL import Image

    return encode(Image.new("RGB", (8, 8), (n, n, n)), "PNG")


def test_features_come_in_order_and_in_small_batches() -> None:
    batches = iter([pd.Series([shade(n) for n in range(7)]), pd.Series([shade(7), b"", shade(9)])])
    results = list(featurize_batches(batches, task(), str))
    assert [len(result) for result in results] == [4, 4, 2]
    rows = pd.concat(results)
    found = [None if f is None else float(f[0]) for f in rows["features"]]
    assert found == [0, 1, 2, 3, 4, 5, 6, 7, None, 9]
    assert [error is None for error in rows["error"]] == [True] * 8 + [False, True]
    assert rows["precision"].tolist() == ["f32"] * 8 + [None, "f32"]


def test_memory_does_not_grow_with_the_partition() -> None:
    drawn = 0

    def endless() -> Iterator[pd.Series]:
        nonlocal drawn
        while True:
            drawn += 1
            yield pd.Series([shade(drawn % 256)])

    results = featurize_batches(endless(), task(), str)
    for done in range(1, 51):
        next(results)
        # Two batches wait and two are in the network: never more, however long the partition is.
        assert drawn <= done * 4 + 4 * 4
    assert MeanColour.started == 50 + 1
    results.close()
    assert MeanColour.cancelled == 1


def test_the_network_is_loaded_once_for_many_partitions_and_not_for_empty_ones() -> None:
    for _ in range(3):
        list(featurize_batches(iter([pd.Series([shade(1)])]), task(), str))
    assert MeanColour.loads == 1
    list(featurize_batches(iter([]), task(network="other"), str))
    assert MeanColour.loads == 1


def test_a_worker_keeps_only_the_networks_used_last() -> None:
    for name in "abc":
        list(featurize_batches(iter([pd.Series([shade(1)])]), task(network=name), str))
    assert [name for name, _ in featurize_module._engines] == ["b", "c"]


def test_fail_fast_names_the_photo(tmp_path: Path) -> None:
    good = tmp_path / "good.png"
    good.write_bytes(shade(3))
    uris = pd.Series([str(good), str(tmp_path / "absent.jpg")])
    with pytest.raises(FeaturizationError, match=r"absent\.jpg: no photo"):
        list(featurize_batches(iter([uris]), task(kind=PhotoKind.URI, fail_fast=True), str))


def test_image_structs_may_be_null() -> None:
    bgr = np.dstack([np.full((8, 8), c, np.uint8) for c in (10, 20, 30)])
    struct = {"origin": "x", "height": 8, "width": 8, "nChannels": 3, "mode": 16}
    frame = pd.DataFrame(
        [{**struct, "data": bgr.tobytes()}, dict.fromkeys([*struct, "data"])], dtype=object
    )
    (result,) = featurize_batches(iter([frame]), task(kind=PhotoKind.STRUCT), str)
    assert result["features"][0].tolist() == [30, 20, 10]
    assert result["error"][1].startswith("empty")
    assert result["sha256"].tolist() == [None, None]  # pixels are no file


def test_every_photo_that_has_bytes_has_their_hash(tmp_path: Path) -> None:
    contents = {"good": shade(3), "broken": shade(3)[:20], "empty": b""}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    hashes = [hashlib.sha256(contents[name]).hexdigest() for name in ("good", "broken")]
    uris = pd.Series([*(str(tmp_path / name) for name in contents), str(tmp_path / "absent"), None])
    (found,) = featurize_batches(iter([uris]), task(kind=PhotoKind.URI, batch_size=5), str)
    assert found["sha256"].tolist() == [*hashes, None, None, None]
    assert [error is None for error in found["error"]] == [True, *[False] * 4]
    (found,) = featurize_batches(iter([pd.Series([*contents.values(), None])]), task(), str)
    assert found["sha256"].tolist() == [*hashes, None, None]


def test_a_bug_in_a_decoder_costs_one_photo(monkeypatch: pytest.MonkeyPatch) -> None:
    def decode(content: bytes, height: int, width: int) -> object:
        if content == b"strange":
            raise ZeroDivisionError("inside a decoder")
        return np.zeros((8, 8, 3), dtype=np.uint8)

    monkeypatch.setattr(decoder_module, "read_pixels", decode)
    (result,) = featurize_batches(iter([pd.Series([b"strange", b"fine"])]), task(), str)
    assert result["error"][0] == "corrupt: ZeroDivisionError: inside a decoder"
    assert result["error"][1] is None


def test_a_missing_package_ends_the_job(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(uri: str, s3: object) -> bytes:
        raise MissingDependencyError("boto3")

    monkeypatch.setattr(load_module, "read_bytes", read)
    with pytest.raises(MissingDependencyError):
        list(featurize_batches(iter([pd.Series(["s3://b/k"])]), task(kind=PhotoKind.URI), str))


def test_threads_are_the_cores_of_the_task(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert featurize_module._threads() == 3
    monkeypatch.delenv("OMP_NUM_THREADS")
    assert featurize_module._threads() is None
