"""SynapseML: ``ImageFeaturizer`` with the Keras network as ONNX, on Spark's ``image`` source.

Its jars come from Maven Central when the session starts, as SynapseML's guide has it;
``SYNAPSEML_JARS`` names a folder of them where there is none at hand.
"""

from __future__ import annotations

import os
from pathlib import Path

from pyspark.sql import functions as F

from benchmarks.contenders.arguments import SIDE, answer, keras_inception, parse
from sparkles.session import build_session

_PACKAGE = "com.microsoft.azure:synapseml-deep-learning_2.12:1.1.0"
_NOW = "cast(reflect('java.lang.System', 'currentTimeMillis') as double) / 1000"


def main() -> None:
    """Featurize a folder."""
    given = parse()
    network = _onnx(given.folder.parent / "inception.onnx")
    session = build_session(master=f"local[{given.cores}]", conf=_jars())
    from synapse.ml.onnx import ImageFeaturizer

    half = [0.5, 0.5, 0.5]
    featurizer = ImageFeaturizer(
        inputCol="image",
        outputCol="features",
        imageHeight=SIDE,
        imageWidth=SIDE,
        imageTensorName="pixels",
        featureTensorName="features",
        channelNormalizationMeans=half,
        channelNormalizationStds=half,
    ).setModelLocation(str(network))
    photos = session.read.format("image").load(str(given.folder))
    done = featurizer.transform(photos).select("features").withColumn("finished", F.expr(_NOW))
    output = str(given.folder.parent / "features-synapseml")
    done.write.mode("overwrite").parquet(output)
    answer(row.finished for row in session.read.parquet(output).select("finished").collect())


def _jars() -> dict[str, str]:
    folder = os.environ.get("SYNAPSEML_JARS")
    if folder is None:
        return {"spark.jars.packages": _PACKAGE}
    return {"spark.jars": ",".join(str(jar) for jar in Path(folder).glob("*.jar"))}


def _onnx(path: Path) -> Path:
    """Convert, channels first as SynapseML gives them, at the opset of its ONNX Runtime."""
    if not path.exists():
        import tensorflow as tf
        import tf2onnx

        network = keras_inception()
        spec = tf.TensorSpec([None, SIDE, SIDE, 3], tf.float32, name="pixels")

        @tf.function(input_signature=[spec])
        def features(pixels: tf.Tensor) -> dict[str, tf.Tensor]:
            return {"features": network(pixels, training=False)}

        tf2onnx.convert.from_function(
            features, [spec], opset=13, inputs_as_nchw=["pixels"], output_path=str(path)
        )
    return path


if __name__ == "__main__":
    main()
