"""Settings in a file."""

from __future__ import annotations

from typing import Any

import yaml

from sparkles.errors import SettingsError, StorageError, first_line
from sparkles.storage import read_bytes

__all__ = ["read_config"]


def read_config(path: str) -> dict[str, Any]:
    """Read settings from a YAML or JSON file; names may have dashes or underscores.

    Parameters
    ----------
    path
        A local path, or an ``s3://`` or ``http(s)://`` URI.

    Raises
    ------
    SettingsError
        If it cannot be read, or does not hold names and values.
    """
    try:
        content = yaml.safe_load(read_bytes(path).decode())  # JSON is also YAML
    except StorageError as error:
        raise SettingsError(f"config {path} cannot be read: {error}") from error
    except (ValueError, yaml.YAMLError) as error:  # ValueError: not UTF-8, no such date
        raise SettingsError(f"config {path} cannot be read: {first_line(error)}") from error
    if not isinstance(content, dict):
        raise SettingsError(
            f"config {path}: expected names and values, for example 'model: InceptionV3'"
        )
    return {str(name).replace("-", "_"): value for name, value in content.items()}
