"""What is known of instance types, EMR releases and rates, as dated data."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from sparkles.errors import SettingsError, nearest

__all__ = ["Instance", "Release", "find_instance", "find_release", "instances", "releases"]

PYTHON = "3.11"  # the one version that both releases bring, and that Sparkles needs


@dataclass(frozen=True)
class Instance:
    """An EC2 instance type as EMR sees it.

    Attributes
    ----------
    name
        As ``r5.4xlarge``.
    vcpu, gib
        Its virtual processors and its memory in GiB.
    yarn_mb
        What YARN hands out on it by EMR's default, in MiB.
    ec2, emr
        Dollars an hour on demand: the machine, and EMR's fee.
    emr_assumed
        Whether the fee is an assumption.
    cpu
        ``avx2``, ``avx512`` or ``amx``: what decides how fast networks run.
    gpu
        Its GPU, or ``None``.
    """

    name: str
    vcpu: int
    gib: int
    yarn_mb: int
    ec2: float
    emr: float
    emr_assumed: bool
    cpu: str
    gpu: str | None = None


@dataclass(frozen=True)
class Release:
    """An EMR release that Sparkles is made for.

    Attributes
    ----------
    label
        As ``emr-7.14.0``.
    spark
        Its Spark's version.
    pythons, default_python
        The versions on its nodes, and the one that ``python3`` means.
    applications
        What a Sparkles cluster installs of it.
    absent
        Applications of other releases that it does not have.
    """

    label: str
    spark: str
    pythons: tuple[str, ...]
    default_python: str
    applications: tuple[str, ...]
    absent: tuple[str, ...]


@functools.cache
def read_data(name: str) -> Any:
    """A data file of this package, read once."""
    return json.loads((files("sparkles.emr.cost") / "data" / name).read_text(encoding="utf-8"))


@functools.cache
def instances() -> Mapping[str, Instance]:
    """Every instance type with known prices, by name.

    Examples
    --------
    >>> instances()["r5.4xlarge"].yarn_mb
    122880
    """
    data = read_data("instances.json")
    fee = data["assumed_emr_fee"]
    return {
        name: Instance(
            name=name,
            vcpu=row["vcpu"],
            gib=row["gib"],
            yarn_mb=row["yarn_mb"],
            ec2=row["ec2"],
            emr=round(row["ec2"] * fee, 4) if row["emr"] is None else row["emr"],
            emr_assumed=row["emr"] is None,
            cpu=row["cpu"],
            gpu=row.get("gpu"),
        )
        for name, row in data["instances"].items()
    }


@functools.cache
def releases() -> Mapping[str, Release]:
    """The EMR releases that Sparkles is made for, by label; the first is the default."""
    rows = read_data("releases.json")["releases"]
    return {
        label: Release(
            label=label,
            spark=row["spark"],
            pythons=tuple(row["pythons"]),
            default_python=row["default_python"],
            applications=tuple(row["applications"]),
            absent=tuple(row["absent"]),
        )
        for label, row in rows.items()
    }


def find_instance(name: str) -> Instance:
    """Look an instance type up.

    Raises
    ------
    SettingsError
        If its size and price are not in the table.

    Examples
    --------
    >>> find_instance("m7i.4xlarge").cpu
    'amx'
    >>> find_instance("r5.4xlage")
    Traceback (most recent call last):
    sparkles.errors.SettingsError: instance type 'r5.4xlage' is not in the table of \
2026-11-01. Did you mean r5.4xlarge or ...
    """
    found = instances().get(name)
    if found is None:
        raise SettingsError(
            f"instance type {name!r} is not in the table of {read_data('instances.json')['as_of']}."
            f"{nearest(name, instances())} Known: {', '.join(instances())}"
        )
    return found


def find_release(label: str) -> Release:
    """Look an EMR release up.

    Raises
    ------
    SettingsError
        If Sparkles is not made for it.
    """
    found = releases().get(label)
    if found is None:
        raise SettingsError(
            f"EMR release {label!r}: expected {' or '.join(releases())}, which have Python {PYTHON}"
        )
    return found
