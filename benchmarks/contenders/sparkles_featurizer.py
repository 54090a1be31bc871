"""Sparkles: ``DeepImageFeaturizer`` on the URIs of a folder's photos, or of a manifest."""

from __future__ import annotations

from pathlib import Path

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from benchmarks.contenders.arguments import answer, parse
from benchmarks.networks import featurizer
from sparkles.features.feature_table import featurize_photos
from sparkles.spark.session import build_session

# The time in the JVM when a row comes back from the workers.
_NOW = "cast(reflect('java.lang.System', 'currentTimeMillis') as double) / 1000"


def main() -> None:
    """Featurize the photos, as the commands do, and write Parquet."""
    given = parse()
    session = build_session(
        master=f"local[{given.cores}]", conf={"spark.task.cpus": str(given.task_cpus)}
    )
    photos = _references(session, given.folder)
    count = photos.count()
    stage = featurizer(given.precision, photos, given.pooling, given.model)
    done = featurize_photos(photos, stage, count).withColumn("finished", F.expr(_NOW))
    output = str(given.folder.parent / f"features-{given.precision}")
    done.write.mode("overwrite").parquet(output)
    written = session.read.parquet(output)
    whole = F.col("error").isNull() & (F.size("features") == stage.network().length)
    assert written.where(whole & (F.col("precision") == given.precision)).count() == count
    answer(row.finished for row in written.select("finished").collect())


def _references(session: SparkSession, given: Path) -> DataFrame:
    if str(given).endswith(".csv"):
        return session.read.csv(str(given), header=True)
    rows = [(path.stem, str(path)) for path in sorted(given.glob("*.jpg"))]
    return session.createDataFrame(rows, ["image_id", "uri"])


if __name__ == "__main__":
    main()
