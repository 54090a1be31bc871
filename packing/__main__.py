"""``python -m packing``: build the wheel and the environments, as `make package` does."""

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
        The folder for the files.
    node_python
        The path of Python 3.11 on the nodes.
    say
        Receives a line before each build.

    Returns
    -------
    list of Packed
        The wheel, the executors' environment and the driver's environment.

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
        say(f"packing {target.name}; this takes minutes if {lock.name} has changed")
        built.append(
            build_environment(lock, wheel.path, target, node_python=node_python, cache=CACHE)
        )
    return built


def table(files: Iterable[Packed]) -> str:
    """Format a table of files: name, megabytes packed and unpacked, SHA-256."""
    rows = [("file", "packed", "unpacked", "SHA-256")]
    for file in files:
        rows.append((file.path.name, _megabytes(file.size), _megabytes(file.unpacked), file.sha256))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return "\n".join(
        f"{name:<{widths[0]}}  {packed:>{widths[1]}}  {unpacked:>{widths[2]}}  {digest}"
        for name, packed, unpacked, digest in rows
    )


def _log(line: str) -> None:
    print(line, file=sys.stderr)  # noqa: T201


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"


def main(arguments: Sequence[str] | None = None) -> int:
    """Build everything and print a table of the files.

    Returns
    -------
    int
        0, or 1 after an error message of one line.
    """
    parser = argparse.ArgumentParser(prog="packing", description=__doc__)
    parser.add_argument("--output", type=Path, default=ROOT / "dist", metavar="DIR")
    parser.add_argument("--node-python", default="/usr/bin/python3.11", metavar="PATH")
    given = parser.parse_args(arguments)
    try:
        print(table(package(given.output, given.node_python, _log)))  # noqa: T201
    except PackingError as error:
        _log(f"packing: error: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
