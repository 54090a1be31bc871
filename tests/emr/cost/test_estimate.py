"""Hours and dollars, against values computed by hand."""

from __future__ import annotations

import pytest

from sparkles.choices import Precision
from sparkles.emr.cost.catalog import Instance, find_instance
from sparkles.emr.cost.estimate import Job, compare, describe, estimate, recommend
from sparkles.emr.cost.throughput import Pilot, find_rate
from sparkles.errors import SettingsError

R5, M7I, M4, G5 = map(find_instance, ["r5.4xlarge", "m7i.4xlarge", "m4.xlarge", "g5.xlarge"])
PILOT = Pilot("ResNet50", "f32", "avx2", per_vcpu=8.0, worker_mb=600, photos=200, seconds=12.5)


def test_an_estimate_by_hand() -> None:
    found = estimate(Job(images=41_620, master="r5.xlarge"), R5, 3)
    # 48 cores x 5.67 x 0.9 = 244.9 photos/s; 41,620 photos take 169.9 s = 2.83 min.
    assert found.minutes["featurize"] == pytest.approx(41_620 / (48 * 5.67 * 0.9) / 60)
    assert found.minutes["featurize"] == pytest.approx(2.83, abs=0.01)
    hours = (8 + 0.6 + 2.832 + 3) / 60
    assert found.hours == pytest.approx(hours, abs=1e-3)
    by_hand = hours * (0.252 + 0.063 + 3 * (1.008 + 0.252) + 4 * 104 * 0.08 / 730)
    assert found.total == pytest.approx(by_hand + 41.62 * 0.0004, rel=1e-3)
    assert found.per_1000 == pytest.approx(found.total / 41.62)


def test_spot_does_not_reduce_the_fee() -> None:
    whole = estimate(Job(images=10**6), R5, 3)
    spot = estimate(Job(images=10**6, spot=2), R5, 3)
    assert whole.hours == spot.hours
    assert spot.dollars["EMR fee"] == whole.dollars["EMR fee"]
    saved = whole.total - spot.total
    assert saved == pytest.approx(whole.hours * 2 * 1.008 * 0.6)
    assert any("Spot price: 40%" in each for each in spot.assumptions)
    with pytest.raises(SettingsError, match=r"^spot: expected 0 to 3, the number of nodes, got 4"):
        estimate(Job(images=10, spot=4), R5, 3)


@pytest.mark.parametrize(
    ("precision", "cpu", "computed"),
    [("auto", M7I, "bf16"), ("auto", R5, "f32"), ("int8", M4, "int8"), ("f32", M7I, "f32")],
)
def test_precision_is_the_one_that_runs(precision: str, cpu: Instance, computed: str) -> None:
    assert estimate(Job(images=100, precision=Precision(precision)), cpu, 1).rate.precision == (
        computed
    )


def test_an_unknown_rate_is_an_error() -> None:
    with pytest.raises(SettingsError, match="bf16 needs AMX"):
        estimate(Job(images=100, precision=Precision.BF16), R5, 1)
    with pytest.raises(SettingsError, match="A10G was not measured"):
        estimate(Job(images=100), G5, 1)
    with pytest.raises(SettingsError, match="no rate is known for ResNet50; measure it with"):
        estimate(Job(images=100, network="ResNet50"), R5, 1)
    with pytest.raises(SettingsError, match=r"^images: expected 1 or more, got 0"):
        Job(images=0)


def test_a_pilot_is_used_on_its_own_cpu_and_scaled_for_others() -> None:
    job = Job(images=100, network="ResNet50", pilot=PILOT)
    same, other = estimate(job, M4, 1), estimate(job, M7I, 1)
    assert (same.rate.per_vcpu, same.rate.basis) == (8.0, "pilot")
    assert same.sizing.worker_mb == 600
    assert other.rate.per_vcpu == pytest.approx(8.0 * 21.1 / 5.67, abs=0.01)
    assert "scaled" in other.rate.basis
    with pytest.raises(SettingsError, match="the pilot measured ResNet50, not VGG16"):
        find_rate(M4, "VGG16", pilot=PILOT)


def test_a_pilot_survives_json() -> None:
    assert Pilot.from_json(PILOT.to_json()) == PILOT
    with pytest.raises(SettingsError, match="pilot: expected a file"):
        Pilot.from_json({"network": "ResNet50"})


def test_a_comparison_is_sorted_and_recommends_the_least_product() -> None:
    found = compare(Job(images=10**6), 3)
    assert [each.total for each in found] == sorted(each.total for each in found)
    assert not [each for each in found if each.sizing.instance.gpu]
    best = recommend(found)
    assert all(best.hours * best.total <= each.hours * each.total for each in found)
    assert best.rate.precision == "bf16"  # AMX is four times as fast for a fifth more
    shown = describe(found)
    assert f"recommended, by hours x dollars: {best.sizing.instance.name}" in shown
    assert "EMR fee of" in shown
    assert "2026-11-01" in shown


@pytest.mark.parametrize(("instance", "expected"), [(M7I, 28 * 21.1 / 14), (R5, 28 * 5.67 / 14)])
def test_a_pilot_in_bf16_without_amx_is_scaled(instance: Instance, expected: float) -> None:
    pilot = Pilot("SparklesDemo", "bf16", "avx512_bf16", 28.0, 600, 100, 10.0)
    rate = find_rate(instance, "SparklesDemo", pilot=pilot)
    assert rate is not None
    assert rate.per_vcpu == pytest.approx(expected, abs=0.01)
