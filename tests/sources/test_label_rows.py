"""Training's ledger and the exploration count the same rows under the same words."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from sparkles.dataset.selection import select_labels
from sparkles.errors import LabelError
from sparkles.exploration.census import count_rows, describe_rows
from sparkles.settings import LabelPolicy
from sparkles.sources import LabelClass
from sparkles.sources.label_rows import mark_rows
from tests.dataset.made_labels import CAR, CAT, LABELS, TREE
from tests.tables import made_table

Row = tuple[str | None, str | None, str | None, float | None]

WORDS = ("malformed", "other_sources", "positive", "negative", "unsure")
CHOSEN = [CAR, TREE, CAT]
MIDS = [one.mid for one in CHOSEN]


def word_for(row: Row, policy: LabelPolicy) -> str:
    """Classify a row in plain Python."""
    image_id, source, mid, confidence = row
    if not image_id or not mid or confidence is None or not 0 <= confidence <= 1:
        return "malformed"
    if policy.sources and source not in policy.sources:
        return "other_sources"
    if confidence >= policy.min_confidence:
        return "positive"
    return "negative" if confidence == 0 else "unsure"


def cells(rows: Sequence[Row]) -> list[tuple[object, ...]]:
    """Write NaN and infinities as the JSON reader of ``made_table`` takes them."""
    special = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
    return [(*row[:3], special.get(str(row[3]), row[3])) for row in rows]


IMAGE_IDS = st.sampled_from(["a", "b", "c", "ü", " ", "", None])
SOURCES = st.sampled_from(["verification", "machine", "crowdsource-verification", "", None])
CLASSES = st.sampled_from([*MIDS, "/m/dog", "", None])
CONFIDENCES = st.sampled_from([1.0, 0.0, 0.5, -0.0, math.nan, math.inf, None]) | st.floats(-2, 2)
# One list of rows is one Spark job, so it holds many cases; rows are classified one by one.
MANY_ROWS = st.lists(
    st.tuples(IMAGE_IDS, SOURCES, CLASSES, CONFIDENCES), min_size=100, max_size=200
)
POLICIES = st.builds(
    LabelPolicy,
    min_confidence=st.sampled_from([1.0, 0.5, 1e-300]),
    sources=st.sampled_from([(), ("verification",), ("machine", ""), ("nobody",)]),
)


LABEL_TABLES = given(MANY_ROWS, POLICIES, st.permutations(CHOSEN), st.integers(1, 3))


@settings(max_examples=4)
@LABEL_TABLES
def test_ledger_and_exploration_agree_on_every_row(
    spark: SparkSession, rows: list[Row], policy: LabelPolicy, order: list[LabelClass], some: int
) -> None:
    check_that_both_agree(spark, rows, policy, order[:some])


@pytest.mark.slow
@settings(max_examples=40)
@LABEL_TABLES
def test_ledger_and_exploration_agree_on_the_rows_of_many_tables(
    spark: SparkSession, rows: list[Row], policy: LabelPolicy, order: list[LabelClass], some: int
) -> None:
    check_that_both_agree(spark, rows, policy, order[:some])


def check_that_both_agree(
    spark: SparkSession, rows: list[Row], policy: LabelPolicy, classes: list[LabelClass]
) -> None:
    mids = [one.mid for one in classes]
    labels = made_table(spark, LABELS, cells(rows)).cache()
    expected = Counter(word_for(row, policy) for row in rows)
    explored = describe_rows(count_rows(mark_rows(labels, policy)))["rows"]
    assert explored == {"read": len(rows)} | {word: expected[word] for word in WORDS}

    of_classes = [row for row in rows if row[2] in mids or word_for(row, policy) == "malformed"]
    expected = Counter(word_for(row, policy) for row in of_classes)
    if not expected["positive"]:
        with pytest.raises(LabelError, match=f", {expected['malformed']:,} are malformed"):
            select_labels(labels, classes, policy, every_class=False)
        return
    ledger = select_labels(labels, classes, policy, every_class=False).label_rows
    assert ledger["other_classes"] == len(rows) - len(of_classes)
    shared = ("malformed", "other_sources", "negative", "unsure")
    assert {word: ledger[word] for word in shared} == {word: expected[word] for word in shared}
    assert ledger["duplicates"] + ledger["kept"] == expected["positive"]
    assert ledger.pop("read") == sum(ledger.values())


@pytest.mark.parametrize(
    ("row", "word"),
    [
        (("a", "machine", "", 1.0), "malformed"),  # of no class
        (("", "nobody", CAR.mid, 1.0), "malformed"),  # whoever wrote it
        (("a", "machine", CAR.mid, math.nan), "malformed"),
        (("a", "nobody", CAR.mid, 0.0), "other_sources"),  # what it states is ignored
        (("a", None, CAR.mid, 1.0), "other_sources"),
        (("a", "machine", CAR.mid, 0.7), "positive"),
        (("a", "machine", CAR.mid, 0.69), "unsure"),
        (("a", "machine", CAR.mid, 0.0), "negative"),
        (("a", "machine", CAR.mid, -0.0), "negative"),
        (("a", "machine", CAR.mid, -0.1), "malformed"),
        (("a", "machine", CAR.mid, 99.0), "malformed"),  # a percentage
        (("a", "machine", CAR.mid, math.inf), "malformed"),
    ],
)
def test_words_in_their_order(spark: SparkSession, row: Row, word: str) -> None:
    policy = LabelPolicy(min_confidence=0.7, sources=("machine",))
    labels = made_table(spark, LABELS, cells([row]))
    found = describe_rows(count_rows(mark_rows(labels, policy)))["rows"]
    assert {name for name, count in found.items() if count} == {"read", word}
    assert word_for(row, policy) == word
