"""The options of requests to S3, the same for Spark's connector and for the Python workers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, cast

from pyspark.sql import SparkSession

from sparkles.errors import MissingDependencyError
from sparkles.storage import S3Options, check_not_all_refused, decide_credentials

__all__ = ["check_photos_in_s3", "paying_requests", "s3_options"]

_AWS = "s3.amazonaws.com"
_PAYS = "fs.s3a.requester.pays.enabled"
# Of the session, so that every later pass over photos ships them to its workers.
_ANONYMOUS = "spark.sparkles.s3.anonymous"
_READABLE = "spark.sparkles.s3.readable"


def check_photos_in_s3(spark: SparkSession, uris: Sequence[str]) -> None:
    """Decide for all workers whether requests have credentials, and try them on a few photos.

    Parameters
    ----------
    uris
        A few of the photos.

    Raises
    ------
    StorageError
        If S3 refuses every one of them, or cannot be reached.
    MissingDependencyError
        If boto3 is not installed.
    """
    options = decide_credentials(s3_options(spark))
    spark.conf.set(_ANONYMOUS, str(bool(options.anonymous)).lower())
    spark.conf.set(_READABLE, check_not_all_refused(uris, options))


def s3_options(spark: SparkSession) -> S3Options:
    """Return the options of Spark's own S3 connector, for the workers to use the same.

    They come from Hadoop's configuration: ``fs.s3a.endpoint``, ``fs.s3a.endpoint.region``,
    ``fs.s3a.requester.pays.enabled``, and ``fs.s3a.aws.credentials.provider`` if it is the
    anonymous one. Credentials are not included: each worker finds its own by the usual chain.
    Whether it must find some was decided by :func:`check_photos_in_s3`, and otherwise is decided
    here for the workers of a cluster. Those of a local session find what this process would find.
    """
    configuration = cast(Any, spark)._jsc.hadoopConfiguration()
    endpoint = configuration.get("fs.s3a.endpoint")
    if not endpoint or endpoint == _AWS:  # Hadoop's default: AWS_ENDPOINT_URL decides
        endpoint = None
    elif "://" not in endpoint:
        secure = configuration.getBoolean("fs.s3a.connection.ssl.enabled", True)
        endpoint = f"{'https' if secure else 'http'}://{endpoint}"
    provider = configuration.get("fs.s3a.aws.credentials.provider") or ""
    decided = {"true": True, "false": False}.get(spark.conf.get(_ANONYMOUS, "") or "")
    options = S3Options(
        endpoint=endpoint,
        region=configuration.get("fs.s3a.endpoint.region") or None,
        anonymous=True if "Anonymous" in provider else decided,
        requester_pays=configuration.getBoolean(_PAYS, False),
        readable=spark.conf.get(_READABLE, "") or "",
    )
    if (spark.sparkContext.master or "").startswith("local"):
        return options
    with suppress(MissingDependencyError):  # photos may be elsewhere
        return decide_credentials(options)
    return options


@contextmanager
def paying_requests(spark: SparkSession, pays: bool) -> Iterator[None]:
    """Pay for requests to requester-pays buckets while a block runs.

    What :func:`check_photos_in_s3` decides in the block is forgotten at its end: by the next run,
    somebody may have logged in.

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
        for name in (_ANONYMOUS, _READABLE):
            spark.conf.unset(name)
        if pays and before is None:
            configuration.unset(_PAYS)
        elif pays:
            configuration.set(_PAYS, before)
