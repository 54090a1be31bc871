"""The usual recipe: binaryFile, scalar-iterator pandas UDF, Pillow, ``keras.predict``, float32."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator

import numpy as np
import pandas as pd
from PIL import Image
from pyspark.sql.functions import pandas_udf
from pyspark.sql.types import ArrayType, DoubleType, FloatType, StructField, StructType

from benchmarks.contenders.arguments import SIDE, answer, keras_inception, parse
from sparkles.spark.session import build_session

# With Spark's default of 10,000 rows, a batch would be 3 GB of JPEGs; users reduce it.
_ROWS = "64"


_RESULT = StructType(
    [StructField("features", ArrayType(FloatType())), StructField("finished", DoubleType())]
)


@pandas_udf(_RESULT)
def featurize(batches: Iterator[pd.Series]) -> Iterator[pd.DataFrame]:
    """Decode and predict one batch after the other."""
    import keras

    model = keras_inception()
    preprocess = keras.applications.inception_v3.preprocess_input
    for contents in batches:
        images = [Image.open(io.BytesIO(one)).convert("RGB") for one in contents]
        pixels = [np.asarray(one.resize((SIDE, SIDE)), dtype=np.float32) for one in images]
        features = model.predict(preprocess(np.stack(pixels)), batch_size=16, verbose=0)
        yield pd.DataFrame({"features": list(features), "finished": time.time()})


def main() -> None:
    """Featurize a folder."""
    given = parse()
    session = build_session(
        master=f"local[{given.cores}]",
        conf={"spark.sql.execution.arrow.maxRecordsPerBatch": _ROWS},
    )
    photos = session.read.format("binaryFile").load(str(given.folder))
    done = photos.select(featurize("content").alias("result")).select("result.*")
    answer(row.finished for row in done.select("finished", "features").collect())


if __name__ == "__main__":
    main()
