"""Listing: a folder of many photos in S3, listed by Sparkles' workers and by Spark's own reader.

python -m benchmarks.listing [--keys 100000] [--readers sparkles]

The server is local, in a separate process. Spark's reader needs its S3 connector from Maven
Central; if it cannot be downloaded, this reader is skipped. The reader also requests each file's
status, which takes minutes with this server: use --readers sparkles to skip it.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from benchmarks.measure import Memory, hardware

_READERS = {"sparkles": "Sparkles, ranges of keys", "s3a": "Spark's binaryFile reader over S3A"}
_FOLDER = "s3://photos/train"
_ACCOUNT = "123456789012"  # moto's
_MB = 1e6


def main() -> None:
    """List the same keys with each reader, in a fresh process each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keys", type=int, default=100_000)
    parser.add_argument("--output", type=Path, default=Path("runs/benchmarks/listing.json"))
    parser.add_argument("--readers", nargs="+", choices=list(_READERS), default=list(_READERS))
    parser.add_argument("--part", choices=["serve", *_READERS], help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.part:
        parts = {"serve": lambda: _serve(given.keys), "sparkles": _by_sparkles, "s3a": _by_s3a}
        parts[given.part]()
        return
    given.output.parent.mkdir(parents=True, exist_ok=True)
    table = ["| reader | keys | requests | s | keys/s | driver, MB | JVM, MB | workers, MB |"]
    table.append("|---|---|---|---|---|---|---|---|")
    found: dict[str, Any] = {}
    with _server(given.keys) as environment:
        for reader in given.readers:
            name = _READERS[reader]
            facts = found[reader] = _measure(reader, given.output, environment)
            if facts is None:
                print(f"{name}: no connector; see {given.output.parent}/listing-{reader}.log")  # noqa: T201
                continue
            peak = facts["peak MB"]
            sizes = " | ".join(f"{peak.get(kind, 0):.0f}" for kind in ("driver", "JVM", "workers"))
            rate = facts["keys"] / facts["seconds"]
            table.append(
                f"| {name} | {facts['keys']:,} | {facts['requests']} | {facts['seconds']:.1f} | "
                f"{rate:,.0f} | {sizes} |"
            )
    given.output.write_text(json.dumps({"hardware": hardware(), "readers": found}, indent=1))
    print("\n".join([hardware(), *table]))  # noqa: T201


@contextmanager
def _server(keys: int) -> Iterator[dict[str, str]]:
    """Start a server with that many keys; yield the environment that a client needs."""
    command = [sys.executable, "-m", "benchmarks.listing", "--part", "serve", "--keys", str(keys)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            endpoint, log = json.loads(server.stdout.readline() if server.stdout else "")
            yield {
                **os.environ,
                "AWS_ENDPOINT_URL_S3": endpoint,
                "AWS_ACCESS_KEY_ID": "made-up",
                "AWS_SECRET_ACCESS_KEY": "made-up",
                "AWS_REGION": "us-east-1",
                "AWS_EC2_METADATA_DISABLED": "true",
                "no_proxy": "127.0.0.1",
                "SPARKLES_BENCHMARK_LOG": log,
            }
        finally:
            server.terminate()


def _measure(reader: str, output: Path, environment: dict[str, str]) -> dict[str, Any] | None:
    log = Path(environment["SPARKLES_BENCHMARK_LOG"])
    before = log.stat().st_size
    command = [sys.executable, "-m", "benchmarks.listing", "--part", reader]
    with (
        (output.parent / f"listing-{reader}.log").open("w") as errors,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment
        ) as job,
    ):
        with Memory(job.pid, every=0.2) as memory:
            printed, _ = job.communicate()
        if job.returncode:
            if reader == "s3a":
                return None
            raise psutil.Error(f"{reader} failed with status {job.returncode}")
    facts: dict[str, Any] = json.loads(printed.strip().splitlines()[-1])
    kinds = {kind for sample in memory.by_kind for kind in sample}
    facts["peak MB"] = {
        kind: max(sample.get(kind, 0) for sample in memory.by_kind) / _MB for kind in sorted(kinds)
    }
    facts["requests"] = log.stat().st_size - before
    return facts


def _serve(keys: int) -> None:
    """Serve keys like those of Open Images: 16 hexadecimal digits in random order."""
    import random
    import tempfile

    import moto.s3.responses as responses
    from moto.backends import get_backend
    from moto.server import ThreadedMotoServer

    with tempfile.NamedTemporaryFile(prefix="sparkles-requests-") as log:
        answer = responses.S3Response.list_objects_v2

        def log_and_answer(self: Any) -> Any:
            log.write(b".")
            log.flush()
            return answer(self)

        responses.S3Response.list_objects_v2 = log_and_answer
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        store: Any = get_backend("s3")[_ACCOUNT]["aws"]
        store.create_bucket("photos", "us-east-1")
        dice = random.Random(1)
        for _ in range(keys):  # not by HTTP, which takes ten times as long
            # Not empty, because Spark's reader skips empty files.
            store.put_object("photos", f"train/{dice.getrandbits(64):016x}.jpg", b".")
        address, port = server.get_host_and_port()
        print(json.dumps([f"http://{address}:{port}", log.name]), flush=True)  # noqa: T201
        while True:
            time.sleep(60)


def _by_sparkles() -> None:
    from sparkles.sources import photos_from_folder
    from sparkles.spark.session import build_session

    spark = build_session(master="local[2]")
    _time(spark, lambda: photos_from_folder(spark, _FOLDER).table)


def _by_s3a() -> None:
    from pyspark.sql import functions as F

    from sparkles.spark.session import build_session

    # S3 itself returns at most a thousand keys per answer; this server would return more.
    conf = {"spark.hadoop.fs.s3a.paging.maximum": "1000"}
    spark = build_session(master="local[2]", conf=conf, s3=True)
    reader = spark.read.format("binaryFile").option("recursiveFileLookup", "true")
    _time(spark, lambda: reader.load(_FOLDER).select(F.col("path").alias("uri")))


def _time(spark: Any, find: Any) -> None:
    """List into Parquet, as a command does, and print how long it took."""
    import tempfile

    spark.range(1).mapInArrow(lambda batches: batches, "id long").count()  # a worker starts
    with tempfile.TemporaryDirectory(prefix="sparkles-listing-") as folder:
        start = time.monotonic()
        find().write.parquet(f"{folder}/photos")
        seconds = time.monotonic() - start
        keys = spark.read.parquet(f"{folder}/photos").count()
    spark.stop()
    print(json.dumps({"keys": keys, "seconds": round(seconds, 2)}))  # noqa: T201


if __name__ == "__main__":
    main()
