"""The archives unpacked on a node: they need nothing of where they were built."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path

import pytest

from packing.__main__ import CACHE
from packing.archive import Packed
from packing.environment import build_environment
from tests.cluster.conftest import NODE_PYTHON
from tests.conftest import REPOSITORY

pytestmark = pytest.mark.timeout(1800)

ABSENT = ("pyspark", "pip", "setuptools", "pytest")
NETWORKS = ("keras", "tensorflow", "nncf")


def ask(node: Path, code: str) -> object:
    """Run code with the node's interpreter and nothing else at hand."""
    command = [node / "bin" / "python", "-I", "-c", f"import json, sys; {code}"]
    done = subprocess.run(command, env={}, cwd="/", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("name", ["executors", "driver"])
def test_packages_come_from_the_node_alone(nodes: dict[str, Path], name: str) -> None:
    modules = "sparkles, openvino, pyarrow, boto3, simplejpeg, pandas, PIL, yaml, tqdm, tenacity"
    files = ask(
        nodes[name],
        f"import {modules}, sparkles.imaging, sparkles.models.engines, sparkles.storage; "
        "print(json.dumps([getattr(m, '__file__', None) or '' for m in sys.modules.values()]))",
    )
    standard = os.path.realpath(Path(os.__file__).parent)
    outside = [
        file
        for file in files
        if file and not file.startswith((str(nodes[name]), str(Path(os.__file__).parent), standard))
    ]
    assert outside == []
    assert any("site-packages/openvino" in file for file in files)


def found(node: Path, names: tuple[str, ...]) -> object:
    return ask(
        node,
        f"import importlib.util as u; print(json.dumps([n for n in {names!r} if u.find_spec(n)]))",
    )


def test_executors_have_no_networks_library_and_no_pyspark(nodes: dict[str, Path]) -> None:
    assert found(nodes["executors"], (*NETWORKS, *ABSENT)) == []


def test_the_driver_has_them_but_no_pyspark(nodes: dict[str, Path]) -> None:
    assert found(nodes["driver"], (*NETWORKS, *ABSENT)) == list(NETWORKS)
    versions = ask(
        nodes["driver"],
        "import keras, nncf, tensorflow as tf; print(json.dumps([keras.__version__, "
        "float(tf.reduce_sum(keras.layers.Dense(2, kernel_initializer='ones')(tf.ones((1, 3))))), "
        "bool(nncf.quantize)]))",
    )
    assert versions == [_pinned("keras"), 6.0, True]


def _pinned(name: str) -> str:
    lines = (REPOSITORY / "requirements" / "spark35.lock").read_text().splitlines()
    (line,) = [line for line in lines if line.startswith(f"{name}==")]
    return line.removeprefix(f"{name}==").split()[0]


@pytest.mark.parametrize("name", ["executors", "driver"])
def test_no_file_speaks_of_where_it_was_built(nodes: dict[str, Path], name: str) -> None:
    places = [str(REPOSITORY).encode(), f"{tempfile.gettempdir()}/sparkles-".encode()]
    speaking = []
    for path in nodes[name].rglob("*"):
        if path.is_file() and not path.is_symlink():
            content = path.read_bytes()
            speaking += [str(path) for place in places if place in content]
    assert speaking == []
    assert (nodes[name] / "bin" / "python").readlink() == Path(NODE_PYTHON)
    assert [path for path in (nodes[name] / "bin").iterdir() if not path.is_symlink()] == []


def test_built_again_of_the_same_wheel_it_is_the_same(
    packages: dict[str, Packed], tmp_path: Path
) -> None:
    again = build_environment(
        REPOSITORY / "requirements" / "executors.lock",
        packages["wheel"].path,
        tmp_path / "again.tar.gz",
        node_python=NODE_PYTHON,
        cache=CACHE,
    )
    assert again.sha256 == packages["executors"].sha256
