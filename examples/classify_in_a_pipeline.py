"""Fit a ``FeaturizedPipeline`` of Spark ML, which runs the network once, and save and load it.

    python examples/classify_in_a_pipeline.py photos runs/pipeline [InceptionV3]

The photos are sorted into one folder per class. The default network, SparklesDemo, comes with the
package and is made for drawn photos; name another one for real photos.
"""

import sys

from pyspark.ml import PipelineModel
from pyspark.ml.classification import LogisticRegression
from pyspark.ml.feature import StringIndexer
from pyspark.sql import functions as F

from sparkles import DeepImageFeaturizer, FeaturizedPipeline
from sparkles.spark.session import build_session


def main(folder: str, output: str, network: str = "SparklesDemo") -> None:
    """Fit, save, load and apply a classifier."""
    spark = build_session("pipeline")
    reader = spark.read.format("binaryFile").option("recursiveFileLookup", True)
    photos = reader.load(folder).select(
        "path", "content", F.element_at(F.split("path", "/"), -2).alias("class")
    )
    pipeline = FeaturizedPipeline(  # runs the network once for each photo
        stages=[
            StringIndexer(inputCol="class", outputCol="label"),
            # Spark's classifiers fail on null, so rows of bad photos are dropped.
            DeepImageFeaturizer(
                inputCol="content",
                outputCol="features",
                modelName=network,
                handleInvalid="skip",
            ),
            LogisticRegression(maxIter=20, regParam=0.05, elasticNetParam=0.3),
        ]
    )
    pipeline.fit(photos).write().overwrite().save(output)
    model = PipelineModel.load(output)  # the saved model contains its network
    model.transform(photos).groupBy("class", "prediction").count().orderBy("class").show()


if __name__ == "__main__":
    main(*sys.argv[1:])
