"""``DeepImageFeaturizer``: photos in, feature vectors out, as a Spark ML stage."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pyspark import Accumulator, keyword_only
from pyspark.ml.functions import array_to_vector
from pyspark.ml.linalg import VectorUDT
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import StringType, StructField, StructType

from sparkles.choices import Precision
from sparkles.columns import ERROR, FEATURES, PRECISION
from sparkles.errors import SchemaError, SettingsError
from sparkles.ml.calibration import sample_pixels
from sparkles.ml.featurize_udf import bound_batches, featurize_udf, ship_network
from sparkles.ml.featurizer_params import DEFAULTS, FeaturizerParams, HandleInvalid
from sparkles.ml.input_column import photo_kind
from sparkles.ml.persistence import NetworkPersistence
from sparkles.ml.stage import SparklesTransformer, given_keywords
from sparkles.models.engines.openvino import check_precision
from sparkles.models.quantize import CALIBRATION_PHOTOS, quantize_network
from sparkles.spark.s3_requests import s3_options
from sparkles.worker.featurize import FeaturizeTask
from sparkles.worker.load import PhotoKind

__all__ = ["DeepImageFeaturizer"]


class DeepImageFeaturizer(SparklesTransformer, FeaturizerParams, NetworkPersistence):
    """Put photos through a pretrained network and give its features as vectors.

    Bytes or URIs travel to the Python workers, which fetch, decode, resize and infer in small
    batches; only vectors come back. Each worker process loads the network once. See
    :mod:`sparkles.imaging` for how photos of every kind are read: upright by their EXIF
    orientation, JPEGs decoded no larger than needed, resized by Pillow's antialiased bilinear
    filter.

    Parameters
    ----------
    inputCol : str
        Required. The column of photos: URI strings (local, ``s3://``, ``http(s)://``), encoded
        bytes (``format("binaryFile")``'s ``content``), or image structs (``format("image")``'s
        ``image``; BGR). Null is a photo without bytes.
    outputCol : str
        Name of the new column: a dense Vector of the network's features.
    modelName : str
        Required. A network's name: InceptionV3, Xception, ResNet50, VGG16, VGG19, MobileNet,
        MobileNetV2, EfficientNetB0 to B7, EfficientNetV2B0 to B3, S, M and L, DenseNet121;
        narrow variants as ``MobileNetV2-0.35``, other input sizes as ``MobileNet-0.50@128``.
        :func:`sparkles.models.model_names` lists them.
    pooling : {"avg", "max"} or None
        How the last feature map becomes a vector. ``None`` flattens it, row by row with the
        channels last, to sparkdl's legacy vector: 131,072 numbers for InceptionV3. (sparkdl's
        ResNet50 ended in average pooling, so its legacy vector is the pooled one of 2,048.)
    weights : str, optional
        ``imagenet`` (from Keras' cache under ``KERAS_HOME``, or downloaded), ``embedded``
        (SparklesDemo alone has such), ``random`` (drawn from ``seed``), or the path or URI of a
        weights file (``.weights.h5``, ``.h5``, ``.keras``). Default: the network's own.
    outputLayer : str, optional
        Name of the layer to cut the network at, as in ``mixed8``.
    batchSize : int
        Photos that go through the network together.
    handleInvalid : {"error", "skip", "keep"}
        A photo without features ends the job, or its row is dropped, or its row is kept with null
        features. Spark's own classifiers fail on null, so filter before them.
    errorCol : str, optional
        Name of a new column with the reason, ``reason: detail``; null for good photos.
    seed : int
        Of the random weights.
    engine : {"auto", "openvino", "keras"}
        What runs the network that Keras defined. OpenVINO is faster, and its workers need neither
        Keras nor TensorFlow; ``auto`` takes it where it is installed. Keras is the reference, and
        what runs on a GPU.
    precision : {"auto", "f32", "bf16", "int8"}
        What the network computes in. ``f32`` gives Keras' features; ``bf16`` is refused by CPUs
        without native bfloat16; ``auto`` is bf16 where it is native and f32 elsewhere, each
        worker by its own CPU; ``int8`` is quantized after training, see :meth:`calibrate`.
    precisionCol : str, optional
        Name of a new column with what the features were computed in: f32, bf16 or int8; null where
        there are none.
    scaleHint : str
        Accepted from sparkdl's users and without effect: there is one resize.

    Raises
    ------
    SchemaError
        From ``transform`` and ``transformSchema``, before any job: the input column is missing or
        of another type, or an output column exists already.
    UnknownModelError, WeightsError, ModelError
        From ``transform``, before any job: the network cannot be had.
    PrecisionError
        The CPU lacks bf16, or int8 strays too far from float32 on these photos.
    FeaturizationError
        In the job, for the first bad photo under ``handleInvalid="error"``.

    Notes
    -----
    Where the input holds photos rather than URIs, ``transform`` lowers the session's
    ``spark.sql.execution.arrow.maxRecordsPerBatch`` to 16 if it is higher: it bounds what a
    worker holds, and Spark 3.5 has no other limit.

    A saved stage carries its network with it: it loads without Keras' cache, the weights file or
    a download.

    Examples
    --------
    >>> import io
    >>> from PIL import Image
    >>> from sparkles.spark.session import build_session
    >>> spark = build_session()
    >>> file = io.BytesIO()
    >>> Image.new("RGB", (120, 80), "green").save(file, format="PNG")
    >>> rows = [(bytearray(file.getvalue()),), (bytearray(b"no photo"),)]
    >>> photos = spark.createDataFrame(rows, "content binary")
    >>> featurizer = DeepImageFeaturizer(
    ...     inputCol="content", outputCol="features", modelName="SparklesDemo",
    ...     handleInvalid="keep", errorCol="error")
    >>> good, bad = featurizer.transform(photos).collect()
    >>> good.features.size, good.error
    (192, None)
    >>> bad.features, bad.error
    (None, 'not an image: 8 bytes of no format that Pillow knows')
    """

    _counter: Accumulator[int] | None = None

    @keyword_only
    def __init__(
        self,
        *,
        inputCol: str | None = None,
        outputCol: str | None = None,
        modelName: str | None = None,
        scaleHint: str = "SCALE_AREA_AVERAGING",
        pooling: str | None = "avg",
        weights: str | None = None,
        outputLayer: str | None = None,
        batchSize: int = 16,
        handleInvalid: str = "error",
        errorCol: str | None = None,
        precisionCol: str | None = None,
        seed: int = 0,
        engine: str = "auto",
        precision: str = "auto",
    ) -> None:
        super().__init__()
        self._setDefault(**DEFAULTS)
        self._set(**given_keywords(self))

    @keyword_only
    def setParams(self, **params: Any) -> DeepImageFeaturizer:
        """Set any of the constructor's parameters."""
        return self._set(**given_keywords(self))

    def setInputCol(self, value: str) -> DeepImageFeaturizer:
        """Set the column of photos."""
        return self._set(inputCol=value)

    def setOutputCol(self, value: str) -> DeepImageFeaturizer:
        """Set the name of the features' column."""
        return self._set(outputCol=value)

    def setHandleInvalid(self, value: str) -> DeepImageFeaturizer:
        """Set what becomes of a photo that gives no features."""
        return self._set(handleInvalid=value)

    def setSeed(self, value: int) -> DeepImageFeaturizer:
        """Set the seed of random weights."""
        return self._set(seed=value)

    def countingPhotos(self, counter: Accumulator[int]) -> DeepImageFeaturizer:
        """Make a copy that adds to an accumulator the photos it has done, to show progress."""
        counting = self.copy()
        counting._counter = counter
        return counting

    def featureMaps(self) -> DeepImageFeaturizer:
        """Make a copy that gives the map before the pooling in the place of the features.

        Its vectors are the map row by row with the channels last; the shape is that of
        :meth:`networkBeforePooling`. The network and its precision are the same.

        Raises
        ------
        ModelError
            If the network pools no map.
        """
        cut = self.networkBeforePooling().network
        mapping = self.copy().setParams(pooling=None, engine=str(cut.engine))
        mapping._stored = (mapping.networkSettings(), cut)
        return mapping

    def calibrate(self, photos: DataFrame) -> DeepImageFeaturizer:
        """Make a copy whose int8 network is calibrated on a sample of photos, and checked.

        ``transform`` does it by itself on its own input where it was not done before. A
        calibrated stage saves its int8 network. Under any other precision there is nothing to do.

        Parameters
        ----------
        photos
            With the input column. URIs are sampled from all rows; of photos that are bytes or
            structs, the first are taken, so that not all are read.

        Raises
        ------
        PrecisionError
            If the int8 features stray too far from float32, with the measured cosines.
        """
        settings = self.networkSettings()
        calibrated = self.copy()
        if settings.int8 and not self._has(settings):
            exact = self._network_for(replace(settings, int8=False))
            kind = self._input_kind(photos.schema)
            if kind is not PhotoKind.URI:
                bound_batches(photos.sparkSession)
            size = (exact.height, exact.width)
            sample = sample_pixels(photos, self.getInputCol(), kind, size, CALIBRATION_PHOTOS)
            calibrated._stored = (settings, quantize_network(exact, sample))
        return calibrated

    def workerTask(self, dataset: DataFrame) -> FeaturizeTask:
        """What the workers must know to featurize a DataFrame; the network is sent to them.

        For passes of one's own over :func:`~sparkles.worker.featurize.featurize_batches`.

        Raises
        ------
        UserError
            As ``transform`` does, before any job.
        """
        if self.networkSettings().int8:
            self._stored = self.calibrate(dataset)._stored
        network, context = self.network(), dataset.sparkSession.sparkContext
        task = FeaturizeTask(
            engine=network.engine,
            network=network.name,
            height=network.height,
            width=network.width,
            kind=self._input_kind(dataset.schema),
            batch_size=self.getOrDefault(self.batchSize),
            fail_fast=self.getHandleInvalid() == HandleInvalid.ERROR,
            precision=Precision(self.getOrDefault(self.precision)),
            s3=s3_options(dataset.sparkSession),
        )
        if (context.master or "").startswith("local"):
            check_precision(task.precision)  # on a cluster, each worker knows its own CPU
        if task.kind is not PhotoKind.URI:
            bound_batches(dataset.sparkSession)
        ship_network(context, network)
        return task

    def transformSchema(self, schema: StructType) -> StructType:
        """The schema that ``transform`` gives, after the checks that need no job.

        Raises
        ------
        SchemaError
            If the input column is missing or mistyped, or an output column exists.
        """
        self.networkSettings()
        self._input_kind(schema)
        added = [StructField(self.getOutputCol(), VectorUDT(), nullable=True)]
        names = (self.getOrDefault(self.errorCol), self.getOrDefault(self.precisionCol))
        added += [StructField(name, StringType(), nullable=True) for name in names if name]
        for field in added:
            if field.name in schema.names:
                raise SchemaError(
                    f"column {field.name!r} exists already; choose another name for it, or drop it"
                )
        return StructType([*schema.fields, *added])

    def _input_kind(self, schema: StructType) -> PhotoKind:
        if not self.isDefined(self.inputCol):
            raise SettingsError("inputCol is not set; name the column of photos")
        return photo_kind(schema, self.getInputCol())

    def _transform(self, dataset: DataFrame) -> DataFrame:
        output_schema = self.transformSchema(dataset.schema)
        task = self.workerTask(dataset)
        result = f"{self.uid}__result"
        photos = dataset.withColumn(
            result, featurize_udf(task, self._counter)(F.col(f"`{self.getInputCol()}`"))
        )
        if self.getHandleInvalid() == HandleInvalid.SKIP:
            photos = photos.where(F.col(result)[FEATURES].isNotNull())
        return photos.select(*self._columns(dataset, result)).select(
            [F.col(f"`{name}`") for name in output_schema.names]
        )

    def _columns(self, dataset: DataFrame, result: str) -> list[Any]:
        features = F.col(result)[FEATURES]
        vector = F.when(features.isNotNull(), array_to_vector(features))
        columns = [F.col(f"`{name}`") for name in dataset.columns]
        columns.append(vector.alias(self.getOutputCol()))
        for param, field in ((self.errorCol, ERROR), (self.precisionCol, PRECISION)):
            if name := self.getOrDefault(param):
                columns.append(F.col(result)[field].alias(name))
        return columns
