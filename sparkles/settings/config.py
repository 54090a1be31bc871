"""Settings in a file."""

from __future__ import annotations

from typing import Any

import yaml

from sparkles.errors import SettingsError, StorageError, first_line
from sparkles.storage import read_bytes

__all__ = ["read_config"]


class _Loader(yaml.SafeLoader):
    """YAML's safe loader, except that a name may stand in a mapping once only."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        names = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        for name in names:
            if names.count(name) > 1:
                raise yaml.YAMLError(f"{name} stands there twice; keep one")
        return super().construct_mapping(node, deep)


def read_config(path: str) -> dict[str, Any]:
    """Read settings from a YAML or JSON file; names may have dashes or underscores.

    Parameters
    ----------
    path
        A local path, or an ``s3://`` or ``http(s)://`` URI.

    Raises
    ------
    SettingsError
        If it cannot be read, does not hold names and values, or has a name twice.
    """
    try:
        content = _Loader(read_bytes(path).decode()).get_single_data()
    except StorageError as error:
        raise SettingsError(f"config {path} cannot be read: {error}") from error
    except (ValueError, yaml.YAMLError) as error:  # ValueError: not UTF-8, no such date
        raise SettingsError(f"config {path} cannot be read: {first_line(error)}") from error
    if not isinstance(content, dict):
        raise SettingsError(
            f"config {path}: expected names and values, for example 'model: InceptionV3'"
        )
    plain = [str(name).replace("-", "_") for name in content]
    if len(set(plain)) < len(plain):  # class-names and class_names
        name = next(name for name in plain if plain.count(name) > 1)
        raise SettingsError(f"config {path}: {name} stands there twice; keep one", settings=[name])
    return dict(zip(plain, content.values(), strict=True))
