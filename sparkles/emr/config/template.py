"""Read configuration files and fill in their ``${...}`` placeholders."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sparkles.errors import SettingsError, nearest

__all__ = [
    "PLACEHOLDERS",
    "JsonObject",
    "Request",
    "fill",
    "is_serverless",
    "placeholders_in",
    "read_configuration",
]

# JSON in the shape of boto3's run_job_flow, or of EMR Serverless' two requests by name. It has no
# type of ours: shape.py compares it with botocore's description of these requests.
JsonObject = dict[str, Any]
Request = Mapping[str, Any]

_PLACEHOLDER = re.compile(r"\$\{(\w+)\}")

# The placeholders that a configuration may contain, with sample values of the right form, so that
# a file can be checked before anything is uploaded.
PLACEHOLDERS = {
    "bucket": "bucket",
    "account": "000000000000",
    "kms_key": "arn:aws:kms:us-east-1:000000000000:key/0",
    "bootstrap": "s3://bucket/install.sh",
    "driver_archive": "s3://bucket/driver.tar.gz#sha256=0",
    "driver_archive_uri": "s3://bucket/driver.tar.gz",
    "executor_archive": "s3://bucket/executors.tar.gz#sha256=0",
    "gpu_requirements": "s3://bucket/gpu.lock#sha256=0",
    "wheel": "s3://bucket/sparkles.whl#sha256=0",
    "entry_point": "s3://bucket/sparkles_job.py",
    "arguments": "--help",
}


def read_configuration(path: str) -> JsonObject:
    """Read a configuration file.

    Raises
    ------
    SettingsError
        If it cannot be read, or is not a JSON object.
    """
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"), object_pairs_hook=_unique)
    except OSError as error:
        raise SettingsError(f"configuration {path} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"configuration {path} is not valid JSON: {error}") from error
    if not isinstance(content, dict):
        raise SettingsError(
            f"configuration {path}: expected a JSON object in the shape of boto3's run_job_flow, "
            f"got a {type(content).__name__}"
        )
    return content


def _unique(pairs: list[tuple[str, Any]]) -> JsonObject:
    names = [name for name, _ in pairs]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(
            f"{', '.join(repeated)} appears twice; JSON would silently use the last value"
        )
    return dict(pairs)


def is_serverless(content: Request) -> bool:
    """Return whether a configuration is for EMR Serverless."""
    return "CreateApplication" in content or "StartJobRun" in content


def placeholders_in(content: Any) -> set[str]:
    """Return the names of all ``${...}`` in a configuration."""
    return set(_PLACEHOLDER.findall(json.dumps(content)))


def fill(content: Any, values: Mapping[str, str]) -> Any:
    """Replace placeholders by their values; those without a value stay.

    Raises
    ------
    SettingsError
        If the configuration contains a placeholder that is not one of :data:`PLACEHOLDERS`.

    Examples
    --------
    >>> fill({"LogUri": "s3://${bucket}/logs/"}, {"bucket": "photos"})
    {'LogUri': 's3://photos/logs/'}
    >>> fill({"LogUri": "s3://${buckt}/logs/"}, {"bucket": "photos"})
    Traceback (most recent call last):
    sparkles.errors.SettingsError: unknown placeholder ${buckt}. Did you mean bucket? Known: ...
    """
    for name in sorted(placeholders_in(content) - PLACEHOLDERS.keys()):
        raise SettingsError(
            f"unknown placeholder ${{{name}}}.{nearest(name, PLACEHOLDERS)} Known: "
            f"{', '.join(PLACEHOLDERS)}"
        )
    return _fill(content, values)


def _fill(content: Any, values: Mapping[str, str]) -> Any:
    if isinstance(content, dict):
        return {name: _fill(value, values) for name, value in content.items()}
    if isinstance(content, list):
        return [_fill(value, values) for value in content]
    if isinstance(content, str):
        return _PLACEHOLDER.sub(lambda match: values.get(match[1], match[0]), content)
    return content
