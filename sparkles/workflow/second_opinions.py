"""Second opinions on a few photos, on the driver: SHAP asks the whole model again and again."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from sparkles.choices import Precision
from sparkles.columns import (
    ERROR,
    EXPLAINED,
    IMAGE_ID,
    MAP,
    MAP_HEIGHT,
    MAP_WIDTH,
    URI,
)
from sparkles.errors import PhotoError
from sparkles.explanation import LinearClassifier, draw_overlay
from sparkles.explanation.file_name import class_folders, file_name
from sparkles.explanation.overlay import encode_jpeg, fit_picture
from sparkles.explanation.second_opinion import SecondOpinion, ShapExplainer, rank_agreement
from sparkles.ml.input_column import photo_kind
from sparkles.models.engines import load_engine
from sparkles.settings import ExplainSettings
from sparkles.spark.photo_tables import photo_column
from sparkles.spark.s3_requests import s3_options
from sparkles.worker.load import load_photo, load_picture
from sparkles.workflow.run import Run
from sparkles.workflow.saved_model import SavedModel

__all__ = ["give_second_opinions"]

_FOLDER = "second-opinions"
_LABEL = "explained_label"
_SCHEMA = """
    image_id string, uri string, explained int, explained_label string, logit double,
    blurred_logit double, values array<double>, height int, width int, agreement double
"""


def give_second_opinions(
    run: Run,
    settings: ExplainSettings,
    model: SavedModel,
    chosen: DataFrame,
    explained: DataFrame | None,
) -> dict[str, Any]:
    """Write ``second-opinions/``: for each of a few photos and every class, what SHAP says.

    ``overlays/<class>/<image id>.jpg``, and ``values/`` (Parquet): ``image_id``, ``uri``,
    ``explained``, ``explained_label``, ``logit``, ``blurred_logit``, ``values`` (row by row; their
    sum is the logit less the blurred one), ``height``, ``width``, ``agreement`` (Spearman's
    coefficient with the class activation map, where there is one).

    Parameters
    ----------
    chosen
        ``image_id``, ``uri`` and perhaps ``image``.
    explained
        What the maps said, ``None`` where the network has none.

    Returns
    -------
    dict
        What ``run.json`` says of it.
    """
    score = _score(model)
    explainer = ShapExplainer(score, settings.evaluations)
    column = photo_column(chosen)
    kind, s3 = photo_kind(chosen.schema, column), s3_options(run.spark)
    network = model.featurizer.network()
    folders = class_folders(model.labels)
    rows: list[dict[str, Any]] = []
    rejected: dict[str, str] = {}
    some = _some(chosen, explained, settings.second_opinion_photos)
    maps = _maps(explained, [row[IMAGE_ID] for row in some])
    for number, row in enumerate(some, start=1):
        photo = row[column].asDict() if isinstance(row[column], Row) else row[column]
        pixels = load_photo(photo, kind, network.height, network.width, fail_fast=False, s3=s3)
        picture = load_picture(photo, kind, (settings.side, settings.side), s3)
        if isinstance(pixels, PhotoError) or isinstance(picture, PhotoError):
            rejected[row[IMAGE_ID]] = str(pixels if isinstance(pixels, PhotoError) else picture)
            continue
        opinion = explainer.explain(pixels)
        small = fit_picture(picture, settings.side)
        for index, label in enumerate(model.labels):
            place = f"{_FOLDER}/overlays/{folders[index]}/{file_name(row[IMAGE_ID])}.jpg"
            overlay = encode_jpeg(draw_overlay(small, opinion.values[index]))
            run.files.write_bytes(f"{run.folder}/{place}", overlay)
            named = {IMAGE_ID: row[IMAGE_ID], URI: row[URI], EXPLAINED: index, _LABEL: label}
            rows.append(named | _columns(opinion, index, maps.get((row[IMAGE_ID], index))))
        run.stages.say(f"      {number} of {len(some)}: {row[IMAGE_ID]}")
    table = run.spark.createDataFrame([tuple(row.values()) for row in rows], _SCHEMA)
    run.store(table.coalesce(1), f"{_FOLDER}/values")
    known = [row["agreement"] for row in rows if row["agreement"] is not None]
    return {
        "by": str(settings.second_opinion),
        "evaluations": settings.evaluations,
        "photos": len(some) - len(rejected),
        "rejected": rejected,
        "agreement": round(float(np.median(known)), 4) if known else None,
    }


def _score(model: SavedModel) -> Any:
    """The whole model as a function from pixels to logits, in the model's own precision."""
    network = model.featurizer.network()
    precision = Precision(model.featurizer.getOrDefault(model.featurizer.precision))
    engine = load_engine(network.engine, network.files[0], None, precision)
    classifier = LinearClassifier.of_model(model.classifier)

    def score(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
        return classifier.logits(engine.features(pixels))

    return score


def _some(chosen: DataFrame, explained: DataFrame | None, count: int) -> list[Row]:
    """The first few photos by their ids; where maps were made, of those that have one."""
    if explained is not None:
        good = explained.where(F.col(ERROR).isNull()).select(IMAGE_ID).distinct()
        chosen = chosen.join(good, on=IMAGE_ID, how="left_semi")
    return chosen.orderBy(IMAGE_ID).limit(count).collect()


def _maps(
    explained: DataFrame | None, image_ids: list[str]
) -> dict[tuple[str, int], npt.NDArray[np.float64]]:
    if explained is None:
        return {}
    wanted = explained.where(F.col(IMAGE_ID).isin(image_ids) & F.col(ERROR).isNull())
    rows = wanted.select(IMAGE_ID, EXPLAINED, MAP, MAP_HEIGHT, MAP_WIDTH).collect()
    return {
        (row[IMAGE_ID], row[EXPLAINED]): np.reshape(row[MAP], (row[MAP_HEIGHT], row[MAP_WIDTH]))
        for row in rows
    }


def _columns(
    opinion: SecondOpinion, index: int, activation: npt.NDArray[np.float64] | None
) -> dict[str, Any]:
    values = opinion.values[index]
    return {
        "logit": float(opinion.logits[index]),
        "blurred_logit": float(opinion.blurred[index]),
        "values": values.ravel().tolist(),
        "height": values.shape[0],
        "width": values.shape[1],
        "agreement": None if activation is None else rank_agreement(values, activation),
    }
