"""What can be set on a featurizer: its Params, declared as Spark ML declares them."""

from __future__ import annotations

from enum import StrEnum

from pyspark.ml.param import Param, Params, TypeConverters
from pyspark.ml.param.shared import HasHandleInvalid, HasInputCol, HasOutputCol, HasSeed

from sparkles.choices import EngineName, Precision
from sparkles.errors import SettingsError
from sparkles.ml.stage import choice, optional, positive_int, text
from sparkles.models import NetworkSettings, Pooling, lookup_model

__all__ = ["DEFAULTS", "FeaturizerParams", "HandleInvalid"]


class HandleInvalid(StrEnum):
    """What becomes of a photo that gives no features."""

    ERROR = "error"
    SKIP = "skip"
    KEEP = "keep"


DEFAULTS = {
    "scaleHint": "SCALE_AREA_AVERAGING",
    "pooling": "avg",
    "weights": None,
    "outputLayer": None,
    "batchSize": 16,
    "handleInvalid": "error",
    "errorCol": None,
    "precisionCol": None,
    "seed": 0,
    "engine": "auto",
    "precision": "auto",
}


class FeaturizerParams(HasInputCol, HasOutputCol, HasHandleInvalid, HasSeed):
    """The Params of :class:`~sparkles.ml.DeepImageFeaturizer`, which says what they mean."""

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
    engine: Param[str] = Param(
        Params._dummy(),
        "engine",
        "what runs the network: auto, openvino, or keras, the reference",
        typeConverter=choice(*EngineName),
    )
    precision: Param[str] = Param(
        Params._dummy(),
        "precision",
        "what the network computes in: auto, f32, bf16 or int8",
        typeConverter=choice(*Precision),
    )
    errorCol: Param[str | None] = Param(
        Params._dummy(),
        "errorCol",
        "name of a new column with the reason why a photo has no features; None for no column",
        typeConverter=optional(text),
    )
    precisionCol: Param[str | None] = Param(
        Params._dummy(),
        "precisionCol",
        "name of a new column with what the features were computed in; None for no column",
        typeConverter=optional(text),
    )

    def networkSettings(self) -> NetworkSettings:
        """What the Params say of the network.

        Raises
        ------
        SettingsError
            If ``modelName`` is not set, or the engine has no such precision.
        UnknownModelError
            If it is not known.
        """
        if not self.isDefined(self.modelName):
            raise SettingsError("modelName is not set; give one, such as modelName='InceptionV3'")
        pooling = self.getOrDefault(self.pooling)
        engine = EngineName(self.getOrDefault(self.engine))
        precision = Precision(self.getOrDefault(self.precision))
        if engine is EngineName.KERAS and precision not in (Precision.AUTO, Precision.F32):
            raise SettingsError(
                f"precision={precision.value!r} needs the openvino engine; engine='keras' computes "
                "in f32"
            )
        return NetworkSettings(
            model=lookup_model(self.getOrDefault(self.modelName)).name,
            weights=self.getOrDefault(self.weights),
            pooling=None if pooling is None else Pooling(pooling),
            output_layer=self.getOrDefault(self.outputLayer),
            seed=self.getOrDefault(self.seed),
            engine=engine,
            int8=precision is Precision.INT8,
        )
