"""The tables of instance types and releases, against botocore and EMR's documentation."""

from __future__ import annotations

import pytest

from sparkles.emr.config.shape import instance_types
from sparkles.emr.cost.catalog import Instance, find_instance, find_release, instances, releases
from sparkles.errors import SettingsError


def test_every_type_exists_in_ec2() -> None:
    assert set(instances()) <= instance_types()


@pytest.mark.parametrize("instance", instances().values(), ids=lambda each: each.name)
def test_yarn_memory_follows_the_documented_rule(instance: Instance) -> None:
    # Documented types: GiB x 1024 - 8192 above 32 GiB, three quarters of the memory up to 32 GiB.
    # Newer types reserve somewhat more for the system.
    ruled = instance.gib * 768 if instance.gib <= 32 else instance.gib * 1024 - 8192
    newer = instance.name.startswith(("m7i", "r7i", "c7i", "g5"))
    assert (ruled * 0.85 <= instance.yarn_mb <= ruled) if newer else instance.yarn_mb == ruled


def test_unknown_fees_are_marked_as_assumed() -> None:
    known, unknown = find_instance("r5.4xlarge"), find_instance("m7i.4xlarge")
    assert (known.emr, known.emr_assumed) == (0.252, False)
    assert unknown.emr == pytest.approx(0.8064 / 4)
    assert unknown.emr_assumed


def test_releases_include_our_python() -> None:
    assert [each.spark[0] for each in releases().values()] == ["3", "4"]
    assert all("3.11" in each.pythons for each in releases().values())


@pytest.mark.parametrize("name", ["r5.4xlage", "banana", ""])
def test_an_unknown_type_lists_the_known_ones(name: str) -> None:
    with pytest.raises(SettingsError, match=r"not in the table of 2026.*Known: m4.xlarge"):
        find_instance(name)


def test_an_unknown_release_lists_the_known_ones() -> None:
    with pytest.raises(SettingsError, match=r"'banana': expected emr-7.14.0 or emr-spark-8.1.0"):
        find_release("banana")
