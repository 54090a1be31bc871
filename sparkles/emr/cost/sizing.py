"""Executors that fit their nodes: arithmetic that anyone can check."""

from __future__ import annotations

import math
from dataclasses import dataclass

from sparkles.emr.cost.catalog import Instance, read_data
from sparkles.errors import SettingsError

__all__ = ["Sizing", "size"]

_CORES = 4  # an executor: enough to share a heap, few enough that one lost container is no loss
_HEAP_PER_CORE = 1024
_LEAST_HEAP_PER_CORE = 512
_WORKER_MARGIN = 1.3  # over the measured resident size: photos differ
_JVM_SHARE, _JVM_LEAST = 0.10, 384  # the JVM's own needs beside the heap: Spark's default
_APPLICATION_MASTER = 1024  # MiB, in client mode: 512 and 384 beside, rounded up
_ROUND = 256  # MiB
_TASKS_PER_CORE = 3
_BREAK = "\n"


@dataclass(frozen=True)
class Sizing:
    """How many executors of what size run on some nodes.

    Attributes
    ----------
    instance, count
        The nodes that run executors.
    cores, heap_mb, overhead_mb
        Of one executor: cores, Java heap, and memory beside the heap in MiB.
    per_node
        Executors on each node.
    partitions
        For shuffles: three tasks a core.
    worker_mb
        Resident size of one Python worker that was reckoned with, in MiB.
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
        """On all nodes together."""
        return self.per_node * self.count

    @property
    def container_mb(self) -> int:
        """What YARN must grant for one executor."""
        return self.heap_mb + self.overhead_mb

    def spark_properties(self) -> dict[str, str]:
        """The properties of ``spark-defaults``, with every batch setting that goes with them."""
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
        """Each figure with the sum that it came from."""
        node, used = self.instance, self.per_node * self.container_mb
        workers = math.ceil(self.cores * self.worker_mb * _WORKER_MARGIN)
        fit = (node.yarn_mb - _APPLICATION_MASTER) // self.container_mb
        rows = [
            ("node", f"{node.name}: {node.vcpu} vCPU, {node.gib} GiB, YARN hands out "
                     f"{node.yarn_mb:,} MiB"),
            ("cores", f"{self.cores} an executor, 1 a task: each core runs one Python worker"),
            ("heap", f"{self.heap_mb:,} MiB = {self.cores} cores x "
                     f"{self.heap_mb // self.cores:,} MiB"),
            ("workers", f"{workers:,} MiB = {self.cores} workers x {self.worker_mb:,} MiB resident "
                        f"x {_WORKER_MARGIN}"),
            ("JVM", f"{_jvm(self.heap_mb):,} MiB beside the heap = the greater of {_JVM_LEAST} and "
                    f"{_JVM_SHARE:.0%} of it"),
            ("memoryOverhead", f"{self.overhead_mb:,} MiB = workers + JVM, rounded up to "
                               f"{_ROUND}"),
            ("container", f"{self.container_mb:,} MiB = heap + memoryOverhead"),
            ("by memory", f"{fit} a node = ({node.yarn_mb:,} - {_APPLICATION_MASTER:,} for the "
                          f"application master) / {self.container_mb:,}"),
            ("by cores", f"{node.vcpu // self.cores} a node = {node.vcpu} / {self.cores}"),
            ("executors", f"{self.executors} = {self.per_node} a node x {self.count} nodes, "
                          f"{self.executors * self.cores} cores"),
            ("memory used", f"{used:,} of {node.yarn_mb:,} MiB a node ({used / node.yarn_mb:.0%})"),
            ("partitions", f"{self.partitions} = {self.executors * self.cores} cores x "
                           f"{_TASKS_PER_CORE}"),
        ]  # fmt: skip
        return _BREAK.join(f"  {name:<15} {text}" for name, text in rows)


def size(instance: Instance, count: int, worker_mb: int | None = None) -> Sizing:
    """Fit executors to nodes: every core busy, no more memory than the workers need.

    Parameters
    ----------
    instance
        The type of the nodes that run executors (core and task nodes).
    count
        How many of them.
    worker_mb
        Resident size of one Python worker in MiB, as a pilot measures it; default: InceptionV3's.

    Raises
    ------
    SettingsError
        If not one executor fits.

    Examples
    --------
    >>> from sparkles.emr.cost.catalog import find_instance
    >>> fitted = size(find_instance("r5.4xlarge"), 3, worker_mb=700)
    >>> fitted.executors, fitted.cores, fitted.heap_mb, fitted.overhead_mb
    (12, 4, 4096, 4096)
    """
    if count < 1:
        raise SettingsError(f"--count: expected 1 node or more, got {count}")
    worker_mb = read_data("throughput.json")["worker_mb"] if worker_mb is None else worker_mb
    if worker_mb < 1:
        raise SettingsError(f"--worker-mb: expected a size in MiB, got {worker_mb}")
    by_cores = max(1, instance.vcpu // _CORES)
    best: tuple[int, int, int] | None = None
    for per_core in range(_HEAP_PER_CORE, _LEAST_HEAP_PER_CORE - 1, -128):
        heap = per_core * _CORES
        overhead = _overhead(heap, worker_mb)
        fit = min(by_cores, (instance.yarn_mb - _APPLICATION_MASTER) // (heap + overhead))
        if fit and (best is None or fit > best[0]):
            best = (fit, heap, overhead)  # a smaller heap only where it makes room for more
    if best is None:
        least = _LEAST_HEAP_PER_CORE * _CORES
        raise SettingsError(
            f"{instance.name}: an executor of {_CORES} cores needs at least "
            f"{least + _overhead(least, worker_mb):,} MiB and YARN hands out "
            f"{instance.yarn_mb - _APPLICATION_MASTER:,}; take a type with more memory"
        )
    per_node, heap, overhead = best
    partitions = per_node * count * _CORES * _TASKS_PER_CORE
    return Sizing(instance, count, _CORES, heap, overhead, per_node, partitions, worker_mb)


def _jvm(heap: int) -> int:
    return max(_JVM_LEAST, math.ceil(heap * _JVM_SHARE))


def _overhead(heap: int, worker_mb: int) -> int:
    needed = math.ceil(_CORES * worker_mb * _WORKER_MARGIN) + _jvm(heap)
    return math.ceil(needed / _ROUND) * _ROUND
