"""Configuration files: read, and ``${...}`` filled in."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sparkles.errors import SettingsError, nearest

__all__ = ["PLACEHOLDERS", "fill", "is_serverless", "placeholders_in", "read_configuration"]

_PLACEHOLDER = re.compile(r"\$\{(\w+)\}")

# What a configuration may leave open, and stand-ins of the right form, so that a file can be
# checked before anything is uploaded.
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
    "entry_point": "s3://bucket/train.py",
    "arguments": "--help",
}


def read_configuration(path: str) -> dict[str, Any]:
    """Read a configuration file.

    Raises
    ------
    SettingsError
        If it cannot be read, or is no JSON object.
    """
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"), object_pairs_hook=_unique)
    except OSError as error:
        raise SettingsError(f"configuration {path} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"configuration {path} is no JSON: {error}") from error
    if not isinstance(content, dict):
        raise SettingsError(
            f"configuration {path}: expected a JSON object in the shape of boto3's run_job_flow, "
            f"got a {type(content).__name__}"
        )
    return content


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"{', '.join(twice)} is there twice; JSON would take the last silently")
    return dict(pairs)


def is_serverless(content: Mapping[str, Any]) -> bool:
    """Whether a configuration is one of EMR Serverless."""
    return "CreateApplication" in content or "StartJobRun" in content


def placeholders_in(content: Any) -> set[str]:
    """The names of all ``${...}`` in a configuration."""
    return set(_PLACEHOLDER.findall(json.dumps(content)))


def fill(content: Any, values: Mapping[str, str]) -> Any:
    """Fill placeholders in; unknown ones stay.

    Raises
    ------
    SettingsError
        If the configuration has a placeholder that nothing can fill.

    Examples
    --------
    >>> fill({"LogUri": "s3://${bucket}/logs/"}, {"bucket": "photos"})
    {'LogUri': 's3://photos/logs/'}
    >>> fill({"LogUri": "s3://${buckt}/logs/"}, {"bucket": "photos"})
    Traceback (most recent call last):
    sparkles.errors.SettingsError: the configuration says ${buckt}. Did you mean bucket? Known: ...
    """
    for name in sorted(placeholders_in(content) - PLACEHOLDERS.keys()):
        raise SettingsError(
            f"the configuration says ${{{name}}}.{nearest(name, PLACEHOLDERS)} Known: "
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
