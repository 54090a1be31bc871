"""What can be set on a featurizer: its Params with their setters and getters."""

from __future__ import annotations

from typing import Self

from pyspark.ml.param import Param, Params
from pyspark.ml.param.shared import HasHandleInvalid, HasInputCol, HasOutputCol, HasSeed

from sparkles.choices import EngineName, HandleInvalid, Precision
from sparkles.errors import SettingsError
from sparkles.ml.stage import choice, optional, text, within
from sparkles.models import NetworkSettings, Pooling, lookup_model
from sparkles.models.weights import check_weights
from sparkles.ranges import ANY_SEED, BATCH_SIZE

__all__ = ["FeaturizerParams"]


def _network(value: object) -> str:
    """Convert a network's name to itself, if there is such a network."""
    name = text(value)
    lookup_model(name)
    return name


def _weights(value: object) -> str:
    """Convert a word for weights, or the name of a file, to itself."""
    weights = text(value)
    check_weights(weights)
    return weights


class FeaturizerParams(HasInputCol, HasOutputCol, HasHandleInvalid, HasSeed):
    """The Params of :class:`~sparkles.ml.DeepImageFeaturizer`, which documents their values."""

    inputCol: Param[str] = Param(
        Params._dummy(),
        "inputCol",
        "Required. Column of photos: URI strings, encoded bytes or image structs.",
        typeConverter=text,
    )
    outputCol: Param[str] = Param(
        Params._dummy(),
        "outputCol",
        "Name of the new column of feature vectors.",
        typeConverter=text,
    )
    modelName: Param[str] = Param(
        Params._dummy(),
        "modelName",
        "Required. Name of the pretrained network, for example InceptionV3.",
        typeConverter=_network,
    )
    scaleHint: Param[str] = Param(
        Params._dummy(),
        "scaleHint",
        "Accepted for compatibility with sparkdl; it has no effect.",
        typeConverter=text,
    )
    pooling: Param[str | None] = Param(
        Params._dummy(),
        "pooling",
        "How the last feature map becomes a vector: avg, max, or None to flatten it.",
        typeConverter=optional(choice(Pooling)),
    )
    weights: Param[str | None] = Param(
        Params._dummy(),
        "weights",
        "The network's weights: imagenet, embedded, random, or the path or URI of a file; None "
        "for the network's own.",
        typeConverter=optional(_weights),
    )
    outputLayer: Param[str | None] = Param(
        Params._dummy(),
        "outputLayer",
        "Name of the layer whose output becomes the features; None for the network's last.",
        typeConverter=optional(text),
    )
    batchSize: Param[int] = Param(
        Params._dummy(),
        "batchSize",
        "Number of photos that go through the network together.",
        typeConverter=within(BATCH_SIZE),
    )
    handleInvalid: Param[str] = Param(
        Params._dummy(),
        "handleInvalid",
        "What happens to a photo that gives no features: error ends the job, skip drops the row, "
        "keep keeps it with null features.",
        typeConverter=choice(HandleInvalid),
    )
    errorCol: Param[str | None] = Param(
        Params._dummy(),
        "errorCol",
        "Name of a new column with the reason why a photo has no features; None for no column.",
        typeConverter=optional(text),
    )
    precisionCol: Param[str | None] = Param(
        Params._dummy(),
        "precisionCol",
        "Name of a new column with the precision that the features were computed in; None for no "
        "column.",
        typeConverter=optional(text),
    )
    seed: Param[int] = Param(
        Params._dummy(),
        "seed",
        "Seed that random weights are drawn from.",
        typeConverter=within(ANY_SEED),
    )
    engine: Param[str] = Param(
        Params._dummy(),
        "engine",
        "What runs the network: openvino, keras, or auto for OpenVINO where it is installed.",
        typeConverter=choice(EngineName),
    )
    precision: Param[str] = Param(
        Params._dummy(),
        "precision",
        "What the network computes in: f32, bf16, int8, or auto for bf16 on CPUs that have it and "
        "f32 on others.",
        typeConverter=choice(Precision),
    )

    def setInputCol(self, value: str) -> Self:
        """Set the column of photos."""
        return self._set(inputCol=value)

    def getInputCol(self) -> str:
        """Return the column of photos.

        Raises
        ------
        SettingsError
            If it is not set.
        """
        if not self.isDefined(self.inputCol):
            raise SettingsError("inputCol is not set; set it to the column of photos")
        return self.getOrDefault(self.inputCol)

    def setOutputCol(self, value: str) -> Self:
        """Set the name of the new column of feature vectors."""
        return self._set(outputCol=value)

    def getOutputCol(self) -> str:
        """Return the name of the new column of feature vectors."""
        return self.getOrDefault(self.outputCol)

    def setModelName(self, value: str) -> Self:
        """Set the name of the network.

        Raises
        ------
        UnknownModelError
            If there is no network of that name.
        """
        return self._set(modelName=value)

    def getModelName(self) -> str:
        """Return the name of the network.

        Raises
        ------
        SettingsError
            If it is not set.
        """
        if not self.isDefined(self.modelName):
            raise SettingsError("modelName is not set; set one, for example 'InceptionV3'")
        return self.getOrDefault(self.modelName)

    def setScaleHint(self, value: str) -> Self:
        """Set sparkdl's hint for resizing, which has no effect."""
        return self._set(scaleHint=value)

    def getScaleHint(self) -> str:
        """Return sparkdl's hint for resizing, which has no effect."""
        return self.getOrDefault(self.scaleHint)

    def setPooling(self, value: str | None) -> Self:
        """Set how the last feature map becomes a vector: avg, max, or None to flatten it."""
        return self._set(pooling=value)

    def getPooling(self) -> str | None:
        """Return how the last feature map becomes a vector; None if it is flattened."""
        return self.getOrDefault(self.pooling)

    def setWeights(self, value: str | None) -> Self:
        """Set the network's weights; None for the network's own."""
        return self._set(weights=value)

    def getWeights(self) -> str | None:
        """Return the network's weights; None for the network's own."""
        return self.getOrDefault(self.weights)

    def setOutputLayer(self, value: str | None) -> Self:
        """Set the layer whose output becomes the features; None for the network's last."""
        return self._set(outputLayer=value)

    def getOutputLayer(self) -> str | None:
        """Return the layer whose output becomes the features; None for the network's last."""
        return self.getOrDefault(self.outputLayer)

    def setBatchSize(self, value: int) -> Self:
        """Set the number of photos that go through the network together."""
        return self._set(batchSize=value)

    def getBatchSize(self) -> int:
        """Return the number of photos that go through the network together."""
        return self.getOrDefault(self.batchSize)

    def setHandleInvalid(self, value: str) -> Self:
        """Set what happens to a photo that gives no features: error, skip or keep."""
        return self._set(handleInvalid=value)

    def getHandleInvalid(self) -> str:
        """Return what happens to a photo that gives no features: error, skip or keep."""
        return self.getOrDefault(self.handleInvalid)

    def setErrorCol(self, value: str | None) -> Self:
        """Set the name of the new column of reasons; None for no column."""
        return self._set(errorCol=value)

    def getErrorCol(self) -> str | None:
        """Return the name of the new column of reasons; None for no column."""
        return self.getOrDefault(self.errorCol)

    def setPrecisionCol(self, value: str | None) -> Self:
        """Set the name of the new column of precisions; None for no column."""
        return self._set(precisionCol=value)

    def getPrecisionCol(self) -> str | None:
        """Return the name of the new column of precisions; None for no column."""
        return self.getOrDefault(self.precisionCol)

    def setSeed(self, value: int) -> Self:
        """Set the seed of random weights."""
        return self._set(seed=value)

    def getSeed(self) -> int:
        """Return the seed of random weights."""
        return self.getOrDefault(self.seed)

    def setEngine(self, value: str) -> Self:
        """Set what runs the network: auto, openvino or keras."""
        return self._set(engine=value)

    def getEngine(self) -> str:
        """Return what runs the network: auto, openvino or keras."""
        return self.getOrDefault(self.engine)

    def setPrecision(self, value: str) -> Self:
        """Set what the network computes in: auto, f32, bf16 or int8."""
        return self._set(precision=value)

    def getPrecision(self) -> str:
        """Return what the network computes in: auto, f32, bf16 or int8."""
        return self.getOrDefault(self.precision)

    def networkSettings(self) -> NetworkSettings:
        """Return the settings of the network that the Params describe.

        Raises
        ------
        SettingsError
            If ``modelName`` is not set, or the engine does not have the precision.
        UnknownModelError
            If there is no network of that name.
        """
        model, pooling = lookup_model(self.getModelName()).name, self.getPooling()
        engine, precision = self._check_engine()
        return NetworkSettings(
            model=model,
            weights=self.getWeights(),
            pooling=None if pooling is None else Pooling(pooling),
            output_layer=self.getOutputLayer(),
            seed=self.getSeed(),
            engine=engine,
            int8=precision is Precision.INT8,
        )

    def _check_engine(self) -> tuple[EngineName, Precision]:
        """Return the engine and the precision, if the engine has it."""
        engine, precision = EngineName(self.getEngine()), Precision(self.getPrecision())
        if engine is EngineName.KERAS and precision not in (Precision.AUTO, Precision.F32):
            raise SettingsError(
                f"precision={precision.value!r} needs the openvino engine; engine='keras' computes "
                "in f32"
            )
        return engine, precision
