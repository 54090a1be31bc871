"""Jars beyond those that pyspark brings, by Spark's own resolver, kept in Ivy's cache."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pyspark
import pytest

__all__ = ["CONNECTOR", "MINICLUSTER", "SPARK_HOME", "resolve"]

SPARK_HOME = Path(pyspark.__file__).parent
_IVY = Path("~/.ivy2").expanduser()
(HADOOP,) = (
    match[1]
    for jar in (SPARK_HOME / "jars").iterdir()
    if (match := re.fullmatch(r"hadoop-client-api-(\d+\.\d+\.\d+)\.jar", jar.name))
)

# The minicluster leaves to its callers what Hadoop's own tests have at hand anyway.
MINICLUSTER = (
    f"org.apache.hadoop:hadoop-client-minicluster:{HADOOP}",
    "org.bouncycastle:bcpkix-jdk15on:1.60",
    "org.bouncycastle:bcprov-jdk15on:1.60",
    "junit:junit:4.13.2",
)
_SDK = "com.amazonaws:aws-java-sdk-bundle:1.12.262"  # Hadoop 3.3.4's
CONNECTOR = (
    f"org.apache.hadoop:hadoop-aws:{HADOOP}",
    _SDK,
    "org.wildfly.openssl:wildfly-openssl:1.0.7.Final",
)

_RESOLVE = """
import sys
from pyspark.sql import SparkSession
builder = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
builder.config("spark.driver.host", "127.0.0.1").config(
    "spark.jars.packages", sys.argv[1]
).getOrCreate().stop()
"""


def resolve(coordinates: tuple[str, ...]) -> list[Path]:
    """The jars of these coordinates, which have to list all that is wanted.

    Downloaded where they are not in Ivy's cache; the test is skipped where that cannot be.
    """
    if not HADOOP.startswith("3.3."):
        pytest.skip(f"the coordinates are those of Spark 3.5's Hadoop; this pyspark has {HADOOP}")
    jars = [
        _IVY / "jars" / f"{'_'.join(c.split(':')[:2])}-{c.split(':')[2]}.jar" for c in coordinates
    ]
    if all(jar.is_file() for jar in jars):
        return jars
    command = [sys.executable, "-c", _RESOLVE, ",".join(coordinates)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900)
    if "unresolved dependency" in done.stderr:
        pytest.skip(f"neither downloaded nor in Ivy's cache: {', '.join(coordinates)}")
    assert done.returncode == 0, done.stderr[-3000:]
    assert [jar for jar in jars if not jar.is_file()] == []
    return jars
