"""Photos that share an id are refused, because they could be mistaken for one another."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from sparkles.errors import SourceError
from sparkles.sources.photo_ids import describe_ids, unique_photos
from tests.tables import made_table

LISTED = "image_id string, uri string"


def test_a_photo_that_is_listed_twice_is_one_photo(spark: SparkSession) -> None:
    listed = made_table(spark, LISTED, [("a", "/a"), ("b", "/b"), ("a", "/a")])
    photos, counts = unique_photos(listed)
    assert sorted(tuple(row) for row in photos.collect()) == [("a", "/a"), ("b", "/b")]
    assert (counts["listed"], counts["duplicate_ids"]) == (3, 1)
    assert describe_ids(photos, counts)[0].startswith("1 photos are listed again")


def test_three_shared_ids_are_named_and_all_are_counted(spark: SparkSession) -> None:
    folders = ("birds", "buses", "cars")
    rows = [(name, f"/{folder}/{name}.jpg") for folder in folders for name in "54321"]
    with pytest.raises(SourceError) as caught:
        unique_photos(made_table(spark, LISTED, [*rows, ("own", "/own.jpg")]))
    message = str(caught.value)
    assert "15 photos share 5 ids" in message
    for name in "123":
        assert f"'{name}' names 3, for example /birds/{name}.jpg and /cars/{name}.jpg" in message
    assert "'4'" not in message
    assert "Give each uri a different image_id" in message


def test_photos_in_a_table_are_not_compared_by_their_bytes(spark: SparkSession) -> None:
    schema = "image_id string, uri string, image binary"
    rows = [("a", None, "YQ=="), ("a", None, "YQ=="), ("b", None, "Yg==")]
    with pytest.raises(SourceError, match="2 photos share 1 ids"):
        unique_photos(made_table(spark, schema, rows))
    assert unique_photos(made_table(spark, schema, rows[1:]))[0].count() == 2


ROWS = st.tuples(st.sampled_from(["a", "b", "ü", "", None]), st.sampled_from(["/1", "/2", None]))


@settings(max_examples=15)
@given(st.lists(ROWS, min_size=1, max_size=6))
def test_every_photo_is_kept_or_counted_or_the_run_is_refused(
    spark: SparkSession, rows: list[tuple[str | None, str | None]]
) -> None:
    photos = set(rows)
    times = Counter(name for name, _ in photos if name)
    shared = {name: n for name, n in times.items() if n > 1}
    table = made_table(spark, LISTED, rows)
    if shared:
        found = f"{sum(shared.values())} photos share {len(shared)} ids"
        with pytest.raises(SourceError, match=found):
            unique_photos(table)
    else:
        kept, counts = unique_photos(table)
        named = {photo for photo in photos if photo[0]}
        assert {tuple(row) for row in kept.collect()} == named
        assert kept.count() == len(named)
        assert counts["listed"] == len(rows)
        assert counts["without_id"] == sum(not name for name, _ in rows)
        assert len(named) == len(rows) - counts["duplicate_ids"] - counts["without_id"]
