"""Sizes of executors, against values computed by hand."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkles.emr.cost.catalog import Instance, find_instance, instances
from sparkles.emr.cost.sizing import size
from sparkles.errors import SettingsError


def test_sizes_by_hand() -> None:
    # 4 workers x 740 MiB x 1.3 = 3,848; the JVM outside its heap of 4,096: a tenth, 410.
    # 3,848 + 410 = 4,258, rounded up to 256: 4,352. 14 would fit by memory, 4 by cores.
    fitted = size(find_instance("r5.4xlarge"), 3, worker_mb=740)
    assert (fitted.cores, fitted.heap_mb, fitted.overhead_mb) == (4, 4096, 4352)
    assert (fitted.per_node, fitted.executors, fitted.partitions) == (4, 12, 144)
    shown = fitted.arithmetic()
    assert "3,848 MiB = 4 workers x 740 MiB resident x 1.3" in shown
    assert "12 = 4 per node x 3 nodes, 48 cores" in shown


def test_the_heap_shrinks_where_memory_is_short() -> None:
    # c7i.8xlarge: 54,272 MiB for 32 vCPU; 8 executors fit only with less than 1 GiB of heap a core.
    fitted = size(find_instance("c7i.8xlarge"), 1, worker_mb=740)
    assert fitted.per_node == 8
    assert 2048 <= fitted.heap_mb < 4096
    assert fitted.per_node * fitted.container_mb <= 54_272 - 1024


def test_large_networks_get_fewer_executors() -> None:
    assert size(find_instance("m7i.4xlarge"), 1, worker_mb=2500).per_node == 3


@given(
    instance=st.sampled_from(list(instances().values())),
    count=st.integers(1, 200),
    worker_mb=st.integers(100, 4000),
)
def test_containers_fit_their_node_or_it_is_an_error(
    instance: Instance, count: int, worker_mb: int
) -> None:
    least = -(-(4 * worker_mb * 13 // 10 + 384) // 256) * 256 + 4 * 512
    if least > instance.yarn_mb - 1024:
        with pytest.raises(SettingsError, match="use a type with more memory"):
            size(instance, count, worker_mb)
        return
    fitted = size(instance, count, worker_mb)
    assert fitted.per_node * fitted.container_mb + 1024 <= instance.yarn_mb
    assert fitted.per_node * fitted.cores <= instance.vcpu
    assert fitted.overhead_mb >= fitted.cores * worker_mb * 1.3
    assert fitted.executors == fitted.per_node * count
    assert all(isinstance(value, str) for value in fitted.spark_properties().values())


@pytest.mark.parametrize(
    ("count", "worker_mb", "message"),
    [(0, 740, "^count: expected 1"), (-1, 740, "^count"), (1, 0, "^worker_mb: expected a size")],
)
def test_impossible_numbers_are_errors(count: int, worker_mb: int, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        size(find_instance("r5.xlarge"), count, worker_mb)


def test_a_node_that_is_too_small_is_an_error() -> None:
    small = dataclasses.replace(find_instance("m4.xlarge"), name="tiny", yarn_mb=4096)
    with pytest.raises(SettingsError, match=r"tiny: an executor of 4 cores needs at least 6,400 "):
        size(small, 1, worker_mb=740)
