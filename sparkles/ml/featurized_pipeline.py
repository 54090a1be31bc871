"""``FeaturizedPipeline``: a Spark ML pipeline that puts each photo through the network once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self, cast

from pyspark import StorageLevel
from pyspark.ml import Estimator, Pipeline, PipelineModel, Transformer
from pyspark.ml.param import Params
from pyspark.ml.pipeline import PipelineReader, PipelineWriter
from pyspark.sql import DataFrame

from sparkles.errors import SettingsError
from sparkles.ml.featurizer import DeepImageFeaturizer
from sparkles.ml.input_column import photo_kind
from sparkles.worker.load import PhotoKind

__all__ = ["FeaturizedPipeline"]


class FeaturizedPipeline(Pipeline):
    """Fit a pipeline as Spark's ``Pipeline`` does, but run the network only once.

    Estimators read their input several times: ``LogisticRegression`` makes at least two passes,
    a ``CrossValidator`` several for each fold and each combination of parameters. In a
    ``Pipeline``, each pass puts every photo through the network again. Here, the features are
    stored in the executors' memory, and on their disks if that is full, until the fit ends.

    Photos are not stored: a column of bytes or image structs is dropped once no later stage names
    it. URIs and all other columns stay.

    Parameters
    ----------
    stages : list of pyspark.ml stages
        At least one is a :class:`DeepImageFeaturizer`. To choose parameters, put the
        ``CrossValidator`` inside, as a stage after the featurizer; one around the pipeline would
        run the network again for each fold.

    Raises
    ------
    SettingsError
        From ``fit``: no stage is a :class:`DeepImageFeaturizer`, or the stages are not set.

    Notes
    -----
    ``fit`` returns an ordinary ``PipelineModel`` of all stages, the same that ``Pipeline`` fits. An
    executor that is lost takes its features with it, and its photos go through the network again.

    Examples
    --------
    >>> from pyspark.ml.classification import LogisticRegression
    >>> from sparkles.ml import DeepImageFeaturizer
    >>> from sparkles.spark.session import build_session
    >>> spark = build_session()
    >>> featurizer = DeepImageFeaturizer(
    ...     inputCol="uri", outputCol="features", modelName="SparklesDemo")
    >>> pipeline = FeaturizedPipeline(stages=[featurizer, LogisticRegression(maxIter=5)])
    >>> [type(stage).__name__ for stage in pipeline.getStages()]
    ['DeepImageFeaturizer', 'LogisticRegression']
    """

    def _fit(self, dataset: DataFrame) -> PipelineModel:
        stages = self._checked_stages()
        last = max((at for at, each in enumerate(stages) if isinstance(each, Estimator)), default=0)
        fitted: list[Transformer] = []
        stored: list[DataFrame] = []
        lazy = False  # whether reading the dataset would run a network
        try:
            for place, stage in enumerate(stages):
                if isinstance(stage, Estimator):
                    if lazy:
                        dataset, lazy = _store(dataset, stages[:place], stages[place:]), False
                        stored.append(dataset)
                    stage = stage.fit(dataset)
                fitted.append(stage)
                if place < last:
                    dataset = stage.transform(dataset)
                    lazy = lazy or isinstance(stage, DeepImageFeaturizer)
        finally:
            for each in stored:
                each.unpersist()
        return PipelineModel(fitted)

    def _checked_stages(self) -> list[Estimator[Any] | Transformer]:
        stages = self.getStages() if self.isDefined(self.stages) else []
        if not any(isinstance(stage, DeepImageFeaturizer) for stage in stages):
            found = ", ".join(type(stage).__name__ for stage in stages) or "no stages"
            raise SettingsError(
                f"expected a DeepImageFeaturizer among the stages, got {found}; name it as a stage "
                "of its own, or use pyspark.ml.Pipeline"
            )
        for stage in stages:
            if not isinstance(stage, Estimator | Transformer):
                raise SettingsError(
                    "expected stages of pyspark.ml (estimators and transformers), got "
                    f"{type(stage).__name__}"
                )
        return stages

    def write(self) -> PipelineWriter:
        """Return the writer of the stages."""
        return PipelineWriter(self)

    @classmethod
    def read(cls) -> PipelineReader:
        """Return the reader of the stages."""
        return _Reader(cls)

    @classmethod
    def load(cls, path: str) -> Self:
        """Load a pipeline that was saved to a path, with its networks."""
        return cast(Self, cls.read().load(path))


class _Reader(PipelineReader):
    def load(self, path: str) -> Pipeline:
        loaded = super().load(path)  # always a Pipeline
        return self.cls(stages=loaded.getStages())._resetUid(loaded.uid)


def _store(dataset: DataFrame, before: Sequence[Params], later: Sequence[Params]) -> DataFrame:
    """Compute the features, and store them without the photos that no later stage needs."""
    featurizers = [stage for stage in before if isinstance(stage, DeepImageFeaturizer)]
    for photos in {stage.getInputCol() for stage in featurizers} & set(dataset.columns):
        is_large = photo_kind(dataset.schema, photos) is not PhotoKind.URI
        if is_large and not any(photos in word for stage in later for word in _words(stage)):
            dataset = dataset.drop(photos)
    stored = dataset.persist(StorageLevel.MEMORY_AND_DISK)
    stored.count()  # all of it at once: later jobs at the same time would each compute a part
    return stored


def _words(value: object) -> Iterator[str]:
    """Yield the texts among a stage's Params, and those of the stages in it: names of columns."""
    if isinstance(value, Params):
        value = value.extractParamMap()
    if isinstance(value, Mapping):
        for each in value.values():
            yield from _words(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _words(each)
    elif isinstance(value, str):
        yield value
