"""Class activation maps and overlays of photos, computed in one pass by the workers."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from PIL import Image
from pyspark import Accumulator, SparkFiles
from pyspark.ml.classification import LogisticRegressionModel
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType

from sparkles.columns import (
    ERROR,
    EXPLAINED,
    FEATURES,
    IMAGE,
    IMAGE_ID,
    INTERCEPT,
    LOGIT,
    MAP,
    MAP_HEIGHT,
    MAP_WIDTH,
    METHOD,
    OVERLAY,
    PHOTO,
    PRECISION,
    PREDICTION,
    PROBABILITY,
    URI,
)
from sparkles.errors import PhotoError
from sparkles.explanation.activation_map import ClassActivationMaps
from sparkles.explanation.linear import LinearClassifier
from sparkles.explanation.overlay import draw_overlay, encode_jpeg, fit_picture
from sparkles.ml import DeepImageFeaturizer
from sparkles.ml.featurize_job import prepare_job
from sparkles.ml.task_decoder import task_decoder
from sparkles.models.feature_map import FeatureMap, has_feature_map
from sparkles.spark.photo_tables import photo_column, spread_photos
from sparkles.worker.decoder import PLAIN, Decoder
from sparkles.worker.featurize import FeaturizeTask, featurize_batches
from sparkles.worker.load import load_picture

__all__ = ["explain_photos", "has_maps", "maps_of"]

_MOST_PER_TASK = 64  # photos, so that a lost task costs little

_SCHEMA = f"""
    {IMAGE_ID} string, {URI} string, {EXPLAINED} int, {PREDICTION} int,
    {PROBABILITY} array<double>, {LOGIT} double, {INTERCEPT} double,
    {MAP} array<float>, {MAP_HEIGHT} int, {MAP_WIDTH} int, {METHOD} string,
    {PRECISION} string, {PHOTO} binary, {OVERLAY} binary, {ERROR} string
