"""Rules for a request's Spark settings: executors fit their nodes, and the right Python runs."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping

from sparkles.emr.config.configure import INTERPRETER
from sparkles.emr.config.findings import Finding
from sparkles.emr.config.nodes import groups_of
from sparkles.emr.config.template import Request
from sparkles.emr.cost.catalog import PYTHON, instances, releases
from sparkles.emr.cost.sizing import jvm_overhead
from sparkles.emr.cost.tables import throughput_table

__all__ = ["check_spark", "properties_of"]

_INTERPRETERS = ("PYSPARK_PYTHON", "PYSPARK_DRIVER_PYTHON")
_SIZE = re.compile(r"(\d+)([kmgt]?)b?", re.IGNORECASE)
_MIB = {"k": 1 / 1024, "m": 1.0, "g": 1024.0, "t": 1024.0**2}


def check_spark(request: Request) -> Iterator[Finding]:
    """Check the Spark settings in a ``run_job_flow`` request of the right shape.

    Yields
    ------
    Finding
    """
    spark = properties_of(request, "spark")
    if spark.get("maximizeResourceAllocation", "false").lower() == "true":
        yield Finding(
            "Configurations[spark].maximizeResourceAllocation",
            "starts one large executor per node and leaves no memory outside the heap for Python; "
            "remove it and use the sizes that `sparkles emr size` prints",
        )
    defaults = properties_of(request, "spark-defaults")
    yield from _check_batch(defaults)
    yield from _check_sizes(request, defaults)
    yield from _check_python(request)


def properties_of(request: Request, classification: str, inner: str = "") -> dict[str, str]:
    """Return the properties of a classification, or of one nested in it, from all its entries."""
    found: dict[str, str] = {}
    for entry in request.get("Configurations", []):
        if entry.get("Classification") != classification:
            continue
        if not inner:
            found |= entry.get("Properties", {})
        for nested in entry.get("Configurations", []):
            if inner and nested.get("Classification") == inner:
                found |= nested.get("Properties", {})
    return found


def _check_batch(defaults: Mapping[str, str]) -> Iterator[Finding]:
    where = "Configurations[spark-defaults]"
    if defaults.get("spark.dynamicAllocation.enabled", "true").lower() != "false":
        yield Finding(
            f"{where}.spark.dynamicAllocation.enabled",
            "is on by default on EMR and removes executors between stages, together with the "
            "network that each has loaded; set it to 'false'",
        )
    elif "spark.executor.instances" not in defaults:
        yield Finding(
            f"{where}.spark.executor.instances",
            "is missing: without dynamic allocation, Spark starts two executors, however many "
            "nodes there are",
        )
    if defaults.get("spark.speculation", "false").lower() == "true":
        yield Finding(
            f"{where}.spark.speculation", "would run photos through the network twice; remove it"
        )
    if defaults.get("spark.task.cpus", "1") != "1":
        yield Finding(
            f"{where}.spark.task.cpus",
            "one core per task is fastest: each core runs its own copy of the network",
            is_error=False,
        )


def _check_sizes(request: Request, defaults: Mapping[str, str]) -> Iterator[Finding]:
    where = "Configurations[spark-defaults]"
    sizes: dict[str, float] = {}
    for name in ("spark.executor.memory", "spark.executor.memoryOverhead",
                 "spark.executor.pyspark.memory"):  # fmt: skip
        if name not in defaults:
            continue
        size = _mib(defaults[name])
        if size is None:
            yield Finding(
                f"{where}.{name}", f"expected a size such as 4g or 4096m, got {defaults[name]!r}"
            )
            return
        sizes[name] = size
    cores_text = defaults.get("spark.executor.cores", "")
    if not cores_text.isdigit() or "spark.executor.memory" not in sizes:
        yield Finding(
            where,
            "expected spark.executor.cores and spark.executor.memory; `sparkles emr size` prints "
            "them",
        )
        return
    cores, heap = int(cores_text), sizes["spark.executor.memory"]
    overhead = sizes.get("spark.executor.memoryOverhead", jvm_overhead(heap))
    workers = math.ceil(cores * throughput_table()["worker_mb"])
    if overhead < workers:
        yield Finding(
            f"{where}.spark.executor.memoryOverhead",
            f"{overhead:,.0f} MiB cannot hold {cores} Python workers of "
            f"{workers // cores:,} MiB each: YARN would kill the container; expected "
            f"{workers:,} or more",
        )
    container = heap + overhead + sizes.get("spark.executor.pyspark.memory", 0)
    yield from _check_fit(request, cores, container)


def _check_fit(request: Request, cores: int, container: float) -> Iterator[Finding]:
    for group in groups_of(request["Instances"]):
        if group.role == "MASTER":
            continue
        for name in group.types:
            node = instances().get(name)
            if node is None:
                yield Finding(
                    group.where,
                    f"Sparkles has no memory size for {name}, so whether executors fit it was not "
                    "checked",
                    is_error=False,
                )
                continue
            if container > node.yarn_mb:
                yield Finding(
                    group.where,
                    f"an executor's container of {container:,.0f} MiB does not fit {name}, where "
                    f"YARN allocates {node.yarn_mb:,}; see `sparkles emr size --instance {name}`",
                )
            if cores > node.vcpu:
                yield Finding(
                    group.where,
                    f"an executor of {cores} cores does not fit {name} ({node.vcpu} vCPU)",
                )


def _check_python(request: Request) -> Iterator[Finding]:
    release = releases().get(request.get("ReleaseLabel", ""))
    exported = properties_of(request, "spark-env", "export")
    for name in _INTERPRETERS:
        where = f"Configurations[spark-env].export.{name}"
        interpreter = exported.get(name)
        if interpreter is None:
            yield Finding(
                where, "is missing: Spark would run the system's Python, which has no Sparkles"
            )
            continue
        version = re.search(r"python(\d+\.\d+)$", interpreter)
        if version and version[1] != PYTHON:
            yield Finding(where, f"expected Python {PYTHON}, got {interpreter}")
        elif interpreter in ("/usr/bin/python3", "python3") and release is not None:
            yield Finding(
                where,
                f"{interpreter} is Python {release.default_python} on {release.label} and has no "
                f"Sparkles; expected the bootstrap action's {INTERPRETER}",
            )
    if len({exported.get(name) for name in _INTERPRETERS}) > 1:
        yield Finding(
            "Configurations[spark-env].export", "driver and workers must run the same Python"
        )
    livy = any(each.get("Name", "").lower() == "livy" for each in request.get("Applications", []))
    if livy and "PYSPARK_PYTHON" not in properties_of(request, "livy-env", "export"):
        yield Finding(
            "Configurations[livy-env].export.PYSPARK_PYTHON",
            "is missing: notebooks would run the system's Python",
        )


def _mib(text: str) -> float | None:
    match = _SIZE.fullmatch(text.strip())
    return int(match[1]) * _MIB[match[2].lower() or "m"] if match else None
