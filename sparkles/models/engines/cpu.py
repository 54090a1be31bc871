"""The instructions of this machine's processor."""

from __future__ import annotations

import functools
import re
from pathlib import Path

__all__ = ["cpu_kind", "cpu_name", "has_native_bf16"]

_BF16_FLAGS = {"avx512_bf16", "amx_bf16"}  # as the Linux kernel names them
_CPUINFO = Path("/proc/cpuinfo")


@functools.cache
def has_native_bf16(cpuinfo: Path = _CPUINFO) -> bool:
    """Whether bfloat16 is faster than float32 on this processor.

    The answer comes from the kernel and not from OpenVINO, which also offers bfloat16 if AVX-512
    only emulates it, which is slower. False if nothing is known.
    """
    return bool(_BF16_FLAGS & set(_field(cpuinfo, "flags").split()))


@functools.cache
def cpu_kind(cpuinfo: Path = _CPUINFO) -> str:
    """Return the instructions that decide how fast networks run on this processor.

    ``amx``, ``avx512_bf16``, ``avx512``, ``avx2`` or ``other``. With ``avx512_bf16`` the vector
    units compute bfloat16 natively and there is no matrix unit, for example AMD's Zen 4.
    """
    flags = _field(cpuinfo, "flags").split()
    kinds = {"amx": "amx_tile", "avx512_bf16": "avx512_bf16", "avx512": "avx512f", "avx2": "avx2"}
    return next((kind for kind, flag in kinds.items() if flag in flags), "other")


@functools.cache
def cpu_name(cpuinfo: Path = _CPUINFO) -> str:
    """Return the processor's name, for messages."""
    return _field(cpuinfo, "model name") or "this processor"


def _field(cpuinfo: Path, name: str) -> str:
    try:
        match = re.search(rf"^{name}\s*:\s*(.+)$", cpuinfo.read_text(), re.MULTILINE)
    except OSError:
        return ""
    return match[1].strip() if match else ""
