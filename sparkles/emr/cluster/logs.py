"""Read a cluster's logs from the bucket that EMR copies them to."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from sparkles.emr.cluster.aws import aws_errors
from sparkles.emr.cluster.watch import Cluster
from sparkles.errors import SettingsError

__all__ = ["read_logs"]

_NAMES = ("stderr", "stdout", "controller")
_MOST_BYTES = 64 << 20


def read_logs(s3: Any, cluster: Cluster, step: str | None, lines: int) -> Iterator[str]:
    """Read the last lines of the most useful logs: of steps, or of bootstrap actions.

    Parameters
    ----------
    s3
        A boto3 client.
    cluster
        The cluster.
    step
        A step's id. By default all steps are read, or the bootstrap actions if no step has run.
    lines
        The number of lines to read from the end of each log.

    Yields
    ------
    str
        A title for each file, followed by its lines.

    Raises
    ------
    SettingsError
        If the cluster keeps no logs, none has arrived yet, or the step does not exist.
    AwsError
        If the logs cannot be read.
    """
    if not cluster.log_uri:
        raise SettingsError(f"cluster {cluster.id} was started without LogUri and keeps no logs")
    known = [each.id for each in cluster.steps]
    if step and step not in known:
        raise SettingsError(
            f"cluster {cluster.id} has no step {step!r}; its steps: {', '.join(known) or 'none'}"
        )
    place = urlsplit(cluster.log_uri)
    bucket = place.netloc
    prefix = f"{place.path.strip('/')}/{cluster.id}/".lstrip("/")
    folders = [f"{prefix}steps/{step}/"] if step else [f"{prefix}steps/", f"{prefix}node/"]
    shown = 0
    for folder in folders:
        for key in _keys(s3, bucket, folder):
            yield f"== s3://{bucket}/{key}"
            yield from _tail(s3, bucket, key, lines)
            shown += 1
        if shown:
            return
    raise SettingsError(
        f"there are no logs in {cluster.log_uri.rstrip('/')}/{cluster.id}/ yet: EMR copies them "
        "every five minutes and when the cluster ends"
    )


def _keys(s3: Any, bucket: str, folder: str) -> Iterator[str]:
    with aws_errors(f"logs in s3://{bucket}/{folder}"):
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=folder)
        for page in pages:
            for entry in page.get("Contents", []):
                key = entry["Key"]
                name = key.rpartition("/")[2].removesuffix(".gz")
                of_node = "/node/" in key
                if name in _NAMES and (not of_node or "/bootstrap-actions/" in key):
                    yield key


def _tail(s3: Any, bucket: str, key: str, lines: int) -> list[str]:
    with aws_errors(f"log s3://{bucket}/{key}"):
        body: bytes = s3.get_object(Bucket=bucket, Key=key)["Body"].read(_MOST_BYTES)
    if key.endswith(".gz"):
        try:
            body = gzip.decompress(body)
        except (OSError, EOFError):
            return ["(this file is not complete yet)"]
    return body.decode("utf-8", errors="replace").splitlines()[-lines:]
