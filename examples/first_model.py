"""Train a model on photos in one folder per class, and classify other photos with it, in SQL.

    python examples/first_model.py photos new-photos runs/first [MobileNetV2]

The default network, SparklesDemo, comes with the package and is made for drawn photos; name another
one for real photos.
"""

import sys

import sparkles
from sparkles.spark.session import build_session


def main(photos: str, others: str, output: str, network: str = "SparklesDemo") -> None:
    """Train, show the metrics, and print the classes of other photos."""
    spark = build_session("first-model")
    run = sparkles.train(photos, output=output, model=network)
    run.show()
    sparkles.register_udf(spark, "classify", run)
    reader = spark.read.format("binaryFile").option("recursiveFileLookup", True)
    reader.load(others).createOrReplaceTempView("others")
    spark.sql(
        "SELECT found.predicted_label, found.error, count(*) AS photos "
        "FROM (SELECT classify(content) AS found FROM others) GROUP BY ALL"
    ).show(truncate=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
