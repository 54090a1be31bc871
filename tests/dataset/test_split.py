"""The split by hash, against a computation by hand."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from sparkles.choices import Split
from sparkles.dataset import split_column, split_of
from sparkles.errors import SettingsError
from sparkles.settings import SplitPolicy
from tests.tables import made_table

POLICIES = [
    SplitPolicy(),
    SplitPolicy(test_fraction=0.25, validation_fraction=0.25, seed=7),
    SplitPolicy(test_fraction=0.0, validation_fraction=0.5, seed=2**63 - 1),
    SplitPolicy(test_fraction=0.0),
]


def part_by_hand(image_id: str, policy: SplitPolicy) -> str:
    """Compute the part from the first 52 bits of SHA-256, as an exact fraction of 2**52."""
    digest = hashlib.sha256(f"{policy.seed}:{image_id}".encode()).digest()
    position = Fraction(int.from_bytes(digest[:7], "big") >> 4, 2**52)
    if position < Fraction(policy.test_fraction):
        return "test"
    return (
        "validation"
        if position < Fraction(policy.test_fraction + policy.validation_fraction)
        else "train"
    )


def split_by_spark(spark: SparkSession, ids: Sequence[str], policy: SplitPolicy) -> list[str]:
    table = made_table(spark, "place int, image_id string", enumerate(ids))
    rows = table.select("place", split_column(policy).alias("split")).collect()
    return [row["split"] for row in sorted(rows)]


IDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@settings(max_examples=8)
@given(st.lists(IDS, min_size=30, max_size=200), st.sampled_from(POLICIES))
def test_spark_and_python_and_a_computation_by_hand_agree(
    spark: SparkSession, ids: list[str], policy: SplitPolicy
) -> None:
    expected = [part_by_hand(image_id, policy) for image_id in ids]
    assert [split_of(image_id, policy) for image_id in ids] == expected
    assert split_by_spark(spark, ids, policy) == expected


@given(IDS, st.floats(0, 0.49), st.floats(0, 0.49), st.integers(0, 2**63 - 1))
def test_python_agrees_with_a_computation_by_hand(
    image_id: str, test: float, validation: float, seed: int
) -> None:
    policy = SplitPolicy(test_fraction=test, validation_fraction=validation, seed=seed)
    assert split_of(image_id, policy) == part_by_hand(image_id, policy)


def test_known_hashes_give_the_expected_parts() -> None:
    # printf 0:a | sha256sum  =>  9df3c5..., and so on
    for seed, digits in {0: 0x9DF3C5, 1: 0x4162FD, 2: 0xF2B2FB, 3: 0x3D95C5}.items():
        below, above = digits / 16**6, (digits + 1) / 16**6
        assert split_of("a", SplitPolicy(test_fraction=below, seed=seed)) == Split.TRAIN
        assert split_of("a", SplitPolicy(test_fraction=above, seed=seed)) == Split.TEST
        assert (
            split_of("a", SplitPolicy(test_fraction=0.0, validation_fraction=above, seed=seed))
            == Split.VALIDATION
        )


def test_split_depends_on_the_image_id_alone(spark: SparkSession) -> None:
    policy = SplitPolicy(test_fraction=0.3, validation_fraction=0.2)
    table = spark.range(500).select(F.concat(F.lit("id"), "id").alias("image_id"))
    orders = [
        table,
        table.repartition(7),
        table.orderBy(F.desc("image_id")),
        table.union(table),  # each image twice
        table.where(F.col("image_id") > "id3"),  # fewer images
    ]
    seen: dict[str, str] = {}
    for order in orders:
        for row in order.select("image_id", split_column(policy).alias("split")).collect():
            assert seen.setdefault(row["image_id"], row["split"]) == row["split"]
    assert seen == {image_id: part_by_hand(image_id, policy) for image_id in seen}
    assert len(seen) == 500


@pytest.mark.parametrize("seed", [0, 1])
def test_parts_have_their_shares_of_the_images(seed: int) -> None:
    policy = SplitPolicy(test_fraction=0.3, validation_fraction=0.1, seed=seed)
    parts = [split_of(f"{number:016x}", policy) for number in range(10_000)]
    for part, share in ((Split.TEST, 0.3), (Split.VALIDATION, 0.1), (Split.TRAIN, 0.6)):
        deviation = math.sqrt(10_000 * share * (1 - share))
        assert abs(parts.count(part) - 10_000 * share) < 4 * deviation


def test_different_seeds_give_independent_splits() -> None:
    ids = [f"{number:016x}" for number in range(1000)]
    first, second = (
        {image_id for image_id in ids if split_of(image_id, SplitPolicy(seed=seed)) == Split.TEST}
        for seed in (0, 1)
    )
    # Independent test parts of 0.3 share 0.09 of 1,000; four standard deviations are 36.
    assert abs(len(first & second) - 90) < 36


@pytest.mark.parametrize(("test", "validation"), [(1.0, 0.0), (0.0, 1.0), (0.5, 0.5), (0.9, 0.2)])
def test_fractions_that_leave_nothing_for_training_are_refused(
    test: float, validation: float
) -> None:
    with pytest.raises(SettingsError, match="add up to less than 1") as caught:
        SplitPolicy(test_fraction=test, validation_fraction=validation)
    assert caught.value.settings == ("test_fraction", "validation_fraction")


@pytest.mark.parametrize(
    ("test", "validation", "wrong"),
    [
        (-0.1, 0.0, "test_fraction"),
        (0.3, -0.1, "validation_fraction"),
        (math.nan, 0.0, "test_fraction"),
        (0.3, math.nan, "validation_fraction"),
        (math.inf, 0.0, "test_fraction"),
    ],
)
def test_a_fraction_that_is_none_is_refused_by_name(
    test: float, validation: float, wrong: str
) -> None:
    with pytest.raises(SettingsError, match="expected a number from 0 to 1, got") as caught:
        SplitPolicy(test_fraction=test, validation_fraction=validation)
    assert caught.value.settings == (wrong,)


@pytest.mark.parametrize(("test", "validation"), [(0.0, 0.0), (0.999, 0.0), (0.5, 0.49)])
def test_fractions_that_leave_something_are_accepted(test: float, validation: float) -> None:
    assert SplitPolicy(test_fraction=test, validation_fraction=validation).test_fraction == test
