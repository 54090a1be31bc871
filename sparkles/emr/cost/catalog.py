"""The instance types and EMR releases that Sparkles supports."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass

from sparkles.emr.cost.tables import price_table, release_table
from sparkles.errors import SettingsError, nearest

__all__ = [
    "PYTHON",
    "Instance",
    "Release",
    "find_instance",
    "find_release",
    "instances",
    "releases",
]

PYTHON = "3.11"  # the version that Sparkles needs and that both releases include


@dataclass(frozen=True)
class Instance:
    """An EC2 instance type on EMR.

    Attributes
    ----------
    name
        Its name, for example ``r5.4xlarge``.
    vcpu, gib
        The number of virtual processors, and the memory in GiB.
    yarn_mb
        The memory that YARN may allocate on it by EMR's default, in MiB.
    ec2, emr
        On-demand price of the machine and EMR's fee, in dollars per hour.
    emr_assumed
        Whether the fee is an assumption.
    cpu
        ``avx2``, ``avx512`` or ``amx``: the instruction set, which decides how fast networks run.
    gpu
        The GPU's name, or ``None``.
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
    """An EMR release that Sparkles supports.

    Attributes
    ----------
    label
        Its label, for example ``emr-7.14.0``.
    spark
        The version of Spark.
    pythons, default_python
        The versions of Python on its nodes, and the one that ``python3`` runs.
    applications
        The applications that a Sparkles cluster installs.
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
def instances() -> Mapping[str, Instance]:
    """Return every instance type with known prices, by name.

    Examples
    --------
    >>> instances()["r5.4xlarge"].yarn_mb
    122880
    """
    table = price_table()
    fee = table["assumed_emr_fee"]
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
        for name, row in table["instances"].items()
    }


@functools.cache
def releases() -> Mapping[str, Release]:
    """Return the EMR releases that Sparkles supports, by label; the first is the default."""
    return {
        label: Release(
            label=label,
            spark=row["spark"],
            pythons=tuple(row["pythons"]),
            default_python=row["default_python"],
            applications=tuple(row["applications"]),
            absent=tuple(row["absent"]),
        )
        for label, row in release_table()["releases"].items()
    }


def find_instance(name: str) -> Instance:
    """Look up an instance type.

    Raises
    ------
    SettingsError
        If the table of sizes and prices does not contain it.

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
            f"instance type {name!r} is not in the table of {price_table()['as_of']}."
            f"{nearest(name, instances())} Known: {', '.join(instances())}"
        )
    return found


def find_release(label: str) -> Release:
    """Look up an EMR release.

    Raises
    ------
    SettingsError
        If Sparkles does not support it.
    """
    found = releases().get(label)
    if found is None:
        raise SettingsError(
            f"EMR release {label!r}: expected {' or '.join(releases())}, which have Python {PYTHON}"
        )
    return found
