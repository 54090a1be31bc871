"""The logistic regression in NumPy, against the one of Spark ML."""

from __future__ import annotations

import numpy as np
import pytest
from pyspark.ml.classification import LogisticRegression
from pyspark.ml.functions import array_to_vector
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from sparkles.explanation import LinearClassifier

ROWS, FEATURES = 60, 5


@pytest.mark.parametrize(
    ("classes", "options"),
    [
        (2, {"family": "binomial"}),
        (2, {"family": "multinomial"}),
        (3, {"family": "multinomial", "thresholds": [0.6, 0.3, 0.1]}),
    ],
    ids=["binomial", "multinomial of two", "multinomial with thresholds"],
)
def test_many_photos_are_classified_as_spark_does(
    spark: SparkSession, classes: int, options: dict[str, object]
) -> None:
    random = np.random.default_rng(classes)
    features = random.normal(size=(ROWS, FEATURES)).astype(np.float32)
    labels = (features[:, 0] + random.normal(size=ROWS) > 0) + (features[:, 1] > 1) * (classes - 2)
    rows = [(row.tolist(), float(label)) for row, label in zip(features, labels, strict=True)]
    table = spark.createDataFrame(rows, "features array<float>, label double")
    table = table.withColumn("features", array_to_vector(F.col("features"))).coalesce(1)
    model = LogisticRegression(regParam=0.01, maxIter=5, **options).fit(table)
    expected = model.transform(table).toPandas()
    classifier = LinearClassifier.of_model(model)
    probabilities = classifier.probabilities(classifier.logits(features))
    np.testing.assert_allclose(
        probabilities, np.stack([vector.toArray() for vector in expected["probability"]]),
        rtol=0, atol=1e-14,
    )  # fmt: skip
    assert classifier.predict(probabilities).tolist() == expected["prediction"].tolist()
    assert len(set(expected["prediction"])) == classes
    one = classifier.judge(features[0])
    np.testing.assert_allclose(one.probabilities, probabilities[0], rtol=0, atol=1e-15)
    assert one.prediction == expected["prediction"][0]
