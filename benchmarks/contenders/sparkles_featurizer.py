"""Sparkles: ``DeepImageFeaturizer`` on the URIs of a folder's photos."""

from __future__ import annotations

from pyspark.sql import functions as F

from benchmarks.contenders.arguments import answer, parse
from benchmarks.networks import featurizer
from sparkles.features.featurize import featurize_photos
from sparkles.session import build_session

# Noted in the JVM for each row that comes back from the workers.
_NOW = "cast(reflect('java.lang.System', 'currentTimeMillis') as double) / 1000"


def main() -> None:
    """Featurize a folder, as the commands do, and write Parquet."""
    given = parse()
    session = build_session(
        master=f"local[{given.cores}]", conf={"spark.task.cpus": str(given.task_cpus)}
    )
    paths = sorted(given.folder.glob("*.jpg"))
    rows = [(path.stem, str(path)) for path in paths]
    photos = session.createDataFrame(rows, ["image_id", "uri"])
    # As the commands do it: the int8 network was calibrated before, and is in the cache.
    stage = featurizer(given.precision, photos)
    done = featurize_photos(photos, stage, len(rows)).withColumn("finished", F.expr(_NOW))
    output = str(given.folder.parent / f"features-{given.precision}")
    done.write.mode("overwrite").parquet(output)
    written = session.read.parquet(output)
    assert written.where("error is null and size(features) = 2048").count() == len(rows)
    assert {row.precision for row in written.select("precision").distinct().collect()} == {
        given.precision
    }
    answer(row.finished for row in written.select("finished").collect())


if __name__ == "__main__":
    main()
