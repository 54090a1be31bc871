"""Labels joined with photos, against tables counted by hand and a recount in plain Python."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyspark.sql import DataFrame, SparkSession

from sparkles.choices import Ambiguous
from sparkles.dataset import Dataset, build_dataset
from sparkles.dataset.examples import check_splits, count_by_split, unique_images
from sparkles.errors import LabelError, SourceError
from sparkles.settings import LabelPolicy, SplitPolicy
from sparkles.sources import LabelClass, Photos
from tests.dataset.made_labels import CAR, CAT, CLASSES, LABELS, ROWS, TREE
from tests.tables import made_table

SPLIT = SplitPolicy(test_fraction=0.3, validation_fraction=0.2, seed=5)
BY_NAME = Photos(table=None, prefix="s3://bucket/photos")
LISTED = "image_id string, uri string"


def part_of(image_id: str, split: SplitPolicy = SPLIT) -> str:
    number = int(hashlib.sha256(f"{split.seed}:{image_id}".encode()).hexdigest()[:13], 16) / 16**13
    if number < split.test_fraction:
        return "test"
    return "validation" if number < split.test_fraction + split.validation_fraction else "train"


def build(
    labels: DataFrame,
    photos: Photos = BY_NAME,
    ambiguous: Ambiguous = Ambiguous.DROP,
    policy: LabelPolicy | None = None,
    **how: Any,
) -> Dataset:
    return build_dataset(
        labels,
        how.pop("classes", CLASSES),
        photos,
        policy=policy or LabelPolicy(),
        ambiguous=ambiguous,
        split=how.pop("split", SPLIT),
        **how,
    )


def pairs(dataset: Dataset) -> list[tuple[str, str]]:
    return sorted((row["image_id"], row["label"]) for row in dataset.examples.collect())


@pytest.fixture(scope="module")
def labels(spark: SparkSession) -> DataFrame:
    return made_table(spark, LABELS, ROWS).cache()


SINGLE = [("a", "Car"), ("b", "Car"), ("c", "Tree"), ("d", "Cat"), ("m", "Cat")]
SEVERAL = [("e", "Car"), ("e", "Tree"), ("f", "Car"), ("f", "Cat"), ("f", "Tree")]


@pytest.mark.parametrize(
    ("ambiguous", "rows", "dropped_images", "dropped_rows"),
    [
        (Ambiguous.DROP, SINGLE, 2, 5),
        (Ambiguous.FIRST, [*SINGLE, ("e", "Car"), ("f", "Car")], 0, 3),
        (Ambiguous.KEEP, SINGLE + SEVERAL, 0, 0),
    ],
)
def test_counts_of_a_table_counted_by_hand(
    labels: DataFrame,
    ambiguous: Ambiguous,
    rows: list[tuple[str, str]],
    dropped_images: int,
    dropped_rows: int,
) -> None:
    dataset = build(labels, ambiguous=ambiguous)
    assert pairs(dataset) == sorted(rows)
    assert dataset.label_rows == {
        "read": 23,
        "malformed": 6,
        "other_classes": 2,
        "other_sources": 0,
        "negative": 2,
        "unsure": 1,
        "duplicates": 2,
        "dropped_as_ambiguous": dropped_rows,
        "kept": 10 - dropped_rows,
        "ambiguous": 5,
    }
    assert dataset.images == {
        "with_chosen_class": 7,
        "ambiguous": 2,
        "dropped_as_ambiguous": dropped_images,
        "named": 7 - dropped_images,
    }
    assert dataset.photos is None


def test_rows_of_an_image_are_in_the_same_part(labels: DataFrame) -> None:
    rows = build(labels, ambiguous=Ambiguous.KEEP).examples.collect()
    assert {(row["image_id"], row["split"]) for row in rows} == {
        (image_id, part_of(image_id)) for image_id in "abcdefm"
    }


def test_without_a_split_all_are_for_testing(labels: DataFrame) -> None:
    rows = build(labels, split=None).examples.collect()
    assert {row["split"] for row in rows} == {"test"}


def test_photos_by_name_have_uris_from_their_ids(labels: DataFrame) -> None:
    dataset = build(labels)
    assert dataset.examples.columns == ["image_id", "label", "split", "uri"]
    uris = {row["image_id"]: row["uri"] for row in dataset.examples.collect()}
    assert uris == {name: f"s3://bucket/photos/{name}.jpg" for name in "abcdm"}


def test_listed_photos_are_joined_and_counted(spark: SparkSession, labels: DataFrame) -> None:
    listed = [
        ("a", "/1/a.jpg"),
        ("a", "/1/a.jpg"),  # the same photo, listed twice
        ("c", "/c.png"),
        ("d", "/d.jpg"),
        ("e", "/e.jpg"),  # dropped as ambiguous
        ("g", "/g.jpg"),  # has labels, but no positive one of the classes
        ("i", "/i.jpg"),  # has a label of another class
        ("y", "/y.jpg"),  # without any label
        ("z", "/z.jpg"),
        ("z", "/z.jpg"),
    ]
    dataset = build(labels, Photos(made_table(spark, LISTED, listed)))
    assert dataset.examples.columns == ["image_id", "label", "split", "uri"]
    rows = sorted(tuple(row) for row in dataset.examples.collect())
    assert rows == [
        ("a", "Car", part_of("a"), "/1/a.jpg"),
        ("b", "Car", part_of("b"), None),
        ("c", "Tree", part_of("c"), "/c.png"),
        ("d", "Cat", part_of("d"), "/d.jpg"),
        ("m", "Cat", part_of("m"), None),
    ]
    assert dataset.label_rows["without_photo"] == 13  # of 23; a, c, d, e, g, i have 10
    assert dataset.photos == {
        "listed": 10,
        "duplicate_ids": 2,
        "without_id": 0,
        "ids_from_paths": 0,
        "without_label": 2,  # y, z
        "without_chosen_label": 5,  # e, g, i, y, z
    }


def test_photos_of_a_dataframe_bring_their_bytes(spark: SparkSession, labels: DataFrame) -> None:
    frame = made_table(
        spark,
        "image_id string, uri string, image binary",
        [("a", None, "YQ=="), ("e", None, "ZQ=="), ("y", None, "eQ==")],
    )
    dataset = build(labels, Photos(frame), ambiguous=Ambiguous.KEEP)
    assert dataset.examples.columns == ["image_id", "label", "split", "uri", "image"]
    found = {
        (row["image_id"], row["label"]): row["image"] and bytes(row["image"])
        for row in dataset.examples.collect()
    }
    assert len(found) == 10
    assert {key: image for key, image in found.items() if image} == {
        ("a", "Car"): b"a",
        ("e", "Car"): b"e",
        ("e", "Tree"): b"e",
    }
    assert dataset.photos == {
        "listed": 3,
        "duplicate_ids": 0,
        "without_id": 0,
        "ids_from_paths": 0,
        "without_label": 1,
        "without_chosen_label": 1,
    }


def test_photos_that_share_an_id_are_refused(spark: SparkSession, labels: DataFrame) -> None:
    listed = [("a", "/buses/a.jpg"), ("a", "/cars/a.jpg"), ("c", "/c.jpg")]
    with pytest.raises(SourceError, match="2 photos share 1 ids"):
        build(labels, Photos(made_table(spark, LISTED, listed)))


def test_unique_images_are_named_once_each(labels: DataFrame) -> None:
    images = unique_images(build(labels, ambiguous=Ambiguous.KEEP).examples)
    assert images.columns == ["image_id", "uri"]
    assert sorted(row["image_id"] for row in images.collect()) == list("abcdefm")


def test_counts_by_part(labels: DataFrame) -> None:
    dataset = build(labels, ambiguous=Ambiguous.KEEP)
    expected: dict[str, Counter[str]] = {}
    for image_id, label in SINGLE + SEVERAL:
        expected.setdefault(part_of(image_id), Counter())[label] += 1
    assert count_by_split(dataset.examples) == expected


def test_only_ambiguous_images_are_refused_where_these_are_dropped(spark: SparkSession) -> None:
    rows = [("a", "s", CAR.mid, 1.0), ("a", "s", TREE.mid, 1.0)]
    labels = made_table(spark, LABELS, rows)
    with pytest.raises(
        LabelError, match=r"all 1 images have several .* ambiguous='keep'"
    ) as caught:
        build(labels, classes=[CAR, TREE])
    assert caught.value.settings == ("ambiguous", "classes")
    for policy, left in ((Ambiguous.FIRST, 1), (Ambiguous.KEEP, 2)):
        assert len(pairs(build(labels, classes=[CAR, TREE], ambiguous=policy))) == left


def test_class_without_a_positive_label_is_refused(spark: SparkSession) -> None:
    labels = made_table(spark, LABELS, [("a", "s", CAR.mid, 1.0), ("b", "s", TREE.mid, 0.0)])
    with pytest.raises(LabelError, match="the class Tree has no positive label"):
        build(labels, classes=[CAR, TREE])


@pytest.mark.parametrize(
    "counts",
    [
        {"train": {"Car": 5, "Tree": 1}, "test": {"Car": 1}},  # a class may be absent from testing
        {"train": {"Car": 5, "Tree": 1}, "test": {"Tree": 1}, "validation": {}},
    ],
)
def test_splits_that_suffice_are_accepted(counts: dict[str, dict[str, int]]) -> None:
    check_splits(counts, ["Car", "Tree"], ["train", "test"])


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ({}, "no train image of Car, Tree with a photo: too few images (0 in all)"),
        ({"train": {"Car": 5}, "test": {"Car": 1}}, "no train image of Tree .*(6 in all)"),
        ({"train": {"Car": 5, "Tree": 0}, "test": {"Car": 1}}, "no train image of Tree"),
        ({"train": {"Car": 5, "Tree": 4}}, "no test image of Car, Tree .*(9 in all)"),
        ({"test": {"Car": 5, "Tree": 4}}, "no train image of Car, Tree .*(9 in all)"),
    ],
)
def test_splits_that_do_not_suffice_are_refused(
    counts: dict[str, dict[str, int]], message: str
) -> None:
    with pytest.raises(LabelError, match=message.replace("(", r"\(").replace(")", r"\)")):
        check_splits(counts, ["Car", "Tree"], ["train", "test"])


PARTS = ("malformed", "other_classes", "other_sources", "negative", "unsure")


def recount(
    rows: list[tuple[Any, ...]],
    photos: Mapping[str, str],
    classes: Sequence[LabelClass],
    policy: LabelPolicy,
    ambiguous: Ambiguous,
) -> tuple[list[tuple[str, str, str | None]], dict[str, int]]:
    """Build the same dataset in plain Python."""
    names = {chosen.mid: chosen.name for chosen in classes}
    fates: Counter[str] = Counter()
    labels_of: dict[str, set[str]] = {}
    for image_id, source, mid, confidence in rows:
        if not image_id or not mid or confidence is None:
            fates["malformed"] += 1
        elif mid not in names:
            fates["other_classes"] += 1
        elif policy.sources and source not in policy.sources:
            fates["other_sources"] += 1
        elif confidence < policy.min_confidence:
            fates["negative" if confidence <= 0 else "unsure"] += 1
        elif names[mid] in labels_of.setdefault(image_id, set()):
            fates["duplicates"] += 1
        else:
            labels_of[image_id].add(names[mid])
    several = {image_id for image_id, found in labels_of.items() if len(found) > 1}
    order = [chosen.name for chosen in classes]
    examples: list[tuple[str, str, str | None]] = []
    for image_id, found in labels_of.items():
        kept = sorted(found, key=order.index)
        if image_id in several:
            kept = {"drop": [], "first": kept[:1], "keep": kept}[ambiguous]
        examples += [(image_id, name, photos.get(image_id)) for name in kept]
    selected = sum(len(found) for found in labels_of.values())
    return sorted(examples, key=str), {
        "read": len(rows),
        **{part: fates[part] for part in PARTS},
        "duplicates": fates["duplicates"],
        "dropped_as_ambiguous": selected - len(examples),
        "kept": len(examples),
        "ambiguous": sum(len(labels_of[image_id]) for image_id in several),
    }


ROW = st.tuples(
    st.sampled_from(["a", "b", "c", "d", "ü", "", None]),
    st.sampled_from(["verification", "machine", None]),
    st.sampled_from([CAR.mid, TREE.mid, CAT.mid, "/m/dog", "", None]),
    st.sampled_from([1.0, 1.0, 0.7, 0.0, None]),
)
PHOTO = st.tuples(st.sampled_from(["a", "b", "ü", "x", "y"]), st.sampled_from(["/1", "/2"]))
ONE_URI_PER_ID = st.tuples(st.sampled_from(["a", "b", "ü", "x", "y"]), st.just("/1"))


TABLES = given(
    st.lists(ROW, min_size=1, max_size=25),
    st.lists(ONE_URI_PER_ID, max_size=8) | st.lists(PHOTO, max_size=8),
    st.permutations(CLASSES),
    st.sampled_from(
        [
            LabelPolicy(min_confidence=1.0),
            LabelPolicy(min_confidence=0.5),
            LabelPolicy(min_confidence=1.0, sources=("verification",)),
        ]
    ),
    st.sampled_from(list(Ambiguous)),
)


def check_against_a_recount(
    spark: SparkSession,
    rows: list[tuple[Any, ...]],
    listed: list[tuple[str, str]],
    classes: list[LabelClass],
    policy: LabelPolicy,
    ambiguous: Ambiguous,
) -> None:
    photos = dict(listed)
    examples, counts = recount(rows, photos, classes, policy, ambiguous)
    how = {"classes": classes, "policy": policy, "ambiguous": ambiguous, "every_class": False}
    how["photos"] = Photos(made_table(spark, LISTED, listed))
    labels = made_table(spark, LABELS, rows)
    chosen = {row[0] for row in rows if row[2] in {one.mid for one in classes} and row[0]}
    if not examples or not chosen & photos.keys() or len(set(listed)) > len(photos):
        with pytest.raises((LabelError, SourceError)):
            build(labels, **how)
        return
    dataset = build(labels, **how)
    found = [tuple(row) for row in dataset.examples.select("image_id", "label", "uri").collect()]
    assert sorted(found, key=str) == examples
    unseen = sum(row[0] not in photos for row in rows)
    assert dataset.label_rows == counts | {"without_photo": unseen}
    left = counts["duplicates"] + counts["dropped_as_ambiguous"] + counts["kept"]
    assert counts["read"] == left + sum(counts[part] for part in PARTS)
    assert dataset.images["named"] == len({row[0] for row in examples})
    labelled = {row[0] for row in rows}
    assert dataset.photos == {
        "listed": len(listed),
        "duplicate_ids": len(listed) - len(photos),
        "without_id": 0,
        "ids_from_paths": 0,
        "without_label": len(photos.keys() - labelled),
        "without_chosen_label": len(photos.keys() - {row[0] for row in examples}),
    }


test_counts_are_those_of_a_recount = settings(max_examples=4)(TABLES(check_against_a_recount))
test_counts_of_many_tables_are_those_of_a_recount = pytest.mark.slow(
    settings(max_examples=60)(TABLES(check_against_a_recount))
)
