"""``python -m packing``: what `make package` runs."""

from __future__ import annotations

import argparse
import platform
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from packing.archive import Packed
from packing.environment import build_environment, check_node_python
from packing.errors import PackingError
from packing.wheel import build_wheel

__all__ = ["main", "package"]

ROOT = Path(__file__).parents[1]
CACHE = ROOT / "build" / "packing"
ENVIRONMENTS = ("executors", "driver")


def package(
    output: Path, node_python: str, say: Callable[[str], None] = lambda _: None
) -> list[Packed]:
    """Build the wheel and the environments.

    Parameters
    ----------
    output
        The folder to put them in.
    node_python
        Python 3.11 on the nodes.
    say
        Told what is being built.

    Returns
    -------
    list of Packed
        The wheel, the executors' environment, the driver's.

    Raises
    ------
    PackingError
        If anything cannot be built.
    """
    check_node_python(node_python)
    wheel = build_wheel(ROOT, output)
    version = (ROOT / "sparkles" / "VERSION").read_text().strip()
    where = f"cp311-{sys.platform}_{platform.machine()}"
    built = [wheel]
    for name in ENVIRONMENTS:
        lock = ROOT / "requirements" / f"{name}.lock"
        target = output / f"sparkles-{name}-{version}-{where}.tar.gz"
        say(f"packing {target.name}: minutes, where {lock.name} is new")
        built.append(
            build_environment(lock, wheel.path, target, node_python=node_python, cache=CACHE)
        )
    return built


def table(files: Iterable[Packed]) -> str:
    """Say what was built: name, megabytes packed and unpacked, digest."""
    rows = [("file", "packed", "unpacked", "SHA-256")]
    for file in files:
        rows.append((file.path.name, _megabytes(file.size), _megabytes(file.unpacked), file.sha256))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return "\n".join(
        f"{name:<{widths[0]}}  {packed:>{widths[1]}}  {unpacked:>{widths[2]}}  {digest}"
        for name, packed, unpacked, digest in rows
    )


def _tell(line: str) -> None:
    print(line, file=sys.stderr)  # noqa: T201


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"


def main(arguments: Sequence[str] | None = None) -> int:
    """Build everything, and print a table of it.

    Returns
    -------
    int
        0, or 1 after one line of what went wrong.
    """
    parser = argparse.ArgumentParser(prog="packing", description=__doc__)
    parser.add_argument("--output", type=Path, default=ROOT / "dist", metavar="DIR")
    parser.add_argument("--node-python", default="/usr/bin/python3.11", metavar="PATH")
    given = parser.parse_args(arguments)
    try:
        print(table(package(given.output, given.node_python, _tell)))  # noqa: T201
    except PackingError as error:
        _tell(f"packing: error: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
