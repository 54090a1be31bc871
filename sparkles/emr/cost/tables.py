"""The dated data files in ``data/``: prices, EMR releases and measured rates."""

from __future__ import annotations

import functools
import json
from importlib.resources import files
from typing import NotRequired, TypedDict, cast

__all__ = [
    "InstanceRow",
    "PriceTable",
    "RateRow",
    "ReleaseRow",
    "ReleaseTable",
    "ThroughputTable",
    "price_table",
    "release_table",
    "throughput_table",
]


class InstanceRow(TypedDict):
    """An instance type in ``instances.json``; ``emr`` is ``None`` where its fee is unknown."""

    vcpu: int
    gib: int
    yarn_mb: int
    ec2: float
    emr: float | None
    cpu: str
    gpu: NotRequired[str]


class PriceTable(TypedDict):
    """``instances.json``: prices in dollars, and the shares assumed where none is published."""

    as_of: str
    region: str
    notes: list[str]
    assumed_emr_fee: float
    assumed_spot_price: float
    ebs_gb_month: float
    s3_get_per_1000: float
    instances: dict[str, InstanceRow]


class ReleaseRow(TypedDict):
    """An EMR release in ``releases.json``."""

    spark: str
    pythons: list[str]
    default_python: str
    applications: list[str]
    absent: list[str]


class ReleaseTable(TypedDict):
    """``releases.json``: the supported EMR releases by label."""

    as_of: str
    releases: dict[str, ReleaseRow]


class RateRow(TypedDict):
    """Photos per second and vCPU for one kind of CPU and one precision."""

    cpu: str
    precision: str
    per_vcpu: float
    basis: str


class ThroughputTable(TypedDict):
    """``throughput.json``: rates of one network, and the memory of a Python worker in MiB."""

    as_of: str
    notes: list[str]
    network: str
    rates: list[RateRow]
    worker_mb: int
    efficiency_across_cores: float


@functools.cache
def price_table() -> PriceTable:
    """Return the instance types with their prices."""
    return cast(PriceTable, _read("instances.json"))


@functools.cache
def release_table() -> ReleaseTable:
    """Return the supported EMR releases."""
    return cast(ReleaseTable, _read("releases.json"))


@functools.cache
def throughput_table() -> ThroughputTable:
    """Return the measured and assumed rates.

    Examples
    --------
    >>> throughput_table()["network"]
    'InceptionV3'
    """
    return cast(ThroughputTable, _read("throughput.json"))


def _read(name: str) -> object:
    return json.loads((files("sparkles.emr.cost") / "data" / name).read_text(encoding="utf-8"))
