"""Settings of S3A, Spark's own S3 connector, in sessions that no cluster has configured.

On EMR, and wherever ``spark-submit`` starts the session, the cluster's connector and configuration
stay as they are.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import urlsplit

from sparkles.errors import MissingDependencyError
from sparkles.storage import decide_credentials

__all__ = ["s3a_settings"]

_JAR = re.compile(r"hadoop-client-api-(\d+\.\d+\.\d+).*\.jar")
_ANONYMOUS = "org.apache.hadoop.fs.s3a.AnonymousAWSCredentialsProvider"
_CLOUD_JAR = re.compile(r"spark-hadoop-cloud_.*\.jar")
_COMMIT = "org.apache.spark.internal.io.cloud"
# Files appear under their names when a job commits, as uploads that end: without the magic
# committer, S3A would copy and delete each of them, because S3 cannot rename.
_MAGIC_COMMITTER = {
    "spark.hadoop.fs.s3a.committer.name": "magic",
    "spark.hadoop.fs.s3a.committer.magic.enabled": "true",
    "spark.hadoop.mapreduce.outputcommitter.factory.scheme.s3": (
        "org.apache.hadoop.fs.s3a.commit.S3ACommitterFactory"
    ),
    "spark.hadoop.mapreduce.outputcommitter.factory.scheme.s3a": (
        "org.apache.hadoop.fs.s3a.commit.S3ACommitterFactory"
    ),
    "spark.sql.sources.commitProtocolClass": f"{_COMMIT}.PathOutputCommitProtocol",
    "spark.sql.parquet.output.committer.class": f"{_COMMIT}.BindingParquetOutputCommitter",
}
# The usual credential chain (variables, profiles, roles) of the AWS SDK that each Hadoop uses.
_CHAINS = {
    True: "com.amazonaws.auth.DefaultAWSCredentialsProviderChain",  # Hadoop 3.3: SDK 1
    False: "software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider",
}


def s3a_settings() -> dict[str, str]:
    """Return the Spark settings that make ``s3://`` and ``s3a://`` paths work in a new session.

    The first session downloads the connector of the bundled Hadoop's version from Maven Central
    (300 MB and more with the AWS SDK); it stays in Ivy's cache. Endpoint, region and credentials
    are those that boto3 takes from the usual AWS variables and files; without any credentials,
    requests are anonymous. Tables are written through the magic committer where Spark has
    ``spark-hadoop-cloud``, as its distributions for clouds do; the package on PyPI has not.

    Raises
    ------
    MissingDependencyError
        If boto3 is missing.
    """
    version = _hadoop_version()
    settings = {
        "spark.jars.packages": f"org.apache.hadoop:hadoop-aws:{version}",
        "spark.hadoop.fs.s3.impl": "org.apache.hadoop.fs.s3a.S3AFileSystem",
        "spark.hadoop.fs.AbstractFileSystem.s3.impl": "org.apache.hadoop.fs.s3a.S3A",
        "spark.hadoop.fs.s3a.aws.credentials.provider": _credentials(version),
    }
    if any(_CLOUD_JAR.fullmatch(name) for name in _jars()):
        settings |= _MAGIC_COMMITTER
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if region:
        settings["spark.hadoop.fs.s3a.endpoint.region"] = region
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    if endpoint:
        secure = urlsplit(endpoint).scheme != "http"
        settings["spark.hadoop.fs.s3a.endpoint"] = endpoint
        settings["spark.hadoop.fs.s3a.path.style.access"] = "true"
        settings["spark.hadoop.fs.s3a.connection.ssl.enabled"] = str(secure).lower()
        settings.setdefault("spark.hadoop.fs.s3a.endpoint.region", "us-east-1")
    return settings


def _hadoop_version() -> str:
    found = [match[1] for name in _jars() if (match := _JAR.fullmatch(name))]
    if not found:
        raise MissingDependencyError(
            f"there is no hadoop-client-api in {_jars_folder()}; s3:// paths need "
            "org.apache.hadoop:hadoop-aws of its version: name it in spark.jars.packages"
        )
    return found[0]


def _jars() -> list[str]:
    return [jar.name for jar in _jars_folder().glob("*.jar")]


def _jars_folder() -> Path:
    import pyspark

    return Path(pyspark.__file__).parent / "jars"


def _credentials(hadoop: str) -> str:
    if decide_credentials().anonymous:
        return _ANONYMOUS
    return _CHAINS[hadoop.startswith("3.3.")]
