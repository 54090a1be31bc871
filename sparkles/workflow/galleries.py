"""The photos of a report: chosen in Spark, then fetched and explained in one small job."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

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
from sparkles.redaction import MARK
from sparkles.report.gallery import Card, Gallery, bound_galleries
from sparkles.report.photo_selection import ChosenPhoto, choose_photos, choose_rejected
from sparkles.spark.photo_tables import has_images
from sparkles.spark.redacted_tables import redact_column
from sparkles.workflow.saved_model import SavedModel

__all__ = ["build_galleries"]

_KINDS = 4
_TITLES = {
    "mistakes": ("Most confident mistakes", "Wrong predictions, the most confident first."),
    "uncertain": ("Least certain photos", "The smallest lead over the second class first."),
    "typical": ("Most typical photos", "Right predictions, the most confident of each class."),
}
_REJECTED = ("Rejected photos", "Photos without features, which are in no part of the split.")
_WANTED = "image_id string, uri string, explained int"


@dataclass(frozen=True)
class _Thumbnails:
    """The JPEGs of a card, or why there are none."""

    photo: bytes | None = None
    overlay: bytes | None = None
    error: str | None = None
    method: str | None = None

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> Self:
        """Read them from a row of `explain_photos` or `shrink_photos`."""
        return cls(*(row.get(name) for name in (PHOTO, OVERLAY, ERROR, METHOD)))


_ByImageAndClass = dict[tuple[str, int], _Thumbnails]


def build_galleries(
    model: SavedModel,
    predictions: DataFrame,
    rejected: DataFrame,
    *,
    most: int,
    photos: DataFrame | None = None,
) -> tuple[list[Gallery], str | None]:
    """Choose the photos of a report, and make thumbnails and heat maps of them.

    Parameters
    ----------
    model
        The model that made the predictions.
    predictions
        The rows to choose from, with the columns of ``predictions/`` of a run.
    rejected
        Rejected images, with the columns of ``rejected/`` of a run.
    most
        The number of photos in all galleries, a quarter of each kind; 0 for none.
    photos
        ``image_id``, and ``image`` if the photos are not files that their URIs lead to, else
        ``uri`` with the secrets that ``predictions`` do not have.

    Returns
    -------
    galleries : list of Gallery
    method : str or None
        How the heat maps were made: ``exact``, ``approximate``, or None if the network has no map.
    """
    if not most:
        return [], None
    each = max(most // _KINDS, 1)
    chosen = choose_photos(predictions, each)
    wanted = [photo for found, _ in chosen.values() for photo in found]
    thumbnails = _explain(predictions.sparkSession, model, wanted, photos)
    galleries = []
    for kind, (found, total) in chosen.items():
        cards = tuple(_card(photo, thumbnails, model.labels) for photo in found)
        galleries.append(Gallery(kind, *_TITLES[kind], cards, total=total))
    rows, total = choose_rejected(rejected, each)
    galleries.append(Gallery("rejected", *_REJECTED, tuple(map(_rejected_card, rows)), total=total))
    methods = {one.method for one in thumbnails.values() if one.method}
    return bound_galleries(galleries), next(iter(methods), None)


def _explain(
    spark: SparkSession, model: SavedModel, chosen: Iterable[ChosenPhoto], photos: DataFrame | None
) -> _ByImageAndClass:
    """Make a thumbnail of each photo, with a heat map of its predicted class if there is one."""
    index = {name: place for place, name in enumerate(model.labels)}
    wanted = {(one.image_id, index[one.probabilities[0][0]]): one.uri for one in chosen}
    if not wanted:
        return {}
    rows = [(image_id, uri, explained) for (image_id, explained), uri in wanted.items()]
    table = spark.createDataFrame(rows, _WANTED)
    if photos is not None:
        table = _with_photos(table, photos, hidden=any(MARK in (row[1] or "") for row in rows))
    # Both results have no more rows than there are chosen photos.
    if has_maps(model.featurizer):
        found = explain_photos(table, model.featurizer, model.classifier, len(rows))
        shown = found.select(IMAGE_ID, EXPLAINED, METHOD, PHOTO, OVERLAY, ERROR)
        collected = [row.asDict() for row in shown.collect()]
        bad = {row[IMAGE_ID]: row for row in collected if row[ERROR] is not None}
        good = {(row[IMAGE_ID], row[EXPLAINED]): row for row in collected}
        # A photo that was deleted after it was featurized has a row without a class.
        return {key: _Thumbnails.of_row(good.get(key) or bad[key[0]]) for key in wanted}
    small = {row[IMAGE_ID]: row.asDict() for row in shrink_photos(table).collect()}
    return {key: _Thumbnails.of_row(small[key[0]]) for key in wanted}


def _with_photos(wanted: DataFrame, photos: DataFrame, *, hidden: bool) -> DataFrame:
    """Add what the stored predictions lack: images, or the secrets of URIs if any is hidden."""
    named = photos.withColumn(IMAGE_ID, redact_column(F.col(IMAGE_ID)))
    if has_images(photos):
        return named.select(IMAGE_ID, IMAGE).join(F.broadcast(wanted), on=IMAGE_ID, how="inner")
    if not hidden:
        return wanted
    return named.select(IMAGE_ID, URI).join(F.broadcast(wanted.drop(URI)), on=IMAGE_ID, how="inner")


def _card(chosen: ChosenPhoto, thumbnails: _ByImageAndClass, labels: Sequence[str]) -> Card:
    predicted = chosen.probabilities[0][0]
    shown = thumbnails.get((chosen.image_id, labels.index(predicted)), _Thumbnails())
    return Card(
        chosen.image_id,
        chosen.uri,
        chosen.label,
        predicted,
        chosen.probabilities,
        shown.photo,
        shown.overlay,
        shown.error,
    )


def _rejected_card(row: dict[str, str | None]) -> Card:
    return Card(row[IMAGE_ID] or "", row[URI], row["labels"] or "", error=row[ERROR])
