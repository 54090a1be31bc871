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
    requests are anonymous.

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
    import pyspark

    jars = Path(pyspark.__file__).parent / "jars"
    found = [match[1] for jar in jars.glob("*.jar") if (match := _JAR.fullmatch(jar.name))]
    if not found:
        raise MissingDependencyError(
            f"there is no hadoop-client-api in {jars}; s3:// paths need "
            "org.apache.hadoop:hadoop-aws of its version: name it in spark.jars.packages"
        )
    return found[0]


def _credentials(hadoop: str) -> str:
    if decide_credentials().anonymous:
        return _ANONYMOUS
    return _CHAINS[hadoop.startswith("3.3.")]
