"""``sparkles explain``: show which parts of photos are evidence for a class of a saved model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypedDict

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from sparkles.choices import OtherOpinion
from sparkles.columns import (
    ERROR,
    EXPLAINED,
    IMAGE_ID,
    INTERCEPT,
    LOGIT,
    MAP,
    MAP_HEIGHT,
    MAP_WIDTH,
    METHOD,
    OVERLAY,
    PRECISION,
    PREDICTED_LABEL,
    PREDICTION,
    PROBABILITY,
    REASON,
    URI,
)
from sparkles.errors import UnknownClassError, nearest
from sparkles.explanation import explain_photos, has_maps
from sparkles.explanation.file_name import class_folders, file_name
from sparkles.explanation.overlay_files import PLACE, write_overlays
from sparkles.features.feature_table import reason_of
from sparkles.settings import ExplainSettings
from sparkles.spark.literals import array_of_texts
from sparkles.spark.progress import show_progress
from sparkles.spark.s3_requests import s3_options
from sparkles.storage import can_write, is_local, local_path
from sparkles.workflow.before_start import check_before_start
from sparkles.workflow.featurization import check_photos, store_references
from sparkles.workflow.inputs import list_unique_photos
from sparkles.workflow.network_setup import describe_network, describe_precisions
from sparkles.workflow.predictions import PROBABILITIES
from sparkles.workflow.run import Run, start_run
from sparkles.workflow.saved_model import SavedModel, load_model
from sparkles.workflow.second_opinions import give_second_opinions
from sparkles.workflow.stages import Stage

__all__ = ["explain"]

_EXPLAIN, _WRITE, _SECOND = "explain", "write overlays", "second opinions"


class _ChosenNote(TypedDict):
    """How many photos there are, how many were chosen, and how."""

    named: int
    chosen: int
    chosen_by: str


class _ExplainedNote(TypedDict):
    """What became of the chosen photos."""

    explained: int
    rejected: dict[str, int]
    method: str | None
    precisions: dict[str, int]


def explain(
    settings: ExplainSettings,
    spark: SparkSession | None = None,
    photos: DataFrame | None = None,
) -> str:
    """Draw over every photo what is evidence for a class, in red, and against it, in blue.

    ``DIR/`` holds ``overlays/`` (JPEG, named after the image ids), ``explanations/`` (Parquet: the
    maps with their logits, or the reason why a photo has none), ``run.json``, and if a second
    opinion was requested ``second-opinions/``.

    Parameters
    ----------
    settings
        See :class:`~sparkles.settings.ExplainSettings`.
    spark
        A session to use; default: build one.
    photos
        A DataFrame of photos to use instead of ``settings.images``.

    Returns
    -------
    str
        The output folder.

    Raises
    ------
    UserError
        If the model or the photos cannot be read, or the network has no maps and no second opinion
        was requested.
    """
    check_before_start(settings, spark, photos=photos)
    wants_second = settings.second_opinion is OtherOpinion.SHAP
    stages = [Stage.LOAD_MODEL, Stage.FIND_PHOTOS, _EXPLAIN, _WRITE]
    stages += [_SECOND] if wants_second else []
    with start_run(settings, stages, spark) as run:
        with run.stages.stage(Stage.LOAD_MODEL, settings.model):
            model = load_model(run.spark, settings.model)
            classes = _indices(settings.classes, model.labels)
            mapped = has_maps(model.featurizer)
            if not mapped and not wants_second:
                model.featurizer.networkBeforePooling()  # raises an error that says why
        with run.stages.stage(Stage.FIND_PHOTOS):
            chosen, count, chosen_note = _choose(run, settings, photos)
        facts: dict[str, object] = {
            "labels": model.labels,
            "network": describe_network(model.featurizer),
            **chosen_note,
        }
        table = None
        with run.stages.stage(
            _EXPLAIN, f"{count:,} photos" if mapped else "the network has no map"
        ):
            if mapped:
                table = _explain(run, settings, model, chosen, classes, count)
                facts |= _describe(run, table)
        with run.stages.stage(_WRITE):
            if table is not None:
                facts["overlays"] = _write(run, settings, table, model.labels)
        if wants_second:
            with run.stages.stage(
                _SECOND, f"of {min(count, settings.second_opinion_photos)} photos"
            ):
                facts["second_opinion"] = give_second_opinions(run, settings, model, chosen, table)
        run.finish(facts)
    return settings.output


def _indices(classes: Sequence[str], labels: Sequence[str]) -> list[int]:
    """Return the indices of classes in the model.

    Raises
    ------
    UnknownClassError
        If the model does not have a class.
    """
    for name in classes:
        if name not in labels:
            raise UnknownClassError(
                f"{name!r} is not a class of this model.{nearest(name, labels)} Its classes are "
                f"{', '.join(labels)}",
                settings=["classes"],
            )
    return [labels.index(name) for name in dict.fromkeys(classes)]


def _choose(
    run: Run, settings: ExplainSettings, photos: DataFrame | None
) -> tuple[DataFrame, int, _ChosenNote]:
    """Choose the photos to explain; return them, their number, and how they were chosen."""
    found = list_unique_photos(run, settings.images, photos)
    named = found.count()
    chosen_by = "all"
    if 0 < settings.limit < named:
        # A hash of the ids chooses among all folders and dates; sorting would favour the first.
        ids = found.select(IMAGE_ID).orderBy(F.xxhash64(IMAGE_ID), IMAGE_ID).limit(settings.limit)
        found = found.join(F.broadcast(ids), on=IMAGE_ID, how="left_semi")
        chosen_by = f"the {settings.limit:,} whose ids have the smallest xxhash64"
        run.stages.say(
            f"      {settings.limit:,} of {named:,} photos, chosen by a hash of their ids"
        )
    count = min(named, settings.limit or named)
    return (
        store_references(run, found),
        count,
        {"named": named, "chosen": count, "chosen_by": chosen_by},
    )


def _explain(
    run: Run,
    settings: ExplainSettings,
    model: SavedModel,
    chosen: DataFrame,
    classes: Sequence[int],
    count: int,
) -> DataFrame:
    """Explain the photos, and store the rows of :func:`~sparkles.explanation.explain_photos`."""
    check_photos(run, chosen)
    if classes:
        chosen = chosen.withColumn(EXPLAINED, F.array(*[F.lit(index) for index in classes]))
    with show_progress(run.spark.sparkContext, count, quiet=run.stages.quiet) as done:
        lazy = explain_photos(
            chosen, model.featurizer, model.classifier, count, side=settings.side, counter=done
        )
        return run.store(lazy, "_work/explained")


def _describe(run: Run, table: DataFrame) -> _ExplainedNote:
    """Count the explained and the rejected photos, and print the counts."""
    reason = reason_of(F.col(ERROR)).alias(REASON)
    images = F.countDistinct(IMAGE_ID).alias("images")
    groups = table.groupBy(reason, PRECISION, METHOD).agg(images).sort(REASON, PRECISION).collect()
    good = [row for row in groups if row[REASON] is None]
    precisions = {row[PRECISION]: row["images"] for row in good}
    reasons = {row[REASON]: row["images"] for row in groups if row[REASON] is not None}
    method = good[0][METHOD] if good else None
    listed = ", ".join(f"{count:,} {word}" for word, count in reasons.items())
    run.stages.say(
        f"      {sum(precisions.values()):,} explained, maps {method}, "
        f"{describe_precisions(precisions)}; rejected: {listed or 'none'}"
    )
    return {
        "explained": sum(precisions.values()),
        "rejected": reasons,
        "method": method,
        "precisions": precisions,
    }


def _write(run: Run, settings: ExplainSettings, table: DataFrame, labels: Sequence[str]) -> int:
    """Write ``explanations/`` and the overlays; return the number of overlays."""
    names = array_of_texts(labels)
    explained = F.element_at(names, F.col(EXPLAINED) + 1)
    folder = F.lit(None).cast("string")
    if settings.classes:
        folders = array_of_texts(class_folders(labels))
        folder = F.element_at(folders, F.col(EXPLAINED) + 1)
    place = F.udf(overlay_place, "string")(F.col(IMAGE_ID), folder)
    columns = [
        F.element_at(names, F.col(PREDICTION) + 1).alias(PREDICTED_LABEL),
        F.map_from_arrays(names, F.col(PROBABILITY)).alias(PROBABILITIES),
        explained.alias("explained_label"),
        F.when(F.col(ERROR).isNull(), place).alias(OVERLAY),
    ]
    kept = [LOGIT, INTERCEPT, MAP, MAP_HEIGHT, MAP_WIDTH, METHOD, PRECISION, ERROR]
    run.store(table.select(IMAGE_ID, URI, *columns, *kept), "explanations")
    drawn = table.where(F.col(ERROR).isNull()).select(place.alias(PLACE), OVERLAY)
    there = run.files.absolute(run.folder)
    if can_write(there):
        target = str(local_path(there)) if is_local(there) else there
        # Writing needs credentials, even if the photos are public.
        return write_overlays(drawn, target, replace(s3_options(run.spark), anonymous=False))
    count = 0
    for row in drawn.toLocalIterator():  # the driver holds one partition at a time
        run.files.write_bytes(f"{there}/{row[PLACE]}", bytes(row[OVERLAY]))
        count += 1
    return count


def overlay_place(image_id: str, folder: str | None) -> str:
    """Return the path of an overlay in the output; requested classes have a folder each."""
    return "/".join(["overlays", *([folder] if folder else []), f"{file_name(image_id)}.jpg"])
