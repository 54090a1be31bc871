"""Executor sizes that fit the nodes, by arithmetic that anyone can check."""

from __future__ import annotations

import math
from dataclasses import dataclass

from sparkles.emr.cost.catalog import Instance
from sparkles.emr.cost.tables import throughput_table
from sparkles.errors import SettingsError

__all__ = ["Sizing", "jvm_overhead", "size"]

_CORES = 4  # per executor: enough to share a heap, few enough that losing a container costs little
_HEAP_PER_CORE = 1024
_LEAST_HEAP_PER_CORE = 512
_WORKER_MARGIN = 1.3  # times the measured resident size, because photos differ
_JVM_SHARE, _JVM_LEAST = 0.10, 384  # the JVM's memory outside the heap: Spark's default
_APPLICATION_MASTER = 1024  # MiB in client mode: 512 of heap + 384 of overhead, rounded up
_ROUND = 256  # MiB
_TASKS_PER_CORE = 3


@dataclass(frozen=True)
class Sizing:
    """The number and size of the executors on given nodes.

    Attributes
    ----------
    instance, count
        The type and number of the nodes that run executors.
    cores, heap_mb, overhead_mb
        Cores, Java heap and memory outside the heap of one executor; sizes in MiB.
    per_node
        Executors on each node.
    partitions
        Shuffle partitions: three tasks per core.
    worker_mb
        The resident size of one Python worker that the calculation used, in MiB.
    """

    instance: Instance
    count: int
    cores: int
    heap_mb: int
    overhead_mb: int
    per_node: int
    partitions: int
    worker_mb: int

    @property
    def executors(self) -> int:
        """Executors on all nodes together."""
        return self.per_node * self.count

    @property
    def container_mb(self) -> int:
        """Memory that YARN must grant for one executor, in MiB."""
        return self.heap_mb + self.overhead_mb

    def spark_properties(self) -> dict[str, str]:
        """Return the properties for ``spark-defaults``: sizes, and what batch jobs need."""
        return {
            "spark.executor.instances": str(self.executors),
            "spark.executor.cores": str(self.cores),
            "spark.executor.memory": f"{self.heap_mb}m",
            "spark.executor.memoryOverhead": f"{self.overhead_mb}m",
            "spark.task.cpus": "1",
            "spark.sql.shuffle.partitions": str(self.partitions),
            "spark.default.parallelism": str(self.partitions),
            "spark.driver.memory": "4g",
            "spark.dynamicAllocation.enabled": "false",
            "spark.speculation": "false",
            "spark.python.worker.reuse": "true",
            "spark.task.maxFailures": "8",
        }

    def arithmetic(self) -> str:
        """Format each number together with its calculation."""
        node, used = self.instance, self.per_node * self.container_mb
        workers = math.ceil(self.cores * self.worker_mb * _WORKER_MARGIN)
        fit = (node.yarn_mb - _APPLICATION_MASTER) // self.container_mb
        rows = [
            ("node", f"{node.name}: {node.vcpu} vCPU, {node.gib} GiB, of which YARN "
                     f"allocates {node.yarn_mb:,} MiB"),
            ("cores", f"{self.cores} per executor, 1 per task: each core runs one Python worker"),
            ("heap", f"{self.heap_mb:,} MiB = {self.cores} cores x "
                     f"{self.heap_mb // self.cores:,} MiB"),
            ("workers", f"{workers:,} MiB = {self.cores} workers x {self.worker_mb:,} MiB resident "
                        f"x {_WORKER_MARGIN}"),
            ("JVM", f"{jvm_overhead(self.heap_mb):,} MiB outside the heap = the greater of "
                    f"{_JVM_LEAST} and {_JVM_SHARE:.0%} of it"),
            ("memoryOverhead", f"{self.overhead_mb:,} MiB = workers + JVM, rounded up to "
                               f"{_ROUND}"),
            ("container", f"{self.container_mb:,} MiB = heap + memoryOverhead"),
            ("by memory", f"{fit} per node = ({node.yarn_mb:,} - {_APPLICATION_MASTER:,} for the "
                          f"application master) / {self.container_mb:,}"),
            ("by cores", f"{node.vcpu // self.cores} per node = {node.vcpu} / {self.cores}"),
            ("executors", f"{self.executors} = {self.per_node} per node x {self.count} nodes, "
                          f"{self.executors * self.cores} cores"),
            ("memory used", f"{used:,} of {node.yarn_mb:,} MiB per node "
                            f"({used / node.yarn_mb:.0%})"),
            ("partitions", f"{self.partitions} = {self.executors * self.cores} cores x "
                           f"{_TASKS_PER_CORE}"),
        ]  # fmt: skip
        return "\n".join(f"  {name:<15} {text}" for name, text in rows)


def size(instance: Instance, count: int, worker_mb: int | None = None) -> Sizing:
    """Fit executors to nodes, so that every core is busy and the workers have enough memory.

    Parameters
    ----------
    instance
        The type of the nodes that run executors (core and task nodes).
    count
        The number of these nodes.
    worker_mb
        Resident size of one Python worker in MiB, as a pilot measures it. The default is
        InceptionV3's.

    Raises
    ------
    SettingsError
        If no executor fits on a node.

    Examples
    --------
    >>> from sparkles.emr.cost.catalog import find_instance
    >>> fitted = size(find_instance("r5.4xlarge"), 3, worker_mb=700)
    >>> fitted.executors, fitted.cores, fitted.heap_mb, fitted.overhead_mb
    (12, 4, 4096, 4096)
    """
    if count < 1:
        raise SettingsError(f"count: expected 1 node or more, got {count}")
    worker_mb = throughput_table()["worker_mb"] if worker_mb is None else worker_mb
    if worker_mb < 1:
        raise SettingsError(f"worker_mb: expected a size in MiB, got {worker_mb}")
    by_cores = max(1, instance.vcpu // _CORES)
    best: tuple[int, int, int] | None = None
    for per_core in range(_HEAP_PER_CORE, _LEAST_HEAP_PER_CORE - 1, -128):
        heap = per_core * _CORES
        overhead = _overhead(heap, worker_mb)
        fit = min(by_cores, (instance.yarn_mb - _APPLICATION_MASTER) // (heap + overhead))
        if fit and (best is None or fit > best[0]):
            best = (fit, heap, overhead)  # a smaller heap only where more executors fit with it
    if best is None:
        least = _LEAST_HEAP_PER_CORE * _CORES
        raise SettingsError(
            f"{instance.name}: an executor of {_CORES} cores needs at least "
            f"{least + _overhead(least, worker_mb):,} MiB, and YARN can allocate only "
            f"{instance.yarn_mb - _APPLICATION_MASTER:,}; use a type with more memory"
        )
    per_node, heap, overhead = best
    partitions = per_node * count * _CORES * _TASKS_PER_CORE
    return Sizing(instance, count, _CORES, heap, overhead, per_node, partitions, worker_mb)


def jvm_overhead(heap_mb: float) -> int:
    """Return the memory that Spark reserves for a JVM outside its heap, in MiB.

    Examples
    --------
    >>> jvm_overhead(1024), jvm_overhead(8192)
    (384, 820)
    """
    return max(_JVM_LEAST, math.ceil(heap_mb * _JVM_SHARE))


def _overhead(heap: int, worker_mb: int) -> int:
    needed = math.ceil(_CORES * worker_mb * _WORKER_MARGIN) + jvm_overhead(heap)
    return math.ceil(needed / _ROUND) * _ROUND