"""
_NAMES = [field.split()[0] for field in _SCHEMA.split(",")]


def has_maps(featurizer: DeepImageFeaturizer) -> bool:
    """Whether :func:`explain_photos` can explain a featurizer's network.

    It cannot if the network was cut at a layer whose output is already a vector.
    """
    return has_feature_map(featurizer.network())


def explain_photos(
    photos: DataFrame,
    featurizer: DeepImageFeaturizer,
    classifier: LogisticRegressionModel,
    count: int,
    *,
    side: int = 224,
    counter: Accumulator[int] | None = None,
) -> DataFrame:
    """Map for every photo which positions are evidence for a class and which against it.

    Parameters
    ----------
    photos
        ``image_id``, ``uri`` and optionally ``image`` (bytes or structs, used instead of the URI).
        Optionally ``explained``: the index of the class to explain, or an array of indices, which
        gives one row each; null for the predicted class.
    featurizer, classifier
        The parts of a trained model.
    count
        The number of photos, which decides the number of tasks.
    side
        The length of the longer side of ``photo`` and ``overlay`` in pixels.
    counter
        Incremented by the number of photos that are done.

    Returns
    -------
    DataFrame
        ``image_id`` string, ``uri`` string, ``explained`` int, ``prediction`` int, ``probability``
        array<double>, ``logit`` double and ``intercept`` double (of the explained class), ``map``
        array<float> (row by row; it sums to the logit minus the intercept), ``map_height`` int,
        ``map_width`` int, ``method`` string (``exact`` or ``approximate``), ``precision`` string
        (what the map was computed in), ``photo`` and ``overlay`` binary (JPEG), ``error`` string
        (null for a good photo; a bad photo has only ``error``, ``image_id`` and ``uri``). The
        DataFrame is lazy and unordered: write it before you read it twice. Each photo is fetched
        twice, for the network and for the picture.

    Raises
    ------
    ModelError
        If the network does not pool a feature map (see :func:`has_maps`), or the classifier was
        trained on features of another network.
    """
    maps = maps_of(featurizer.networkBeforePooling(), classifier)
    photo = F.col(photo_column(photos)).alias(IMAGE)
    spread = spread_photos(photos, count, most=_MOST_PER_TASK)
    ready = spread.select(IMAGE_ID, URI, photo, _explained_indices(photos).alias(EXPLAINED))
    stage = featurizer.featureMaps().setParams(inputCol=IMAGE, handleInvalid="keep")
    plan = _Plan(prepare_job(stage, stage.network(), ready), maps, side)

    def explain(frames: Iterable[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        with task_decoder() as decoder:
            for done, rows in _explain_frames(frames, plan, SparkFiles.get, decoder):
                yield rows
                if counter is not None:
                    counter.add(done)

    return ready.mapInPandas(explain, _SCHEMA)


def maps_of(feature_map: FeatureMap, classifier: LogisticRegressionModel) -> ClassActivationMaps:
    """Combine the feature map of a network with a classifier.

    Raises
    ------
    ModelError
        If they do not fit.
    """
    return ClassActivationMaps(
        LinearClassifier.of_model(classifier),
        shape=(feature_map.height, feature_map.width, feature_map.channels),
        pooling=feature_map.pooling,
    )


def _explained_indices(photos: DataFrame) -> Column:
    if EXPLAINED not in photos.columns:
        return F.lit(None).cast("array<int>")
    if isinstance(photos.schema[EXPLAINED].dataType, ArrayType):
        return F.col(EXPLAINED).cast("array<int>")
    index = F.col(EXPLAINED).cast("int")
    return F.when(index.isNotNull(), F.array(index))


@dataclass(frozen=True)
class _Plan:
    """What every worker needs to know."""

    task: FeaturizeTask
    maps: ClassActivationMaps
    side: int


def _explain_frames(
    frames: Iterable[pd.DataFrame],
    plan: _Plan,
    find_file: Callable[[str], str],
    decoder: Decoder = PLAIN,
) -> Iterator[tuple[int, pd.DataFrame]]:
    """Yield rows for each batch of photos, with the number of photos in the batch."""
    waiting: deque[tuple[Any, ...]] = deque()  # photos in the network, at most a batch or two

    def in_turn() -> Iterator[pd.Series[Any]]:
        for frame in frames:
            columns = [frame[name] for name in (IMAGE_ID, URI, IMAGE, EXPLAINED)]
            waiting.extend(zip(*columns, strict=True))
            yield frame[IMAGE]

    for batch in featurize_batches(in_turn(), plan.task, find_file, decoder):
        rows: list[dict[str, object]] = []
        for result in batch.to_dict("records"):
            image_id, uri, photo, explained = waiting.popleft()
            named = {IMAGE_ID: image_id, URI: uri}
            explanations = _explain_photo(photo, result, explained, plan, decoder)
            rows += [named | explanation for explanation in explanations]
        columns = {
            name: pd.Series([row.get(name) for row in rows], dtype=object) for name in _NAMES
        }
        yield len(batch), pd.DataFrame(columns)


def _explain_photo(
    photo: Any, result: Mapping[Any, Any], explained: Any, plan: _Plan, decoder: Decoder = PLAIN
) -> list[dict[str, object]]:
    if result[ERROR] is not None:
        return [{ERROR: result[ERROR]}]
    task, size = plan.task, (plan.side, plan.side)
    picture = load_picture(photo, task.kind, size, task.s3, decoder)
    if isinstance(picture, PhotoError):  # although it was read a moment ago
        return [{ERROR: str(picture)}]
    picture = fit_picture(picture, plan.side)
    verdict = plan.maps.judge(result[FEATURES])
    common = {
        PREDICTION: verdict.prediction,
        PROBABILITY: verdict.probabilities,
        METHOD: str(plan.maps.method),
        PRECISION: result[PRECISION],
        PHOTO: encode_jpeg(picture),
    }
    rows = []
    for index in [verdict.prediction] if explained is None else explained:
        values = plan.maps.map_of(result[FEATURES], int(index))
        logit, intercept = verdict.logits[index], plan.maps.classifier.intercepts[index]
        of_class = {EXPLAINED: int(index), LOGIT: float(logit), INTERCEPT: float(intercept)}
        rows.append(common | of_class | _map_columns(values, picture))
    return rows


def _map_columns(values: npt.NDArray[np.float64], picture: Image.Image) -> dict[str, object]:
    return {
        MAP: values.astype(np.float32).ravel(),
        MAP_HEIGHT: values.shape[0],
        MAP_WIDTH: values.shape[1],
        OVERLAY: encode_jpeg(draw_overlay(picture, values)),
    }
