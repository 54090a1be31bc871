"""The results of a saved model for the photos that are stored with it."""

from __future__ import annotations

from pathlib import Path

from pyspark.ml import PipelineModel
from pyspark.sql import SparkSession

__all__ = ["results_of"]


def results_of(spark: SparkSession, folder: Path) -> dict[str, dict[str, list[float] | str]]:
    """Return features, probabilities and class by the name of each photo."""
    model = PipelineModel.load(str(folder / "model"))
    names = sorted(path.name for path in (folder / "photos").iterdir())
    photos = [(name, str(folder / "photos" / name)) for name in names]
    rows = model.transform(spark.createDataFrame(photos, ["name", "image"])).collect()
    return {
        row["name"]: {
            "features": row["features"].toArray().tolist(),
            "probability": row["probability"].toArray().tolist(),
            "predicted_label": row["predicted_label"],
        }
        for row in rows
    }
