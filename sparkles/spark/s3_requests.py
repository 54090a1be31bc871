"""The options of requests to S3, the same for Spark's connector and for the Python workers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from pyspark.sql import SparkSession

from sparkles.storage import S3Options

__all__ = ["paying_requests", "s3_options"]

_AWS = "s3.amazonaws.com"
_PAYS = "fs.s3a.requester.pays.enabled"


def s3_options(spark: SparkSession) -> S3Options:
    """Return the options of Spark's own S3 connector, for the workers to use the same.

    They come from Hadoop's configuration: ``fs.s3a.endpoint``, ``fs.s3a.endpoint.region``,
    ``fs.s3a.requester.pays.enabled``, and ``fs.s3a.aws.credentials.provider`` if it is the
    anonymous one. Credentials are not included: each worker finds its own by the usual chain.
    """
    configuration = cast(Any, spark)._jsc.hadoopConfiguration()
    endpoint = configuration.get("fs.s3a.endpoint")
    if not endpoint or endpoint == _AWS:  # Hadoop's default: AWS_ENDPOINT_URL decides
        endpoint = None
    elif "://" not in endpoint:
        secure = configuration.getBoolean("fs.s3a.connection.ssl.enabled", True)
        endpoint = f"{'https' if secure else 'http'}://{endpoint}"
    return S3Options(
        endpoint=endpoint,
        region=configuration.get("fs.s3a.endpoint.region") or None,
        anonymous="Anonymous" in (configuration.get("fs.s3a.aws.credentials.provider") or ""),
        requester_pays=configuration.getBoolean(_PAYS, False),
    )


@contextmanager
def paying_requests(spark: SparkSession, pays: bool) -> Iterator[None]:
    """Pay for requests to requester-pays buckets while a block runs.

    Parameters
    ----------
    spark
        The session whose connector and workers send the requests.
    pays
        Whether to pay; ``False`` leaves the session's configuration as it is.
    """
    configuration = cast(Any, spark)._jsc.hadoopConfiguration()
    before = configuration.get(_PAYS)
    if pays:
        configuration.set(_PAYS, "true")
    try:
        yield
    finally:
        if pays and before is None:
            configuration.unset(_PAYS)
        elif pays:
            configuration.set(_PAYS, before)
