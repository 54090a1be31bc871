"""Daft with Keras: ``download`` and a class UDF, as in its guide."""

from __future__ import annotations

import io
import time

import daft
import numpy as np
from daft.functions import download
from PIL import Image

from benchmarks.contenders.arguments import SIDE, answer, keras_inception, parse

_RESULT = daft.DataType.struct(
    {"features": daft.DataType.list(daft.DataType.float32()), "finished": daft.DataType.float64()}
)


@daft.udf(return_dtype=_RESULT, batch_size=16, concurrency=2)
class Featurize:
    """A UDF that loads the model once per process."""

    def __init__(self) -> None:
        self.model = keras_inception()

    def __call__(self, contents: daft.Series) -> list[dict[str, object]]:
        """Decode and predict a batch."""
        import keras

        images = [Image.open(io.BytesIO(one)).convert("RGB") for one in contents.to_pylist()]
        pixels = [np.asarray(one.resize((SIDE, SIDE)), dtype=np.float32) for one in images]
        inputs = keras.applications.inception_v3.preprocess_input(np.stack(pixels))
        features = self.model.predict(inputs, verbose=0)
        return [{"features": row.tolist(), "finished": time.time()} for row in features]


def main() -> None:
    """Featurize a folder."""
    given = parse()
    paths = [str(path.resolve()) for path in sorted(given.folder.glob("*.jpg"))]
    photos = daft.from_pydict({"path": paths})
    contents = photos.with_column("content", download(photos["path"]))
    done = contents.select(Featurize(contents["content"]).alias("result")).to_pydict()
    answer(row["finished"] for row in done["result"])


if __name__ == "__main__":
    main()
