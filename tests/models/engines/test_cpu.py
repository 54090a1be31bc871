"""The processor's name and kind, from what the kernel reports."""

from __future__ import annotations

from pathlib import Path

import pytest

from sparkles.models.engines.cpu import cpu_kind, cpu_name, has_native_bf16

FLAGS = {
    "amx": "sse avx2 avx512f avx512_bf16 amx_tile amx_bf16 amx_int8",
    "avx512_bf16": "sse avx2 avx512f avx512_vnni avx512_bf16",
    "avx512": "sse avx2 avx512f avx512_vnni",
    "avx2": "sse avx avx2 fma",
    "other": "fp asimd evtstrm",
}


@pytest.mark.parametrize("kind", FLAGS)
def test_flags_tell_the_kind(tmp_path: Path, kind: str) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text(f"model name\t: Some CPU @ 2.00GHz\nflags\t\t: {FLAGS[kind]}\n")
    assert cpu_kind(cpuinfo) == kind
    assert has_native_bf16(cpuinfo) is (kind in ("amx", "avx512_bf16"))
    assert cpu_name(cpuinfo) == "Some CPU @ 2.00GHz"


def test_nothing_is_known_without_proc(tmp_path: Path) -> None:
    assert cpu_kind(tmp_path / "absent") == "other"
    assert not has_native_bf16(tmp_path / "absent")
