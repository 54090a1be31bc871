"""A cluster's logs, from the bucket that EMR copies them to."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from sparkles.emr.cluster.aws import clear_errors
from sparkles.emr.cluster.watch import Cluster
from sparkles.errors import SettingsError

__all__ = ["read_logs"]

_NAMES = ("stderr", "stdout", "controller")
_MOST_BYTES = 64 << 20


def read_logs(s3: Any, cluster: Cluster, step: str | None, lines: int) -> Iterator[str]:
    """The ends of the logs that tell most: of a step, or of failed bootstrap actions.

    Parameters
    ----------
    s3
        A client.
    cluster
        Whose logs.
    step
        A step's id; default: all steps, and where none has run the bootstrap actions.
    lines
        How many lines of each.

    Yields
    ------
    str
        A title for each file, and its lines.

    Raises
    ------
    SettingsError
        If the cluster keeps no logs, none has arrived yet, or there is no such step.
    AwsError
        If they may not be read.
    """
    if not cluster.log_uri:
        raise SettingsError(f"cluster {cluster.id} was started without LogUri and keeps no logs")
    known = [each.id for each in cluster.steps]
    if step and step not in known:
        raise SettingsError(
            f"cluster {cluster.id} has no step {step!r}: {', '.join(known) or 'none at all'}"
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
        f"no logs are in {cluster.log_uri.rstrip('/')}/{cluster.id}/ yet: EMR copies them every "
        "five minutes, and when the cluster ends"
    )


def _keys(s3: Any, bucket: str, folder: str) -> Iterator[str]:
    with clear_errors(f"logs in s3://{bucket}/{folder}"):
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=folder)
        for page in pages:
            for entry in page.get("Contents", []):
                key = entry["Key"]
                name = key.rpartition("/")[2].removesuffix(".gz")
                of_node = "/node/" in key
                if name in _NAMES and (not of_node or "/bootstrap-actions/" in key):
                    yield key


def _tail(s3: Any, bucket: str, key: str, lines: int) -> list[str]:
    with clear_errors(f"log s3://{bucket}/{key}"):
        body: bytes = s3.get_object(Bucket=bucket, Key=key)["Body"].read(_MOST_BYTES)
    if key.endswith(".gz"):
        try:
            body = gzip.decompress(body)
        except (OSError, EOFError):
            return ["(the file is not complete yet)"]
    return body.decode("utf-8", errors="replace").splitlines()[-lines:]
