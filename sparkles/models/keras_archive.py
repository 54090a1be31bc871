"""Check a ``.keras`` file that may come from somebody else, before Keras opens it."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sparkles.errors import ModelError

__all__ = ["check_keras_archive"]

_MEMBERS = {"metadata.json", "config.json", "model.weights.h5"}
# What the networks of the registry are made of; see tests/models/test_keras_archive.py. Keras would
# also build a Lambda, which is code, or a layer that reads a file that its configuration names.
_CLASSES = {
    "Functional", "__keras_tensor__", "DTypePolicy", "Flip",
    "Constant", "GlorotUniform", "HeNormal", "Ones", "RandomNormal", "VarianceScaling", "Zeros",
    "Activation", "Add", "AveragePooling2D", "BatchNormalization", "Concatenate", "Conv2D", "Dense",
    "DepthwiseConv2D", "Dropout", "Flatten", "GlobalAveragePooling2D", "GlobalMaxPooling2D",
    "InputLayer", "MaxPooling2D", "Multiply", "Normalization", "ReLU", "Rescaling", "Reshape",
    "SeparableConv2D", "ZeroPadding2D",
}  # fmt: skip


def check_keras_archive(path: Path) -> None:
    """Refuse an archive that holds anything except layers of the registry's networks.

    Raises
    ------
    ModelError
        With the class or the file that does not belong there.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            strange = set(archive.namelist()) ^ _MEMBERS
            config = {} if strange else json.loads(archive.read("config.json"))
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise ModelError(f"{path.name} is not an archive of Keras: {error}") from error
    if strange:
        raise ModelError(
            f"{path.name} is not a network that Sparkles saved: expected the files "
            f"{', '.join(sorted(_MEMBERS))}; extra or missing: {', '.join(sorted(strange)[:3])}"
        )
    for name in _foreign_classes(config):
        raise ModelError(
            f"{path.name} is not a network that Sparkles saved: it holds {name}, which no network "
            "of Sparkles has and which could run code. Nothing of it was loaded"
        )


def _foreign_classes(config: Any) -> Iterator[str]:
    if isinstance(config, dict):
        module, name = config.get("module") or "keras", config.get("class_name")
        if "class_name" in config and (str(name) not in _CLASSES or not _is_keras(module)):
            yield f"{module}.{name}"
        config = list(config.values())
    if isinstance(config, list):
        for part in config:
            yield from _foreign_classes(part)


def _is_keras(module: object) -> bool:
    return isinstance(module, str) and module.partition(".")[0] == "keras"
