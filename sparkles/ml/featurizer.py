"""``DeepImageFeaturizer``: photos in, feature vectors out, as a Spark ML stage."""

from __future__ import annotations

from typing import Any

from pyspark import Accumulator, keyword_only
from pyspark.ml.functions import array_to_vector
from pyspark.ml.linalg import VectorUDT
from pyspark.ml.param import Param, Params, TypeConverters
from pyspark.ml.param.shared import HasHandleInvalid, HasInputCol, HasOutputCol, HasSeed
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import (
    StringType,
    StructField,
    StructType,
)

from sparkles.columns import EngineName
from sparkles.errors import SchemaError, SettingsError
from sparkles.ml.featurize_udf import bound_batches, featurize_udf, ship_network
from sparkles.ml.input_column import photo_kind
from sparkles.ml.network_io import HasNetwork
from sparkles.ml.stage import (
    SparklesTransformer,
    choice,
    given_keywords,
    optional,
    positive_int,
    text,
)
from sparkles.ml.worker import FeaturizeTask, HandleInvalid, PhotoKind
from sparkles.models import NetworkSettings, Pooling, lookup_model

__all__ = ["DeepImageFeaturizer"]


class DeepImageFeaturizer(
    SparklesTransformer, HasInputCol, HasOutputCol, HasHandleInvalid, HasSeed, HasNetwork
):
    """Put photos through a pretrained network and give its features as vectors.

    Bytes or URIs travel to the Python workers, which fetch, decode, resize and infer in small
    batches; only vectors come back. Each worker process loads the network once. See
    :mod:`sparkles.imaging` for how photos of every kind are read: upright by their EXIF
    orientation, resized by Pillow's antialiased bilinear filter.

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
    engine : {"openvino", "keras"}
        What runs the network that Keras defined. The features are the same; OpenVINO is faster, and
        its workers need neither Keras nor TensorFlow.
    scaleHint : str
        Accepted from sparkdl's users and without effect: there is one resize.

    Raises
    ------
    SchemaError
        From ``transform`` and ``transformSchema``, before any job: the input column is missing or
        of another type, or an output column exists already.
    UnknownModelError, WeightsError, ModelError
        From ``transform``, before any job: the network cannot be had.
    FeaturizationError
        In the job, for the first bad photo under ``handleInvalid="error"``.

    Notes
    -----
    Where the input holds photos rather than URIs, ``transform`` lowers the session's
    ``spark.sql.execution.arrow.maxRecordsPerBatch`` to 64 if it is higher: it bounds what a
    worker holds, and Spark 3.5 has no other limit.

    A saved stage carries its network with it: it loads without Keras' cache, the weights file or
    a download.

    Examples
    --------
    >>> import io
    >>> from PIL import Image
    >>> from sparkles.session import build_session
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

    modelName: Param[str] = Param(
        Params._dummy(), "modelName", "name of the network (required)", typeConverter=text
    )
    scaleHint: Param[str] = Param(
        Params._dummy(),
        "scaleHint",
        "sparkdl's resize hint; accepted and without effect",
        typeConverter=TypeConverters.toString,
    )
    pooling: Param[str | None] = Param(
        Params._dummy(),
        "pooling",
        "avg, max, or None for the flattened legacy vector",
        typeConverter=optional(choice(*Pooling)),
    )
    weights: Param[str | None] = Param(
        Params._dummy(),
        "weights",
        "imagenet, embedded, random, a path or a URI; None for the network's own",
        typeConverter=optional(text),
    )
    outputLayer: Param[str | None] = Param(
        Params._dummy(),
        "outputLayer",
        "name of the layer to cut the network at; None for its last",
        typeConverter=optional(text),
    )
    batchSize: Param[int] = Param(
        Params._dummy(),
        "batchSize",
        "photos that go through the network together",
        typeConverter=positive_int,
    )
    handleInvalid: Param[str] = Param(
        Params._dummy(),
        "handleInvalid",
        "what becomes of a photo that gives no features: error, skip or keep",
        typeConverter=choice(*HandleInvalid),
    )
    errorCol: Param[str | None] = Param(
        Params._dummy(),
        "errorCol",
        "name of a new column with the reason why a photo has no features; None for no column",
        typeConverter=optional(text),
    )

    _counter: Accumulator[int] | None = None

    engine: Param[str] = Param(
        Params._dummy(),
        "engine",
        "what runs the network: openvino, or keras, the reference",
        typeConverter=choice(*EngineName),
    )

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
        seed: int = 0,
        engine: str = "openvino",
    ) -> None:
        super().__init__()
        self._setDefault(
            scaleHint="SCALE_AREA_AVERAGING",
            pooling="avg",
            weights=None,
            outputLayer=None,
            batchSize=16,
            handleInvalid="error",
            errorCol=None,
            seed=0,
            engine="openvino",
        )
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

    def networkSettings(self) -> NetworkSettings:
        """What the Params say of the network.

        Raises
        ------
        SettingsError
            If ``modelName`` is not set.
        UnknownModelError
            If it is not known.
        """
        if not self.isDefined(self.modelName):
            raise SettingsError("modelName is not set; give one, such as modelName='InceptionV3'")
        pooling = self.getOrDefault(self.pooling)
        return NetworkSettings(
            model=lookup_model(self.getOrDefault(self.modelName)).name,
            weights=self.getOrDefault(self.weights),
            pooling=None if pooling is None else Pooling(pooling),
            output_layer=self.getOrDefault(self.outputLayer),
            seed=self.getOrDefault(self.seed),
            engine=EngineName(self.getOrDefault(self.engine)),
        )

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
        if error_column := self.getOrDefault(self.errorCol):
            added.append(StructField(error_column, StringType(), nullable=True))
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
        spark = dataset.sparkSession
        network = self.network()
        kind = self._input_kind(dataset.schema)
        if kind is not PhotoKind.URI:
            bound_batches(spark)
        ship_network(spark.sparkContext, network)
        task = FeaturizeTask(
            engine=network.engine,
            network=network.name,
            height=network.height,
            width=network.width,
            kind=kind,
            batch_size=self.getOrDefault(self.batchSize),
            fail_fast=self.getHandleInvalid() == HandleInvalid.ERROR,
        )
        result = f"{self.uid}__result"
        photos = dataset.withColumn(
            result, featurize_udf(task, self._counter)(F.col(f"`{self.getInputCol()}`"))
        )
        if self.getHandleInvalid() == HandleInvalid.SKIP:
            photos = photos.where(F.col(result)["features"].isNotNull())
        return photos.select(*self._columns(dataset, result)).select(
            [F.col(f"`{name}`") for name in output_schema.names]
        )

    def _columns(self, dataset: DataFrame, result: str) -> list[Any]:
        features = F.col(result)["features"]
        vector = F.when(features.isNotNull(), array_to_vector(features))
        columns = [F.col(f"`{name}`") for name in dataset.columns]
        columns.append(vector.alias(self.getOutputCol()))
        if error_column := self.getOrDefault(self.errorCol):
            columns.append(F.col(result)["error"].alias(error_column))
        return columns
