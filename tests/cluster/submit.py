"""``spark-submit`` as docs/cluster.md gives it, against the clusters of these tests."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tests.cluster.drawn_bucket import BUCKET, KEYS
from tests.cluster.jars import CONNECTOR, SPARK_HOME, resolve
from tests.cluster.processes import end, interpreters
from tests.conftest import REPOSITORY

__all__ = [
    "QUIET",
    "Cluster",
    "Submitted",
    "run_here",
    "s3_settings",
    "start_submit",
    "train_arguments",
]

_APPLICATION = re.compile(r"application_\d+_\d+")
_SECONDS = 15 * 60.0
# Nobody but these tests' own servers is to be asked.
QUIET = {"AWS_EC2_METADATA_DISABLED": "true", "no_proxy": "127.0.0.1,localhost"}


class Cluster(Protocol):
    """What a job is submitted to.

    Attributes
    ----------
    folder
        Where its nodes work.
    variables
        Environment variables that ``spark-submit`` needs to find it.
    """

    folder: Path
    variables: dict[str, str]


def train_arguments(output: str, photos: str = f"s3://{BUCKET}/photos") -> list[str]:
    """The arguments of a training run on the bucket."""
    return [
        *("--labels", f"s3://{BUCKET}/labels.csv", "--class-names", f"s3://{BUCKET}/classes.csv"),
        *("--images", photos, "--classes", "Car,Tree", "--model", "SparklesDemo"),
        *("--output", f"s3://{BUCKET}/{output}"),
    ]


def s3_settings(endpoint: str) -> dict[str, str]:
    """The S3 settings of a cluster that is not EMR."""
    s3a = "spark.hadoop.fs.s3a"
    return {
        # local: the jars are on each node, as on EMR, and are not uploaded for each job.
        "spark.jars": ",".join(f"local:{jar}" for jar in resolve(CONNECTOR)),
        "spark.hadoop.fs.s3.impl": "org.apache.hadoop.fs.s3a.S3AFileSystem",
        f"{s3a}.endpoint": endpoint,
        f"{s3a}.endpoint.region": "us-east-1",
        f"{s3a}.path.style.access": "true",
        f"{s3a}.connection.ssl.enabled": "false",
    }


@dataclass
class Submitted:
    """A job on its way.

    Attributes
    ----------
    process
        ``spark-submit``.
    log
        What it prints, and in client mode what the driver prints.
    cluster
        What it runs on.
    """

    process: subprocess.Popen[str]
    log: Path
    cluster: Cluster

    def wait(self) -> int:
        """Wait for the end, and give the exit status."""
        return self.watch()[0]

    def watch(self) -> tuple[int, set[tuple[str, str]]]:
        """Wait for the end; give the exit status, and the Pythons that ran on the nodes."""
        seen, until = set[tuple[str, str]](), time.monotonic() + _SECONDS
        try:
            while self.process.poll() is None and time.monotonic() < until:
                seen |= interpreters(self.cluster.folder)
                time.sleep(0.2)
        finally:
            end(self.process)
        return self.process.returncode, seen

    def application(self) -> str:
        """YARN's id of the job."""
        found = _APPLICATION.search(self.log.read_text())
        assert found, self.explain()
        return found[0]

    def explain(self) -> str:
        """The ends of all logs, for a test that fails."""
        logs = [self.log, *self.cluster.folder.rglob("container_*/stderr")]
        return "\n".join(f"--- {log}\n{log.read_text(errors='replace')[-2500:]}" for log in logs)


def start_submit(
    cluster: Cluster, name: str, settings: dict[str, str], job: Sequence[str]
) -> Submitted:
    """Start ``spark-submit``.

    Parameters
    ----------
    cluster
        What it will run on.
    name
        Of the log, which is written next to the nodes' logs.
    settings
        Spark's; those that are called ``--x`` are options of ``spark-submit`` itself.
    job
        The file in this repository, and its arguments.
    """
    words = [str(SPARK_HOME / "bin" / "spark-submit")]
    for key, value in settings.items():
        words += [key, value] if key.startswith("--") else ["--conf", f"{key}={value}"]
    own = {key: value for key, value in os.environ.items() if not key.startswith("PYSPARK_")}
    log = cluster.folder / f"{name}.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [*words, str(REPOSITORY / job[0]), *job[1:]],
            cwd=cluster.folder,  # whatever happens, it ends with the cluster
            env={**own, **QUIET, **KEYS, **cluster.variables},
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
        )
    return Submitted(process, log, cluster)


def run_here(endpoint: str, output: str, cache: Path) -> subprocess.CompletedProcess[str]:
    """The same job under ``local[2]``, in the development environment, to compare with."""
    environment = {
        **os.environ,
        **KEYS,
        **QUIET,
        "AWS_ENDPOINT_URL_S3": endpoint,
        "AWS_REGION": "us-east-1",
        "SPARKLES_CACHE": str(cache),
    }
    command = [sys.executable, "-m", "sparkles.cli", "train", *train_arguments(output)]
    return subprocess.run(
        [*command, "--master", "local[2]"], env=environment, capture_output=True, text=True
    )
