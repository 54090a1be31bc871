"""Scale: memory and rate over a whole job of the size of Open Images' validation split.

python -m benchmarks.scale [--references 41620] [--precision int8]
"""

from __future__ import annotations

import argparse
import itertools
import json
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import psutil

from benchmarks.measure import Memory, hardware, precisions, rates_of
from benchmarks.photos import many_photos, write_manifest

_REFERENCES = 41_620  # images of the validation split
_EARLY = 4_000
_FILES = 2_000
_GB = 1e9


def main() -> None:
    """Run the job, sample its memory, and draw rate and memory over time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--references", type=int, default=_REFERENCES)
    parser.add_argument("--precision", default=precisions()[-2], help="default: bf16 or f32")
    parser.add_argument("--pooling", default="avg", choices=["avg", "none"])
    parser.add_argument("--model", default="InceptionV3")
    parser.add_argument("--output", type=Path, default=Path("runs/benchmarks"))
    given = parser.parse_args()
    given.output.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="sparkles-scale-") as work:
        photos = many_photos(Path(work) / "photos", min(_FILES, given.references))
        manifest = Path(work) / "manifest.csv"
        read = write_manifest(manifest, photos, given.references)
        start, finished, memory = _run(given, manifest)
    legacy = "-legacy" if given.pooling == "none" else ""
    name = f"scale-{given.model}-{given.precision}{legacy}"
    facts = _facts(start, finished, memory) | {"gigabytes read": round(read / _GB, 2)}
    (given.output / f"{name}.json").write_text(json.dumps(facts | {"on": hardware()}, indent=1))
    title = f"{len(finished):,} photo references, {given.model}, {given.precision}"
    _draw(start, finished, memory, title, given.output / f"{name}.png")
    print(json.dumps(facts, indent=1), f"\nwrote {given.output}/{name}.json and .png")  # noqa: T201


def _run(given: argparse.Namespace, manifest: Path) -> tuple[float, list[float], Memory]:
    command = [sys.executable, "-m", "benchmarks.contenders.sparkles_featurizer", str(manifest)]
    command += ["--precision", given.precision, "--pooling", given.pooling, "--model", given.model]
    start = time.time()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as job:
        with Memory(job.pid) as memory:
            printed, _ = job.communicate()
        if job.returncode:
            raise psutil.Error(f"the job failed with status {job.returncode}")
    return start, sorted(json.loads(printed.strip().splitlines()[-1])), memory


def _facts(start: float, finished: list[float], memory: Memory) -> dict[str, Any]:
    times, sizes = np.array(memory.times), np.array(memory.bytes) / _GB
    place = int(sizes.argmax())
    facts: dict[str, Any] = {
        "photos": len(finished),
        "rates": rates_of(start, finished).__dict__,
        "peak GB": round(float(sizes.max()), 3),
        "at the peak, GB": {k: round(v / _GB, 3) for k, v in memory.by_kind[place].items()},
    }
    if len(finished) > _EARLY:
        early = float(sizes[times <= finished[_EARLY - 1]].max())
        facts[f"peak GB by photo {_EARLY}"] = round(early, 3)
        facts["growth of the peak"] = round(float(sizes.max()) / early - 1, 4)
    thousands = _by_thousand(finished)
    facts["photos/s by thousand"] = {
        "first whole": round(thousands[0], 2),
        "last whole": round(thousands[-1], 2),
        "least": round(min(thousands), 2),
        "most": round(max(thousands), 2),
    }
    return facts


def _by_thousand(finished: list[float]) -> list[float]:
    """Return photos per second for each thousand; the first starts at the first finished photo."""
    step = min(1000, max(1, len(finished) // 4))
    edges = finished[::step]
    return [step / max(b - a, 1e-9) for a, b in itertools.pairwise(edges)]


def _draw(start: float, finished: list[float], memory: Memory, title: str, path: Path) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, (upper, lower) = plt.subplots(2, 1, figsize=(9, 6), sharex=True, layout="constrained")
    minutes = (np.array(memory.times) - start) / 60
    kinds = ["JVM", "workers", "driver"]
    layers = [[sample.get(kind, 0) / _GB for sample in memory.by_kind] for kind in kinds]
    upper.stackplot(minutes, layers, labels=kinds, colors=["#4c72b0", "#55a868", "#c44e52"])
    upper.axhline(4, color="gray", linestyle="--", linewidth=1, label="4 GB")
    upper.set_ylabel("memory of all processes (PSS), GB")
    upper.set_ylim(0)
    upper.legend(loc="lower right", ncols=4, fontsize="small")
    step = min(1000, max(1, len(finished) // 4))
    edges = (np.array(finished[::step]) - start) / 60
    lower.stairs(_by_thousand(finished), edges, color="#4c72b0", baseline=None)
    lower.set_ylabel(f"photos/s, per {step:,} photos")
    lower.set_ylim(0)
    lower.set_xlabel("minutes since the start of the process")
    upper.set_title(title)
    figure.savefig(path, dpi=120)


if __name__ == "__main__":
    main()
