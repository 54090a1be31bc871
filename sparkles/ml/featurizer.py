"""``DeepImageFeaturizer``: a Spark ML stage from photos to feature vectors."""

from __future__ import annotations

from dataclasses import replace
from typing import Self

from pyspark import keyword_only
from pyspark.ml.functions import array_to_vector
from pyspark.ml.linalg import VectorUDT
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import StringType, StructField, StructType

from sparkles.choices import DEFAULT_BATCH_SIZE, HandleInvalid
from sparkles.columns import ERROR, FEATURES, PRECISION
from sparkles.errors import SchemaError
from sparkles.ml.calibration import sample_pixels
from sparkles.ml.featurize_job import limit_batches, prepare_job
from sparkles.ml.featurize_udf import featurize_udf
from sparkles.ml.featurizer_params import FeaturizerParams
from sparkles.ml.input_column import photo_kind
from sparkles.ml.persistence import NetworkPersistence
from sparkles.ml.stage import NOT_GIVEN, SparklesTransformer, default_params, given_params
from sparkles.models.quantize import CALIBRATION_PHOTOS, quantize_network

__all__ = ["DeepImageFeaturizer"]


class DeepImageFeaturizer(SparklesTransformer, FeaturizerParams, NetworkPersistence):
    """Turn photos into feature vectors with a pretrained network.

    Bytes or URIs travel to the Python workers, which fetch, decode, resize and infer in small
    batches; only vectors come back. Each worker process loads the network once. See
    :mod:`sparkles.imaging` for how photos of every kind are read: upright by their EXIF
    orientation, JPEGs decoded no larger than needed, resized by Pillow's antialiased bilinear
    filter.

    Parameters
    ----------
    inputCol : str
        Required. The column of photos: URI strings (local, ``s3://``, ``http(s)://``), encoded
        bytes (``content`` of ``format("binaryFile")``), or image structs (``image`` of
        ``format("image")``; BGR). Null counts as a photo without bytes.
    outputCol : str
        Name of the new column: a dense Vector of the network's features. Its metadata have the
        length, so that later stages read no photo for it. Default: the stage's ``uid`` with
        ``__output`` appended.
    modelName : str
        Required. A network's name: InceptionV3, Xception, ResNet50, VGG16, VGG19, MobileNet,
        MobileNetV2, EfficientNetB0 to B7, EfficientNetV2B0 to B3, S, M and L, DenseNet121;
        narrow variants, for example ``MobileNetV2-0.35``; other input sizes, for example
        ``MobileNet-0.50@128``. :func:`sparkles.models.model_names` lists them.
    pooling : {"avg", "max"} or None
        How the last feature map becomes a vector. ``None`` flattens it, row by row with the
        channels last, to sparkdl's legacy vector: 131,072 numbers for InceptionV3. (sparkdl's
        ResNet50 ended in average pooling, so its legacy vector is the pooled one of 2,048.)
    weights : str, optional
        ``imagenet`` (from Keras' cache under ``KERAS_HOME``, or downloaded), ``embedded``
        (only SparklesDemo has them), ``random`` (drawn from ``seed``), or the path or URI of a
        weights file (``.weights.h5``, ``.h5``, ``.keras``). Default: the network's own.
    outputLayer : str, optional
        Name of the layer to cut the network at, for example ``mixed8``. Default: the network's
        last.
    batchSize : int
        Number of photos that go through the network together.
    handleInvalid : {"error", "skip", "keep"}
        A photo without features ends the job, or its row is dropped, or its row is kept with null
        features. Spark's own classifiers fail on null, so filter before them.
    errorCol : str, optional
        Name of a new column with the reason, ``reason: detail``; null for good photos.
    seed : int
        Seed of the random weights.
    engine : {"auto", "openvino", "keras"}
        What runs the network that Keras defines. OpenVINO is faster, and its workers need neither
        Keras nor TensorFlow; ``auto`` chooses it where it is installed. Keras is the reference, and
        runs on GPUs.
    precision : {"auto", "f32", "bf16", "int8"}
        What the network computes in. ``f32`` gives Keras' features; ``bf16`` is refused by CPUs
        without native bfloat16; ``auto`` is bf16 where it is native and f32 elsewhere, and each
        worker decides by its own CPU; ``int8`` is quantized after training, see
        :meth:`calibrate`.
    precisionCol : str, optional
        Name of a new column with the precision that the features were computed in: f32, bf16 or
        int8; null where there are no features.
    scaleHint : str
        Accepted for compatibility with sparkdl; it has no effect, because there is only one way
        to resize.

    Raises
    ------
    SchemaError
        From ``transform`` and ``transformSchema``, before any job: the input column is missing or
        has another type, or an output column exists already.
    UnknownModelError
        At once: there is no network of that name. The message has the nearest names.
    SettingsError
        At once: a value is of no use, or the engine lacks the precision.
    WeightsError, ModelError
        At once if the weights have no known name; else from ``transform``, before any job: the
        network cannot be built.
    PrecisionError
        The CPU lacks bf16, or the int8 features of these photos differ too much from float32.
    FeaturizationError
        In the job, for the first bad photo under ``handleInvalid="error"``.

    Notes
    -----
    If the input column holds photos and not URIs, ``transform`` and ``calibrate`` lower the
    session's ``spark.sql.execution.arrow.maxRecordsPerBatch`` to 16 if it is higher: it bounds
    what a worker holds, and Spark 3.5 has no other limit.

    A photo has at most 256 MB (:data:`sparkles.storage.MOST_BYTES`) and takes at most 600 MiB of
    memory (``sparkles.imaging.memory.MOST_MEMORY``). A photo that kills or hangs the decoder is
    rejected when Spark tries its task again; a local session of your own does so with a master
    like ``local[2,4]``.

    A saved stage carries its network: it loads without Keras' cache, the weights file or a
    download. An int8 stage can be saved once its network is calibrated: call :meth:`calibrate`,
    or ``transform`` once.

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
    >>> bad.features, bad.error.partition(";")[0]
    (None, 'not an image: 8 bytes of an unknown format')
    """

    @keyword_only
    def __init__(
        self,
        *,
        inputCol: str = NOT_GIVEN,
        outputCol: str = NOT_GIVEN,
        modelName: str = NOT_GIVEN,
        scaleHint: str = "SCALE_AREA_AVERAGING",
        pooling: str | None = "avg",
        weights: str | None = None,
        outputLayer: str | None = None,
        batchSize: int = DEFAULT_BATCH_SIZE,
        handleInvalid: str = "error",
        errorCol: str | None = None,
        precisionCol: str | None = None,
        seed: int = 0,
        engine: str = "auto",
        precision: str = "auto",
    ) -> None:
        super().__init__()
        self._setDefault(**default_params(DeepImageFeaturizer))
        self._set(**given_params(self))
        self._check_engine()

    @keyword_only
    def setParams(
        self,
        *,
        inputCol: str = NOT_GIVEN,
        outputCol: str = NOT_GIVEN,
        modelName: str = NOT_GIVEN,
        scaleHint: str = NOT_GIVEN,
        pooling: str | None = NOT_GIVEN,
        weights: str | None = NOT_GIVEN,
        outputLayer: str | None = NOT_GIVEN,
        batchSize: int = NOT_GIVEN,
        handleInvalid: str = NOT_GIVEN,
        errorCol: str | None = NOT_GIVEN,
        precisionCol: str | None = NOT_GIVEN,
        seed: int = NOT_GIVEN,
        engine: str = NOT_GIVEN,
        precision: str = NOT_GIVEN,
    ) -> Self:
        """Set the parameters that are given; the others stay as they are."""
        return self._set(**given_params(self))

    def featureMaps(self) -> Self:
        """Return a copy of this stage whose vectors are the maps before the pooling.

        A vector is the map row by row, channels last; :meth:`networkBeforePooling` has its shape.
        The network and its precision are the same.

        Raises
        ------
        ModelError
            If the network pools no map.
        """
        cut = self.networkBeforePooling().network
        mapping = self.copy().setParams(pooling=None, engine=str(cut.engine))
        mapping._stored = (mapping.networkSettings(), cut)
        return mapping

    def calibrate(self, photos: DataFrame) -> Self:
        """Return a copy whose int8 network is calibrated on a sample of photos, and checked.

        Without it, ``transform`` calibrates the network on its own input. A calibrated stage saves
        its int8 network. With any other precision the copy is like this stage.

        Parameters
        ----------
        photos
            Has the input column. URIs are sampled from all rows. If the rows hold photos as bytes
            or structs, the first are taken, so that not all are read.

        Raises
        ------
        PrecisionError
            If the int8 features differ too much from float32; the message has the cosines.
        """
        calibrated, settings = self.copy(), self.networkSettings()
        if not settings.int8 or self._has_network(settings):
            return calibrated
        exact = self._network_for(replace(settings, int8=False))
        kind = photo_kind(photos.schema, self.getInputCol())
        limit_batches(photos.sparkSession, kind)
        size = (exact.height, exact.width)
        sample = sample_pixels(photos, self.getInputCol(), kind, size, CALIBRATION_PHOTOS)
        calibrated._stored = (settings, quantize_network(exact, sample))
        return calibrated

    def transformSchema(self, schema: StructType) -> StructType:
        """Return the schema that ``transform`` gives, after the checks that need no job.

        Only ``transform`` adds the length of the vectors as Spark ML's ``num_attrs``, because it
        builds the network.

        Raises
        ------
        SchemaError
            If the input column is missing or has another type, or an output column exists already.
        """
        self.networkSettings()
        photo_kind(schema, self.getInputCol())
        added = [StructField(self.getOutputCol(), VectorUDT(), nullable=True)]
        names = (self.getErrorCol(), self.getPrecisionCol())
        added += [StructField(name, StringType(), nullable=True) for name in names if name]
        taken = {name.casefold() for name in schema.names}  # Spark ignores the letter case
        for field in added:
            if field.name.casefold() in taken:
                raise SchemaError(
                    f"column {field.name!r} exists already; choose another name for it, or drop it"
                )
            taken.add(field.name.casefold())
        return StructType([*schema.fields, *added])

    def _transform(self, dataset: DataFrame) -> DataFrame:
        output_schema = self.transformSchema(dataset.schema)
        # The only change that transform makes to a stage: an int8 network that it had to calibrate
        # stays, so that the stage can be saved and its next transform gives the same features.
        self._stored = self.calibrate(dataset)._stored
        network = self.network()
        task = prepare_job(self, network, dataset)
        result = f"{self.uid}__result"
        photos = dataset.withColumn(result, featurize_udf(task)(F.col(f"`{self.getInputCol()}`")))
        if self.getHandleInvalid() == HandleInvalid.SKIP:
            photos = photos.where(F.col(result)[FEATURES].isNotNull())
        return photos.select(*self._columns(dataset, result, network.length)).select(
            [F.col(f"`{name}`") for name in output_schema.names]
        )

    def _columns(self, dataset: DataFrame, result: str, length: int) -> list[Column]:
        features = F.col(result)[FEATURES]
        vector = F.when(features.isNotNull(), array_to_vector(features))
        # Spark ML's attributes of a vector: without them, stages would read a row for its length.
        attributes = {"ml_attr": {"num_attrs": length}}
        columns = [F.col(f"`{name}`") for name in dataset.columns]
        columns.append(vector.alias(self.getOutputCol(), metadata=attributes))
        for name, field in ((self.getErrorCol(), ERROR), (self.getPrecisionCol(), PRECISION)):
            if name:
                columns.append(F.col(result)[field].alias(name))
        return columns
