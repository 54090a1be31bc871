import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkles.emr.cost.catalog import find_instance, instances
from sparkles.emr.cost.sizing import size
from sparkles.errors import SettingsError


def test_by_hand():
    # 4 workers x 740 MiB x 1.3 = 3,848; the JVM beside its heap of 4,096: a tenth, 410.
    # 3,848 + 410 = 4,258, rounded up to 256: 4,352. By memory 14 would fit, by cores 4.
    fitted = size(find_instance("r5.4xlarge"), 3, worker_mb=740)
    assert (fitted.cores, fitted.heap_mb, fitted.overhead_mb) == (4, 4096, 4352)
    assert (fitted.per_node, fitted.executors, fitted.partitions) == (4, 12, 144)
    shown = fitted.arithmetic()
    assert "3,848 MiB = 4 workers x 740 MiB resident x 1.3" in shown
    assert "12 = 4 a node x 3 nodes, 48 cores" in shown


def test_heap_gives_way_where_memory_is_short():
    # c7i.8xlarge: 54,272 MiB for 32 vCPU; 8 executors fit only with less heap than 1 GiB a core.
    fitted = size(find_instance("c7i.8xlarge"), 1, worker_mb=740)
    assert fitted.per_node == 8
    assert 2048 <= fitted.heap_mb < 4096
    assert fitted.per_node * fitted.container_mb <= 54_272 - 1024


def test_large_networks_take_fewer_executors():
    assert size(find_instance("m7i.4xlarge"), 1, worker_mb=2500).per_node == 3


@given(
    instance=st.sampled_from(list(instances().values())),
    count=st.integers(1, 200),
    worker_mb=st.integers(100, 4000),
)
def test_containers_fit_their_node_or_it_is_refused(instance, count, worker_mb):
    least = -(-(4 * worker_mb * 13 // 10 + 384) // 256) * 256 + 4 * 512
    if least > instance.yarn_mb - 1024:
        with pytest.raises(SettingsError, match="take a type with more memory"):
            size(instance, count, worker_mb)
        return
    fitted = size(instance, count, worker_mb)
    assert fitted.per_node * fitted.container_mb + 1024 <= instance.yarn_mb
    assert fitted.per_node * fitted.cores <= instance.vcpu
    assert fitted.overhead_mb >= fitted.cores * worker_mb * 1.3
    assert fitted.executors == fitted.per_node * count
    assert all(isinstance(value, str) for value in fitted.spark_properties().values())


@pytest.mark.parametrize(
    ("count", "worker_mb", "said"),
    [(0, 740, "--count: expected 1"), (-1, 740, "--count"), (1, 0, "--worker-mb: expected a size")],
)
def test_senseless_numbers(count, worker_mb, said):
    with pytest.raises(SettingsError, match=said):
        size(find_instance("r5.xlarge"), count, worker_mb)


def test_nodes_that_are_too_small():
    small = dataclasses.replace(find_instance("m4.xlarge"), name="tiny", yarn_mb=4096)
    with pytest.raises(SettingsError, match=r"tiny: an executor of 4 cores needs at least 6,400 "):
        size(small, 1, worker_mb=740)
