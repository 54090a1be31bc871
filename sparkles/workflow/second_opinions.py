"""Second opinions on a few photos: SHAP runs the whole model many times, on the driver."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TypedDict

import numpy as np
import numpy.typing as npt
from PIL import Image
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

__all__ = ["SecondOpinionNote", "give_second_opinions"]

_FOLDER = "second-opinions"
_SCHEMA = """
    image_id string, uri string, explained int, explained_label string, logit double,
    blurred_logit double, values array<double>, height int, width int, agreement double
"""


class SecondOpinionNote(TypedDict):
    """The part of ``run.json`` about second opinions."""

    by: str
    evaluations: int
    photos: int
    rejected: dict[str, str]
    agreement: float | None


@dataclass(frozen=True)
class _Opinion:
    """A row of ``second-opinions/values``: the columns of `_SCHEMA`, in their order."""

    image_id: str
    uri: str | None
    explained: int
    explained_label: str
    logit: float
    blurred_logit: float
    values: list[float]
    height: int
    width: int
    agreement: float | None


def give_second_opinions(
    run: Run,
    settings: ExplainSettings,
    model: SavedModel,
    chosen: DataFrame,
    explained: DataFrame | None,
) -> SecondOpinionNote:
    """Write ``second-opinions/``: SHAP values for every class of each of a few photos.

    ``overlays/<class>/<image id>.jpg``, and ``values/`` (Parquet): ``image_id``, ``uri``,
    ``explained``, ``explained_label``, ``logit``, ``blurred_logit``, ``values`` (row by row; their
    sum is the logit minus the blurred one), ``height``, ``width``, ``agreement`` (Spearman's
    coefficient with the class activation map, where there is one).

    Parameters
    ----------
    chosen
        ``image_id``, ``uri`` and optionally ``image``.
    explained
        The class activation maps; ``None`` if the network has none.
    """
    explainer = ShapExplainer(_score(model), settings.evaluations)
    sample = _sample(chosen, explained, settings.second_opinion_photos)
    maps = _maps(explained, [row[IMAGE_ID] for row in sample])
    opinions: list[_Opinion] = []
    rejected: dict[str, str] = {}
    for number, row in enumerate(sample, start=1):
        loaded = _load(run, settings, model, chosen, row)
        if isinstance(loaded, PhotoError):
            rejected[row[IMAGE_ID]] = str(loaded)
            continue
        pixels, picture = loaded
        opinion = explainer.explain(pixels)
        _write_overlays(
            run, model.labels, row[IMAGE_ID], fit_picture(picture, settings.side), opinion
        )
        opinions += _list_opinions(row, model.labels, opinion, maps)
        run.stages.say(f"      {number} of {len(sample)}: {row[IMAGE_ID]}")
    table = run.spark.createDataFrame([tuple(asdict(one).values()) for one in opinions], _SCHEMA)
    run.store(table.coalesce(1), f"{_FOLDER}/values")
    known = [one.agreement for one in opinions if one.agreement is not None]
    return {
        "by": str(settings.second_opinion),
        "evaluations": settings.evaluations,
        "photos": len(sample) - len(rejected),
        "rejected": rejected,
        "agreement": round(float(np.median(known)), 4) if known else None,
    }


def _load(
    run: Run, settings: ExplainSettings, model: SavedModel, chosen: DataFrame, row: Row
) -> tuple[npt.NDArray[np.uint8], Image.Image] | PhotoError:
    """Load a photo twice: as the network sees it, and as a picture to draw on."""
    column = photo_column(chosen)
    kind, s3 = photo_kind(chosen.schema, column), s3_options(run.spark)
    network = model.featurizer.network()
    photo = row[column].asDict() if isinstance(row[column], Row) else row[column]
    pixels = load_photo(photo, kind, network.height, network.width, fail_fast=False, s3=s3)
    if isinstance(pixels, PhotoError):
        return pixels
    picture = load_picture(photo, kind, (settings.side, settings.side), s3)
    return picture if isinstance(picture, PhotoError) else (pixels, picture)


def _write_overlays(
    run: Run, labels: list[str], image_id: str, picture: Image.Image, opinion: SecondOpinion
) -> None:
    for folder, values in zip(class_folders(labels), opinion.values, strict=True):
        place = f"{_FOLDER}/overlays/{folder}/{file_name(image_id)}.jpg"
        run.files.write_bytes(f"{run.folder}/{place}", encode_jpeg(draw_overlay(picture, values)))


def _score(model: SavedModel) -> Callable[[npt.NDArray[np.uint8]], npt.NDArray[np.float64]]:
    """Return the whole model as a function from pixels to logits, in the model's precision."""
    network = model.featurizer.network()
    precision = Precision(model.featurizer.getOrDefault(model.featurizer.precision))
    engine = load_engine(network.engine, network.files[0], None, precision)
    classifier = LinearClassifier.of_model(model.classifier)

    def score(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
        return classifier.logits(engine.features(pixels))

    return score


def _sample(chosen: DataFrame, explained: DataFrame | None, count: int) -> list[Row]:
    """Collect the first photos by their ids; if maps were made, only photos that have one."""
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


def _list_opinions(
    row: Row,
    labels: list[str],
    opinion: SecondOpinion,
    maps: dict[tuple[str, int], npt.NDArray[np.float64]],
) -> list[_Opinion]:
    """List what SHAP found for every class of one photo."""
    opinions = []
    for index, label in enumerate(labels):
        values, activation = opinion.values[index], maps.get((row[IMAGE_ID], index))
        opinions.append(
            _Opinion(
                image_id=row[IMAGE_ID],
                uri=row[URI],
                explained=index,
                explained_label=label,
                logit=float(opinion.logits[index]),
                blurred_logit=float(opinion.blurred[index]),
                values=values.ravel().tolist(),
                height=values.shape[0],
                width=values.shape[1],
                agreement=None if activation is None else rank_agreement(values, activation),
            )
        )
    return opinions
