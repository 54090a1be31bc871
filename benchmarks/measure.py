"""Measurements: rates from finish times, memory of a process tree, the hardware."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from sparkles.models.engines.cpu import cpu_name, has_native_bf16

__all__ = ["Memory", "Rates", "hardware", "precisions", "rates_of", "run_contender"]


@dataclass(frozen=True)
class Rates:
    """The rate at which photos were finished.

    Attributes
    ----------
    photos
        The number of photos.
    warm_up
        Seconds from the start of the process to the first finished photos: imports, sessions,
        loading, compiling.
    steady
        Photos per second between the first and the last tenth of the finished photos.
    whole
        Photos per second from the start of the process to the last photo.
    """

    photos: int
    warm_up: float
    steady: float
    whole: float


def rates_of(start: float, finished: Sequence[float]) -> Rates:
    """Compute rates from the times, in seconds, at which photos were finished."""
    times = np.sort(np.asarray(finished, dtype=np.float64))
    low, high = len(times) // 10, len(times) * 9 // 10
    steady = (high - low) / max(times[high] - times[low], 1e-9)
    whole = len(times) / (times[-1] - start)
    return Rates(len(times), float(times[0] - start), float(steady), float(whole))


def precisions() -> list[str]:
    """Return the precisions that this CPU supports natively."""
    return ["f32", *(["bf16"] if has_native_bf16() else []), "int8"]


def hardware() -> str:
    """Describe the machine in one line, for the results."""
    flags = Path("/proc/cpuinfo").read_text().split()
    known = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "amx_int8")
    has = ", ".join(flag for flag in known if flag in flags)
    memory = psutil.virtual_memory().total / 2**30
    return f"{os.cpu_count()} vCPUs of {cpu_name()} ({has or 'no vector flags'}), {memory:.0f} GiB"


def run_contender(name: str, *arguments: str) -> Rates:
    """Run ``benchmarks.contenders.<name>`` in a fresh process.

    The last line that it prints is a JSON list of finish times in seconds since the epoch. Its
    standard error goes to ``runs/benchmarks/<name>.log``.
    """
    start = time.time()
    command = [sys.executable, "-m", f"benchmarks.contenders.{name}", *arguments]
    log = Path("runs/benchmarks") / f"{name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as errors:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=errors, text=True, check=True)
    return rates_of(start, json.loads(done.stdout.strip().splitlines()[-1]))


@dataclass
class Memory:
    """Sample the memory of a process and all its descendants while a block runs.

    The unit is the proportional set size, in which shared pages count once.
    """

    pid: int
    every: float = 1.0
    times: list[float] = field(default_factory=list)
    bytes: list[int] = field(default_factory=list)
    by_kind: list[dict[str, int]] = field(default_factory=list)

    def __enter__(self) -> Memory:
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._ended.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._ended.wait(self.every):
            kinds: dict[str, int] = {}
            for process in self._family():
                try:
                    kind = self._kind(process)
                    kinds[kind] = kinds.get(kind, 0) + process.memory_full_info().pss
                except (psutil.Error, OSError):
                    continue  # the process has ended
            self.times.append(time.time())
            self.bytes.append(sum(kinds.values()))
            self.by_kind.append(kinds)

    def _family(self) -> list[psutil.Process]:
        try:
            root = psutil.Process(self.pid)
            return [root, *root.children(recursive=True)]
        except psutil.Error:
            return []

    def _kind(self, process: psutil.Process) -> str:
        if process.pid == self.pid:
            return "driver"
        return "JVM" if "java" in process.name() else "workers"
