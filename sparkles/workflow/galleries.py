"""A report's photos: chosen in Spark, fetched and explained in one small job."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from sparkles.columns import (
    ERROR,
    EXPLAINED,
    IMAGE,
    IMAGE_ID,
    METHOD,
    OVERLAY,
    PHOTO,
    URI,
)
from sparkles.explanation import explain_photos, has_maps, shrink_photos
from sparkles.report.gallery import Card, Gallery, bound_galleries
from sparkles.report.photo_selection import Choice, choose_photos, choose_rejected
from sparkles.workflow.saved_model import SavedModel

__all__ = ["build_galleries"]

_Pictures = dict[tuple[str, int], dict[str, Any]]  # by image and class

_KINDS = 4
_TITLES = {
    "mistakes": ("The surest mistakes", "Wrong, the surest first."),
    "uncertain": ("The least certain", "Hardly ahead of the second class."),
    "typical": ("The most typical", "Right, the surest of each class."),
}
_REJECTED = ("Rejected", "Without features, so neither in train nor in test.")
_ASKED = "image_id string, uri string, explained int"


def build_galleries(
    model: SavedModel,
    predictions: DataFrame,
    rejected: DataFrame,
    *,
    most: int,
    photos: DataFrame | None = None,
) -> tuple[list[Gallery], str | None]:
    """Choose the photos that tell most, and explain what the model saw in them.

    Parameters
    ----------
    model
        What predicted.
    predictions
        As ``predictions/`` of a run, the rows to choose from.
    rejected
        As ``rejected/`` of a run.
    most
        How many photos in all, a quarter of each kind; 0 for none.
    photos
        ``image_id`` and ``image``, where photos are no files that their URIs lead to.

    Returns
    -------
    galleries : list of Gallery
    method : str or None
        How the heat maps were made: ``exact``, ``approximate``, or None where the network has no
        map.
    """
    if not most:
        return [], None
    each = max(most // _KINDS, 1)
    chosen = choose_photos(predictions, each)
    asked = [choice for choices, _ in chosen.values() for choice in choices]
    pictures = _explain(predictions.sparkSession, model, asked, photos)
    galleries = []
    for kind, (choices, total) in chosen.items():
        cards = tuple(_card(choice, pictures, model.labels) for choice in choices)
        galleries.append(Gallery(kind, *_TITLES[kind], cards, total=total))
    rows, total = choose_rejected(rejected, each)
    galleries.append(Gallery("rejected", *_REJECTED, tuple(map(_rejected_card, rows)), total=total))
    methods = {row[METHOD] for row in pictures.values() if row.get(METHOD)}
    return bound_galleries(galleries), next(iter(methods), None)


def _explain(
    spark: SparkSession, model: SavedModel, asked: Iterable[Choice], photos: DataFrame | None
) -> _Pictures:
    """What the model saw in each photo, by image and class; where it has no map, the photo."""
    index = {name: place for place, name in enumerate(model.labels)}
    wanted = {(one.image_id, index[one.probabilities[0][0]]): one.uri for one in asked}
    if not wanted:
        return {}
    rows = [(image_id, uri, explained) for (image_id, explained), uri in wanted.items()]
    table = spark.createDataFrame(rows, _ASKED)
    if photos is not None:
        whole = photos.select(IMAGE_ID, IMAGE)
        table = whole.join(F.broadcast(table), on=IMAGE_ID, how="inner")
    # Both results are as small as what is asked for.
    if has_maps(model.featurizer):
        found = explain_photos(table, model.featurizer, model.classifier, len(rows))
        shown = found.select(IMAGE_ID, EXPLAINED, METHOD, PHOTO, OVERLAY, ERROR)
        rows_shown = [row.asDict() for row in shown.collect()]
        bad = {row[IMAGE_ID]: row for row in rows_shown if row[ERROR] is not None}
        good = {(row[IMAGE_ID], row[EXPLAINED]): row for row in rows_shown}
        # A photo that has gone since it was featurized is explained for no class.
        return {key: good.get(key) or bad[key[0]] for key in wanted}
    thumbnails = {row[IMAGE_ID]: row.asDict() for row in shrink_photos(table).collect()}
    return {key: thumbnails[key[0]] for key in wanted}


def _card(choice: Choice, pictures: _Pictures, labels: Sequence[str]) -> Card:
    predicted = choice.probabilities[0][0]
    seen = pictures.get((choice.image_id, labels.index(predicted)), {})
    return Card(
        choice.image_id,
        choice.uri,
        choice.label,
        predicted,
        choice.probabilities,
        seen.get(PHOTO),
        seen.get(OVERLAY),
        seen.get(ERROR),
    )


def _rejected_card(row: dict[str, str | None]) -> Card:
    return Card(row[IMAGE_ID] or "", row[URI], row["labels"] or "", error=row[ERROR])
