"""Spark's own cluster on loopback: a master and workers."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sparkles.spark.session import find_java
from tests.cluster.jars import SPARK_HOME
from tests.cluster.processes import end, sweep

__all__ = ["Standalone", "start_standalone"]

_SECONDS = 120.0


class Standalone:
    """A running cluster.

    Attributes
    ----------
    url
        Its ``spark://`` address.
    folder
        Where its workers work.
    variables
        What ``spark-submit`` needs.
    """

    def __init__(self, folder: Path) -> None:
        self.url = ""
        self.folder = folder
        self.variables = {
            "JAVA_HOME": str(find_java()),
            "SPARK_HOME": str(SPARK_HOME),
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_MASTER_OPTS": "-Dspark.master.rest.enabled=false",
        }

    def executors(self) -> list[Path]:
        """The working folders of all executors there were."""
        return sorted(path.parent for path in self.folder.glob("worker-*/app-*/*/stderr"))


@contextmanager
def start_standalone(folder: Path, workers: int) -> Iterator[Standalone]:
    """Start a master and some workers of one core; end them with all that they started."""
    folder.mkdir(parents=True)
    cluster = Standalone(folder)
    with ExitStack() as stack:
        stack.callback(sweep, folder)
        log = _start(stack, cluster, "master.Master", "master", [])
        cluster.url = _wait_for(log, r"Starting Spark master at (spark://\S+)")
        for number in range(workers):
            name = f"worker-{number}"
            size = ["--cores", "1", "--memory", "1g", "--work-dir", str(folder / name)]
            log = _start(stack, cluster, "worker.Worker", name, [*size, cluster.url])
            _wait_for(log, r"(Successfully registered with master)")
        yield cluster


def _start(
    stack: ExitStack, cluster: Standalone, what: str, name: str, arguments: Sequence[str]
) -> Path:
    log = cluster.folder / f"{name}.log"
    command = [str(SPARK_HOME / "bin" / "spark-class"), f"org.apache.spark.deploy.{what}"]
    anywhere = ["--host", "127.0.0.1", "--port", "0", "--webui-port", "0"]
    with log.open("w") as output:
        process = subprocess.Popen(
            [*command, *anywhere, *arguments],
            cwd=cluster.folder,
            env={**os.environ, **cluster.variables},
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
        )
    stack.callback(end, process)
    return log


def _wait_for(log: Path, pattern: str) -> str:
    until = time.monotonic() + _SECONDS
    while time.monotonic() < until:
        if found := re.search(pattern, log.read_text()):
            return found[1]
        time.sleep(0.2)
    raise AssertionError(f"{log} never contained {pattern}: {log.read_text()[-2000:]}")
