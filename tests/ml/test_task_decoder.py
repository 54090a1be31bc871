"""Photos that kill a worker are found by the second attempt of its task, and the others survive."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pandas as pd
from pyspark.sql import SparkSession

from sparkles.ml.task_decoder import task_decoder
from sparkles.worker.decoder import PLAIN
from tests.photos import encode, picture
from tests.worker.deadly_decoder import write_hook


def test_outside_a_task_photos_are_decoded_plainly() -> None:
    with task_decoder() as decoder:
        assert decoder is PLAIN


def test_photos_that_kill_the_worker_are_rejected_and_the_others_are_read(
    spark: SparkSession, tmp_path: Path
) -> None:
    hook = str(write_hook(tmp_path))

    def load(frames: Iterable[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        import sys
        from pathlib import Path

        from pyspark import TaskContext

        from sparkles.errors import PhotoError
        from sparkles.imaging import decode
        from sparkles.ml.task_decoder import task_decoder
        from sparkles.worker.load import PhotoKind, load_photo

        real = decode._decode
        exec((Path(hook) / "sitecustomize.py").read_text(), {})
        sys.path.insert(0, hook)  # for the child
        try:
            with task_decoder() as decoder:
                for frame in frames:
                    found = [
                        load_photo(one, PhotoKind.BYTES, 8, 8, fail_fast=False, decoder=decoder)
                        for one in frame["photo"]
                    ]
                    told = [str(one) if isinstance(one, PhotoError) else "good" for one in found]
                    attempt = TaskContext.get().attemptNumber()
                    yield pd.DataFrame({"id": frame["id"], "told": told, "attempt": attempt})
        finally:  # this worker goes on to other tests
            decode._decode = real
            sys.path.remove(hook)

    good = encode(picture(20, 30))
    endings = [b"", b"<exit>", b"", b"<crash>", b""]
    rows = [(number, bytearray(good + ending)) for number, ending in enumerate(endings)]
    photos = spark.createDataFrame(rows, "id int, photo binary").coalesce(1)
    done = photos.mapInPandas(load, "id int, told string, attempt int").collect()
    assert {row.id: row.told for row in done} == {
        0: "good",
        1: "corrupt: the decoder ended its process with status 3",
        2: "good",
        3: "corrupt: the decoder was killed by signal 11",
        4: "good",
    }
    assert {row.attempt for row in done} == {1}
