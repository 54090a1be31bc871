"""Ratio: this featurizer compared with the usual recipe, the bare limit and its peers, in one run.

python -m benchmarks.ratio [--photos 2000] [--only usual_recipe,bare_limit,...]
"""

from __future__ import annotations

import argparse
import json
import subprocess
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measure import Rates, hardware, precisions, run_contender
from benchmarks.networks import network_file
from benchmarks.photos import many_photos

_KERAS = ("usual_recipe", "ray_data", "daft_udf")
_OURS = ("bare_limit", "sparkles_featurizer")


def main() -> None:
    """Run one contender after the other, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=2000)
    parser.add_argument("--only", default=",".join([*_KERAS, *_OURS]))
    parser.add_argument("--output", type=Path, default=Path("runs/benchmarks/ratio.json"))
    given = parser.parse_args()
    only = given.only.split(",")
    with TemporaryDirectory(prefix="sparkles-ratio-") as work:
        folder = Path(work) / "photos"
        many_photos(folder, given.photos)
        for precision in precisions():
            network_file(folder, precision)  # converted and calibrated before the clock starts
        rates: dict[str, Rates] = {}
        for name in only:
            for precision in precisions() if name in _OURS else ["f32"]:
                try:
                    rate = run_contender(name, str(folder), "--precision", precision)
                except subprocess.CalledProcessError as error:
                    say(f"{name} {precision} failed: {error}")
                    continue
                rates[f"{name} {precision}"] = rate
                say(f"{name} {precision}: {rate.steady:.2f} photos/s, after {rate.warm_up:.1f} s")
    given.output.parent.mkdir(parents=True, exist_ok=True)
    content = {name: asdict(rate) for name, rate in rates.items()}
    given.output.write_text(json.dumps({"hardware": hardware(), "rates": content}, indent=1))
    say(f"\n{hardware()}\n{_table(rates)}\nwrote {given.output}")


def _table(rates: dict[str, Rates]) -> str:
    usual = rates.get("usual_recipe f32")
    lines = [
        "| contender | precision | photos/s, steady | whole run | warm-up, s | / usual | / bare |",
        "|---|---|---|---|---|---|---|",
    ]
    for key, rate in rates.items():
        name, precision = key.split()
        bare = rates.get(f"bare_limit {precision}") if name in _OURS else None
        lines.append(
            f"| {name} | {precision} | {rate.steady:.2f} | {rate.whole:.2f} | {rate.warm_up:.1f} | "
            f"{_ratio(rate, usual)} | {_ratio(rate, bare)} |"
        )
    return "\n".join(lines)


def _ratio(rate: Rates, other: Rates | None) -> str:
    return "" if other is None else f"{rate.steady / other.steady:.2f}"


def say(text: str) -> None:
    """Print a line at once."""
    print(text, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
