"""Cores: one core, and two cores as two processes or as one process with two streams.

python -m benchmarks.cores [--photos 320]
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measure import Rates, hardware, precisions, run_contender
from benchmarks.networks import network_file
from benchmarks.photos import many_photos

_CONFIGURATIONS = {
    "1 core": ("1", "1"),
    "2 cores, a process each": ("2", "1"),
    "2 cores, one process with 2 streams": ("2", "2"),
}


def main() -> None:
    """Run the featurizer in each configuration and precision."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=320)
    parser.add_argument("--output", type=Path, default=Path("runs/benchmarks/cores.json"))
    given = parser.parse_args()
    table = ["| precision | configuration | photos/s | efficiency |", "|---|---|---|---|"]
    found: dict[str, Rates] = {}
    with TemporaryDirectory(prefix="sparkles-cores-") as work:
        folder = Path(work) / "photos"
        many_photos(folder, given.photos)
        for precision in precisions():
            network_file(folder, precision)
            for configuration, (cores, task_cpus) in _CONFIGURATIONS.items():
                rate = run_contender(
                    "sparkles_featurizer", str(folder), "--precision", precision,
                    "--cores", cores, "--task-cpus", task_cpus,
                )  # fmt: skip
                found[f"{precision}, {configuration}"] = rate
                alone = found[f"{precision}, 1 core"].steady
                efficiency = rate.steady / alone / int(cores)
                table.append(
                    f"| {precision} | {configuration} | {rate.steady:.2f} | {efficiency:.2f} |"
                )
                print(table[-1], flush=True)  # noqa: T201
    given.output.parent.mkdir(parents=True, exist_ok=True)
    content = {configuration: asdict(rate) for configuration, rate in found.items()}
    given.output.write_text(json.dumps({"hardware": hardware(), "rates": content}, indent=1))
    print("\n".join([hardware(), *table]))  # noqa: T201


if __name__ == "__main__":
    main()
