"""Exploration: seconds and peak memory for label files of increasing size.

python -m benchmarks.exploration [--rows 256707,2500000,7500000] [--master local[2]]

The files are synthetic, in the shape of Open Images' labels: six rows per image, with classes by
a power law. The validation split has 256,707 rows; the training labels, 2.7 GB, about 64 million.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measure import Memory, hardware

_MB = 1e6
_IMAGES_AT_A_TIME = 50_000
_SOURCES = ("verification", "crowdsource-verification", "machine")


def main() -> None:
    """Write each file, explore it in a fresh process, and measure time and memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", default="256707,2500000,7500000")
    parser.add_argument("--classes", type=int, default=601)
    parser.add_argument("--master", default="local[2]")
    parser.add_argument("--output", type=Path, default=Path("runs/benchmarks/exploration.json"))
    given = parser.parse_args()
    given.output.parent.mkdir(parents=True, exist_ok=True)
    table = ["| rows | MB | s | rows/s | peak, MB | of it driver | JVM | workers |"]
    table.append("|---|---|---|---|---|---|---|---|")
    found = []
    with tempfile.TemporaryDirectory(prefix="sparkles-exploration-") as folder:
        labels = Path(folder, "labels.csv")
        for rows in map(int, given.rows.split(",")):
            _write_labels(labels, rows, given.classes)
            facts = _measure(labels, rows, given.master, Path(folder, "explored"))
            found.append(facts)
            peak = facts["at the peak, MB"]
            kinds = " | ".join(f"{peak.get(kind, 0):,.0f}" for kind in ("driver", "JVM", "workers"))
            table.append(
                f"| {rows:,} | {facts['MB']:,.0f} | {facts['seconds']:.0f} | "
                f"{rows / facts['seconds']:,.0f} | {facts['peak MB']:,.0f} | {kinds} |"
            )
            print(table[-1], facts["stages"], flush=True)  # noqa: T201
    given.output.write_text(json.dumps({"hardware": hardware(), "files": found}, indent=1))
    print("\n".join([hardware(), *table]))  # noqa: T201


def _write_labels(path: Path, rows: int, classes: int) -> None:
    """Write rows sorted by image, like those of Open Images."""
    dice = np.random.default_rng(1)
    chances = 1 / np.arange(1, classes + 1)
    mids = np.array([f"/m/{number:06x}" for number in range(classes)])
    left = rows
    with path.open("w") as file:
        file.write("ImageID,Source,LabelName,Confidence\n")
        while left:
            sizes = 1 + dice.poisson(5.2, _IMAGES_AT_A_TIME)
            images = np.repeat(dice.integers(0, 2**63, len(sizes)), sizes)[:left]
            labels = dice.choice(mids, len(images), p=chances / chances.sum())
            sources = dice.choice(_SOURCES, len(images), p=[0.6, 0.2, 0.2])
            positive = dice.integers(0, 2, len(images))
            file.writelines(
                f"{image:016x},{source},{label},{sure}\n"
                for image, source, label, sure in zip(
                    images, sources, labels, positive, strict=True
                )
            )
            left -= len(images)


def _measure(labels: Path, rows: int, master: str, output: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "sparkles.cli", "explore", "--overwrite", "--quiet"]
    command += ["--labels", str(labels), "--output", str(output), "--master", master]
    start = time.monotonic()
    with subprocess.Popen(command) as job, Memory(job.pid, every=0.5) as memory:
        status = job.wait()
    seconds = time.monotonic() - start
    if status:
        raise subprocess.CalledProcessError(status, command)
    facts = json.loads((output / "explore.json").read_text())
    if facts["labels"]["rows"]["read"] != rows:  # a measurement of half a file is worthless
        raise ValueError(f"{rows:,} rows written, {facts['labels']['rows']['read']:,} read")
    place = int(np.argmax(memory.bytes))
    return {
        "rows": rows,
        "MB": labels.stat().st_size / _MB,
        "seconds": round(seconds, 1),
        "stages": json.loads((output / "run.json").read_text())["seconds"],
        "peak MB": memory.bytes[place] / _MB,
        "at the peak, MB": {kind: size / _MB for kind, size in memory.by_kind[place].items()},
    }


if __name__ == "__main__":
    main()
