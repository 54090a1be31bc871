"""Pairs of classes in the same images, by hand, by sets and by pandas."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from sparkles.exploration.census import gather_images
from sparkles.exploration.co_occurrence import CoOccurrence, count_together, strongest_pairs
from sparkles.exploration.frequent import frequent_classes
from sparkles.settings import LabelPolicy
from sparkles.sources import read_labels
from sparkles.sources.label_rows import mark_rows
from tests.exploration.made_images import images_table

CAR, WHEEL, TREE = range(3)


@pytest.fixture(scope="module")
def found(spark: SparkSession) -> CoOccurrence:
    return count_together(images_table(spark), ["car", "wheel", "tree"], 5)


def test_pairs_by_hand(found: CoOccurrence) -> None:
    assert found.together.tolist() == [[3, 2, 1], [2, 2, 1], [1, 1, 2]]
    assert found.alone.tolist() == [3, 2, 2]


def test_measures_by_hand(found: CoOccurrence) -> None:
    # Car and wheel: two images have both, three either; by chance 3/5 x 2/5 of five would.
    assert found.jaccard()[CAR, WHEEL] == pytest.approx(2 / 3)
    assert found.jaccard()[CAR, TREE] == pytest.approx(1 / 4)
    assert found.lift()[CAR, WHEEL] == pytest.approx(2 / (5 * 3 / 5 * 2 / 5))
    assert found.lift()[CAR, TREE] == pytest.approx(5 * 1 / (3 * 2))


def test_strongest_pairs_come_first_and_share_images(found: CoOccurrence) -> None:
    (first, second) = strongest_pairs(found, found.jaccard(), 2)
    assert (first["a"], first["b"], first["together"]) == (CAR, WHEEL, 2)
    assert (second["a"], second["b"]) == (WHEEL, TREE)  # 1/3, before car and tree with 1/4
    apart = CoOccurrence(["x", "y"], 2, np.eye(2, dtype=np.int64))
    assert strongest_pairs(apart, apart.jaccard(), 5) == []


@given(st.lists(st.sets(st.integers(0, 4)), min_size=1, max_size=40))
def test_measures_are_those_of_the_sets_of_images(images: list[set[int]]) -> None:
    together = np.zeros((5, 5), dtype=np.int64)
    for image in images:
        for a, b in itertools.product(image, repeat=2):
            together[a, b] += 1
    total = sum(bool(image) for image in images)
    found = CoOccurrence(list("abcde"), total, together)
    jaccard, lift = found.jaccard(), found.lift()
    for measure in (jaccard, lift):
        assert np.array_equal(measure, measure.T)
        assert np.isfinite(measure).all()
        assert np.array_equal(measure > 0, together > 0)
    assert (jaccard <= 1).all()
    present = np.diag(together) > 0
    assert (np.diag(jaccard)[present] == 1).all()
    for a, b in itertools.combinations(range(5), 2):
        with_a = {n for n, image in enumerate(images) if a in image}
        with_b = {n for n, image in enumerate(images) if b in image}
        if with_a and with_b:
            assert jaccard[a, b] == pytest.approx(len(with_a & with_b) / len(with_a | with_b))
            chance = len(with_a) / total * len(with_b) / total
            assert lift[a, b] == pytest.approx(len(with_a & with_b) / total / chance)


def test_lift_does_not_overflow() -> None:
    huge = 6_000_000_000
    found = CoOccurrence(["a", "b"], huge, np.array([[huge, huge], [huge, huge]]))
    assert found.lift()[0, 1] == pytest.approx(1.0)


def test_real_labels_are_paired_as_pandas_pairs_them(spark: SparkSession, data: Path) -> None:
    path = data / "open_images" / "test-split-labels-only.csv"
    rows = mark_rows(read_labels(spark, str(path)), LabelPolicy())
    images = gather_images(rows).cache()
    mids = [count.mid for count in frequent_classes(images, 48)]
    table = pd.read_csv(path)
    positive = table[table.Confidence == 1]
    assert sorted(positive.LabelName.value_counts().head(48)) == sorted(
        positive.LabelName.value_counts()[mids]
    )
    marked = pd.crosstab(positive.ImageID, positive.LabelName)[mids].clip(upper=1)
    found = count_together(images, mids, len(marked))
    assert np.array_equal(found.together, marked.T.to_numpy() @ marked.to_numpy())
