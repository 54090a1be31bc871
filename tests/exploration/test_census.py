"""Label rows counted by what they state, and gathered by image."""

from __future__ import annotations

import collections
from pathlib import Path

import pandas as pd
import pytest
from pyspark.sql import DataFrame, SparkSession

from sparkles.exploration.census import RowCensus, count_rows, describe_rows, gather_images
from sparkles.exploration.per_image import describe_images
from sparkles.settings import LabelPolicy
from sparkles.sources import read_labels
from sparkles.sources.label_rows import mark_rows
from tests.dataset.made_labels import LABELS, ROWS
from tests.tables import made_table


@pytest.fixture(scope="module")
def labels(spark: SparkSession) -> DataFrame:
    return made_table(spark, LABELS, ROWS).cache()


def census_of(labels: DataFrame, policy: LabelPolicy | None = None) -> RowCensus:
    return describe_rows(count_rows(mark_rows(labels, policy or LabelPolicy())))


def test_rows_are_counted_by_what_they_state(labels: DataFrame) -> None:
    found = census_of(labels)["rows"]
    # Counted by hand in made_labels: g and the tree of b are negative, h has 0.6.
    assert found == {
        "read": len(ROWS),
        "positive": 14,
        "negative": 2,
        "unsure": 1,
        "other_sources": 0,
        "malformed": 6,
    }


def test_policy_decides_on_sources_and_confidence(labels: DataFrame) -> None:
    found = census_of(labels, LabelPolicy(min_confidence=0.5, sources=("machine",)))["rows"]
    assert found["positive"] == 3  # d, a and now h
    assert found["malformed"] == 6  # of whatever source
    assert found["other_sources"] == len(ROWS) - 3 - 6
    assert sum(found.values()) == 2 * len(ROWS)


def test_classes_and_sources_are_counted(labels: DataFrame) -> None:
    found = census_of(labels)
    assert found["classes"] == {"named": 4, "positive": 4, "negative": 2}
    by_source = {one["source"]: one for one in found["sources"]}
    assert by_source.keys() == {"verification", "crowdsource-verification", "machine", None}
    machine = by_source["machine"]
    assert (machine["positive"], machine["unsure"], machine["rows"]) == (2, 1, 3)
    counted = collections.Counter(row[1] for row in ROWS)
    assert {source: one["rows"] for source, one in by_source.items()} == counted
    assert [one["rows"] for one in found["sources"]] == sorted(counted.values(), reverse=True)


def test_sources_that_do_not_count_are_listed_as_such(labels: DataFrame) -> None:
    sources = census_of(labels, LabelPolicy(sources=("machine",)))["sources"]
    assert {one["source"] for one in sources if one["counts"]} == {"machine"}


def test_images_are_gathered_with_each_class_once(labels: DataFrame) -> None:
    rows = gather_images(mark_rows(labels, LabelPolicy())).collect()
    found = {row.image_id: (set(row.positive), set(row.negative)) for row in rows}
    assert len(rows) == len(found)
    assert found["a"] == ({"/m/car"}, set())  # by three rows
    assert found["b"] == ({"/m/car"}, {"/m/tree"})
    assert found["f"] == ({"/m/cat", "/m/tree", "/m/car"}, set())
    assert found["h"] == (set(), set())  # an image with an unsure row alone
    assert found.keys() == set("abcdefghim")  # none from a malformed row


def test_real_labels_are_counted_as_pandas_counts_them(spark: SparkSession, data: Path) -> None:
    path = data / "open_images" / "test-split-labels-only.csv"
    table = pd.read_csv(path)
    rows = mark_rows(read_labels(spark, str(path)), LabelPolicy()).cache()
    facts = describe_rows(count_rows(rows))
    assert facts["rows"]["read"] == len(table) == 13_386
    assert facts["rows"]["positive"] == (table.Confidence == 1).sum()
    assert facts["classes"]["named"] == table.LabelName.nunique()
    assert [one["source"] for one in facts["sources"]] == list(table.Source.value_counts().index)
    totals, per_image = describe_images(gather_images(rows).cache())
    assert totals["named"] == table.ImageID.nunique() == 4_510
    expected = table.drop_duplicates(["ImageID", "LabelName"]).ImageID.value_counts()
    assert dict(per_image["all"]["images"]) == dict(expected.value_counts())
    assert per_image["all"]["most"] == expected.max()
    assert per_image["all"]["mean"] == pytest.approx(expected.mean(), abs=1e-4)
    assert per_image["all"]["median"] == expected.sort_values().iloc[(len(expected) - 1) // 2]
