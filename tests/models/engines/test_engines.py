"""The engines on their own: overlapped batches, precisions, what a CPU can do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sparkles.choices import EngineName, Precision
from sparkles.errors import PrecisionError, UserError
from sparkles.models import NetworkSettings, prepare_network
from sparkles.models.engines import load_engine
from sparkles.models.engines import openvino as openvino_engine
from sparkles.models.engines.cpu import cpu_name, has_native_bf16
from tests.photos import pixels

SMALL = NetworkSettings("MobileNetV2-0.35@32", weights="random")


def photos(count: int, first: int = 0) -> np.ndarray:
    return np.stack([pixels(32, 32, seed) for seed in range(first, first + count)])


@pytest.mark.parametrize("name", [EngineName.OPENVINO, EngineName.KERAS])
def test_batches_in_flight_do_not_mix(name: EngineName) -> None:
    network = prepare_network(NetworkSettings("MobileNetV2-0.35@32", "random", engine=name))
    engine = load_engine(name, network.files[0], threads=1)
    batches = [photos(1 + n % 3, first=n) for n in range(6)]
    expected = [engine.features(batch) for batch in batches]
    pending = [engine.start(batch.copy()) for batch in batches]
    for work, features in zip(reversed(pending), reversed(expected), strict=True):
        np.testing.assert_allclose(work.result(), features, rtol=1e-6, atol=1e-7)


def test_cancelled_and_finished_requests_are_used_again() -> None:
    engine = load_engine(EngineName.OPENVINO, prepare_network(SMALL).files[0], threads=1)
    engine.start(photos(2)).cancel()
    before = engine.features(photos(3))
    assert len(engine._idle) == 1
    np.testing.assert_array_equal(engine.features(photos(3)), before)


def test_results_outlive_the_request() -> None:
    engine = load_engine(EngineName.OPENVINO, prepare_network(SMALL).files[0], threads=1)
    first = engine.features(photos(2))
    kept = first.copy()
    engine.features(photos(2, first=7))
    np.testing.assert_array_equal(first, kept)


@pytest.mark.parametrize(
    ("flags", "native"),
    [
        ("fpu avx2 avx512f avx512_bf16", True),
        ("avx512f amx_bf16 amx_tile", True),
        ("fpu sse4_2 avx2", False),
        ("avx2 avx512f avx512_vnni", False),  # r5: AVX-512 would only imitate it
    ],
)
def test_bf16_is_recognized_by_the_processor_s_flags(
    tmp_path: Path, flags: str, native: bool
) -> None:
    file = tmp_path / "cpuinfo"
    file.write_text(f"processor\t: 0\nmodel name\t: A CPU @ 2GHz\nflags\t\t: {flags}\nbugs\t: x\n")
    assert has_native_bf16(file) is native
    assert cpu_name(file) == "A CPU @ 2GHz"


def test_without_cpuinfo_there_is_no_bf16(tmp_path: Path) -> None:
    assert has_native_bf16(tmp_path / "absent") is False
    assert cpu_name(tmp_path / "absent") == "this processor"


def test_bf16_is_refused_where_it_is_not_native(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openvino_engine, "has_native_bf16", lambda: False)
    path = prepare_network(SMALL).files[0]
    with pytest.raises(PrecisionError, match=r"no native bfloat16.*Use precision='auto'") as error:
        load_engine(EngineName.OPENVINO, path, 1, Precision.BF16)
    assert isinstance(error.value, UserError)
    assert load_engine(EngineName.OPENVINO, path, 1, Precision.AUTO).precision is Precision.F32


def test_auto_is_what_the_cpu_has() -> None:
    engine = load_engine(EngineName.OPENVINO, prepare_network(SMALL).files[0], 1, Precision.AUTO)
    assert engine.precision is (Precision.BF16 if has_native_bf16() else Precision.F32)
    hint = engine._network.get_property("INFERENCE_PRECISION_HINT").get_type_name()
    assert hint == engine.precision


@pytest.mark.skipif(not has_native_bf16(), reason="this CPU has no native bfloat16")
def test_bf16_is_close_to_f32() -> None:
    path = prepare_network(SMALL).files[0]
    exact, rough = (
        load_engine(EngineName.OPENVINO, path, 1, precision).features(photos(16))
        for precision in (Precision.F32, Precision.BF16)
    )
    cosine = (exact * rough).sum(1) / np.linalg.norm(exact, axis=1) / np.linalg.norm(rough, axis=1)
    assert cosine.min() >= 0.999
    assert not np.array_equal(exact, rough)


def test_int8_is_not_for_keras() -> None:
    network = prepare_network(NetworkSettings("MobileNetV2-0.35@32", "random", engine="keras"))
    assert load_engine(EngineName.KERAS, network.files[0], 1).precision is Precision.F32
