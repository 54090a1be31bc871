"""Labels may name photos in several ways, and never find another photo than they mean."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from sparkles.errors import LabelError
from sparkles.sources import Photos
from sparkles.sources.photo_names import match_labels
from tests.tables import made_table

LISTED = "image_id string, uri string, path string"
LABELS = "image_id string, mid string"
PATHS = ["buses/1.jpg", "buses/two.jpg", "cars/1.jpg", "cars/\u00fc.png"]
IDS = ["buses/1.jpg", "two", "cars/1.jpg", "\u00fc"]


def photos_of(spark: SparkSession, paths: list[str], ids: list[str]) -> Photos:
    rows = [(one, f"file:/photos/{path}", path) for one, path in zip(ids, paths, strict=True)]
    return Photos(made_table(spark, LISTED, rows))


def found(
    spark: SparkSession, photos: Photos, names: list[str | None]
) -> tuple[list[str | None], str | None]:
    labels = made_table(spark, LABELS, [(name, str(place)) for place, name in enumerate(names)])
    matched, note = match_labels(labels, photos)
    assert matched.columns == labels.columns
    ids = {row["mid"]: row["image_id"] for row in matched.collect()}
    return [ids[str(place)] for place in range(len(names))], note


@pytest.mark.parametrize(
    "names",
    [
        IDS,
        PATHS,
        [f"./{path}" for path in PATHS],
        [path.replace("/", "\\") for path in PATHS],
        [path.rpartition(".")[0] for path in PATHS],
        [f"file:///photos/{path}" for path in PATHS],
        [f"/photos/{path}" for path in PATHS],
        [*PATHS[:3], "cars/u\u0308.png"],
    ],
)
def test_every_kind_of_name_finds_its_photo(spark: SparkSession, names: list[str | None]) -> None:
    assert found(spark, photos_of(spark, PATHS, IDS), [*names, None, ""]) == (
        [*IDS, None, ""],
        None,
    )


def test_file_names_that_are_unique_find_their_photos(spark: SparkSession) -> None:
    photos = photos_of(spark, ["a/x.jpg", "b/y.jpg"], ["x", "y"])
    assert found(spark, photos, ["y.jpg", "x.jpg", "z.jpg"])[0] == ["y", "x", "z.jpg"]


def test_a_name_that_fits_several_photos_is_refused(spark: SparkSession) -> None:
    photos = photos_of(spark, PATHS, IDS)
    with pytest.raises(LabelError, match="1 of 2 names fit several") as caught:
        found(spark, photos, ["1.jpg", "two.jpg"])
    assert "'1.jpg' fits 2, for example 'buses/1.jpg' and 'cars/1.jpg'" in str(caught.value)


def test_an_id_among_the_names_does_not_let_another_kind_of_name_pass(spark: SparkSession) -> None:
    photos = photos_of(spark, ["1.jpg", "a/1.jpg", "a/2.jpg"], ["1.jpg", "a/1.jpg", "2"])
    with pytest.raises(LabelError, match="'1' fits 2"):  # not 1.jpg, whose path without suffix is 1
        found(spark, photos, ["1", "2"])


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("TWO", "upper and lower case"),
        ("two.png", "another suffix"),
        ("cars/1.png", "another suffix"),  # not buses/1.jpg, which has the same name
        ("trucks/two.jpg", "other folders"),
        ("0815", "other ids"),
    ],
)
def test_labels_that_find_no_photo_are_refused_with_the_cause(
    spark: SparkSession, name: str, cause: str
) -> None:
    with pytest.raises(LabelError, match=cause) as caught:
        found(spark, photos_of(spark, PATHS, IDS), [name])
    assert f"the labels name {name!r}; the photos are 'buses/1.jpg', " in str(caught.value)


def test_labels_that_find_few_photos_are_noted(spark: SparkSession) -> None:
    names: list[str | None] = ["two", "three", "four"]
    ids, note = found(spark, photos_of(spark, PATHS, IDS), names)
    assert ids == names
    assert note is not None
    assert note.startswith("Only 1 of the 3 names")
    assert "'four', 'three'" in note


def test_photos_that_were_not_listed_are_not_looked_for(spark: SparkSession) -> None:
    labels = made_table(spark, LABELS, [("a", "m")])
    assert match_labels(labels, Photos(None, "s3://bucket")) == (labels, None)


def tree_is_matched(spark: SparkSession, paths: list[str], kind: int, missing: bool) -> None:
    stems = [PurePosixPath(path).stem for path in paths]
    looks = [PurePosixPath(stem).suffix == ".jpg" for stem in stems]
    ids = [
        path if stems.count(stem) > 1 or look else stem
        for path, stem, look in zip(paths, stems, looks, strict=True)
    ]
    ways = [lambda i: ids[i], lambda i: paths[i], lambda i: paths[i].rpartition(".")[0],
            lambda i: PurePosixPath(paths[i]).name, lambda i: stems[i],
            lambda i: f"file:/photos/{paths[i]}"]  # fmt: skip
    names: list[str | None] = [ways[kind](i) for i in range(len(paths))]
    extra: list[str | None] = ["nowhere/0"] if missing else []
    try:
        matched, _ = found(spark, photos_of(spark, paths, ids), [*names, *extra])
    except LabelError:
        assert len(set(names)) < len(paths)
        return
    if len(set(names)) < len(paths):  # a repeated name means the photo whose whole path it is
        wholes = [paths[ids.index(str(one))] for one in matched[: len(names)]]
        assert all(
            name in (whole, whole.rpartition(".")[0])
            for name, whole in zip(names, wholes, strict=True)
        )
    else:
        assert matched[: len(names)] == ids
    assert matched[len(names) :] == extra


NAMES = st.sampled_from(["1.jpg", "1.png", "2.jpg", "1.jpg.png", "u.v.jpg", "\u00fc.jpg"])
TREES = st.lists(
    st.builds(lambda folder, name: folder + name, st.sampled_from(["", "a/", "b/", "a/b/"]), NAMES),
    min_size=1, max_size=7, unique=True,
)  # fmt: skip


@settings(max_examples=4)
@given(TREES, st.integers(0, 5), st.booleans())
def test_each_label_finds_the_photo_it_means_or_all_are_refused(
    spark: SparkSession, paths: list[str], kind: int, missing: bool
) -> None:
    tree_is_matched(spark, paths, kind, missing)


@pytest.mark.slow
@settings(max_examples=80)
@given(TREES, st.integers(0, 5), st.booleans())
def test_each_label_of_many_trees_finds_the_photo_it_means(
    spark: SparkSession, paths: list[str], kind: int, missing: bool
) -> None:
    tree_is_matched(spark, paths, kind, missing)
