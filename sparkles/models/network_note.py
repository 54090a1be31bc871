"""``network.json``: the description of a saved network. One from somebody else is checked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Any, NotRequired, TypedDict, cast

from sparkles.choices import EngineName
from sparkles.errors import ModelError
from sparkles.models.artifact import NetworkArtifact, NetworkFacts
from sparkles.models.network import NetworkSettings
from sparkles.models.spec import Pooling
from sparkles.version import __version__

__all__ = [
    "NETWORK_FORMAT",
    "NetworkNote",
    "SettingsNote",
    "read_note",
    "settings_of",
    "write_note",
]

NETWORK_FORMAT = 1  # increased when an older version could not read the note, or would misread it


class SettingsNote(TypedDict):
    """:class:`~sparkles.models.NetworkSettings` as JSON."""

    model: str
    weights: str | None
    pooling: str | None
    output_layer: str | None
    seed: int
    engine: str
    int8: NotRequired[bool]


class NetworkNote(NetworkFacts):
    """A network artifact, and the settings that it was made from."""

    format: NotRequired[int]
    files: list[str]
    settings: SettingsNote


# What is expected, in words and as a function.
_Check = tuple[str, Callable[[Any], bool]]

_SUFFIXES = {EngineName.OPENVINO: (".xml", ".bin"), EngineName.KERAS: (".keras",)}
_STEM = "sparkles-network-[0-9a-f]{64}"
_MOST_SIDE = 2048  # pixels; what the registry accepts


def _whole(least: int, most: int | None = None) -> _Check:
    words = f"a whole number from {least}" + ("" if most is None else f" to {most}")
    return words, lambda v: type(v) is int and least <= v and (most is None or v <= most)


def _one_of(words: type[StrEnum], but: tuple[str, ...] = ()) -> _Check:
    known = [word.value for word in words if word.value not in but]
    return f"one of {', '.join(known)}", lambda v: isinstance(v, str) and v in known


def _or_null(check: _Check) -> _Check:
    words, accepts = check
    return f"{words}, or null", lambda v: v is None or accepts(v)


_TEXT: _Check = ("a text", lambda v: isinstance(v, str) and v != "")
_COSINE: _Check = ("a number", lambda v: type(v) in (int, float))
_KEYS: dict[str, _Check] = {
    "format": _whole(1),
    "engine": _one_of(EngineName, but=(EngineName.AUTO,)),
    "height": _whole(1, _MOST_SIDE),
    "width": _whole(1, _MOST_SIDE),
    "length": _whole(1),
    "fingerprint": (
        "64 hexadecimal digits",
        lambda v: isinstance(v, str) and bool(re.fullmatch("[0-9a-f]{64}", v)),
    ),
    "int8": _or_null(("an object", lambda v: isinstance(v, dict))),
    "files": (
        "a list of names",
        lambda v: isinstance(v, list) and all(isinstance(name, str) for name in v),
    ),
    "settings": ("an object", lambda v: isinstance(v, dict)),
}
_SETTINGS: dict[str, _Check] = {
    "model": _TEXT,
    "weights": _or_null(_TEXT),
    "pooling": _or_null(_one_of(Pooling)),
    "output_layer": _or_null(_TEXT),
    "seed": ("a whole number", lambda v: type(v) is int),
    "engine": _one_of(EngineName),
    "int8": ("true or false", lambda v: isinstance(v, bool)),
}
_INT8: dict[str, _Check] = {"median": _COSINE, "least": _COSINE, "photos": _whole(1)}
_OPTIONAL = ("format", "int8")  # absent in notes of the first versions


def write_note(settings: NetworkSettings, network: NetworkArtifact) -> NetworkNote:
    """Return the note of a network and its settings."""
    return {
        "format": NETWORK_FORMAT,
        **network.facts(),
        "files": [file.name for file in network.files],
        "settings": cast(SettingsNote, asdict(settings)),
    }


def read_note(content: object, place: str) -> NetworkNote:
    """Check the content of a note.

    The result can be relied on, whoever wrote the note: each value has its type, and ``files`` are
    plain names of the engine's files, with the SHA-256 that their content must have.

    Parameters
    ----------
    content
        What the JSON file holds.
    place
        The path of the file, for messages.

    Raises
    ------
    ModelError
        If a newer version wrote the note, or it is damaged.
    """
    if not isinstance(content, dict):
        raise _damaged(place, f"expected an object; found {f'{content!r}'[:100]}")
    written = content.get("format", NETWORK_FORMAT)
    if type(written) is int and written > NETWORK_FORMAT:  # whatever its other keys mean
        raise _newer(place, f"it has format {written}")
    note = _checked(content, _KEYS, place)
    _checked(note["settings"], _SETTINGS, place, "settings.")
    if note.get("int8") is not None:
        _checked(note["int8"], _INT8, place, "int8.")
    _check_files(note["files"], EngineName(note["engine"]), place)
    return cast(NetworkNote, note)


def settings_of(note: NetworkNote) -> NetworkSettings:
    """Return the settings that a network was made from."""
    known = note["settings"]
    pooling = known["pooling"]
    return NetworkSettings(
        model=known["model"],
        weights=known["weights"],
        pooling=None if pooling is None else Pooling(pooling),
        output_layer=known["output_layer"],
        seed=known["seed"],
        engine=EngineName(known["engine"]),
        int8=known.get("int8", False),
    )


def _checked(
    content: dict[str, Any], keys: Mapping[str, _Check], place: str, prefix: str = ""
) -> dict[str, Any]:
    if unknown := [f"{prefix}{key}" for key in content if key not in keys]:
        raise _newer(place, f"it has {', '.join(unknown[:5])}")
    for key, (expected, accepts) in keys.items():
        if key not in content:
            if key not in _OPTIONAL:
                raise _damaged(place, f"{prefix}{key} is missing")
        elif not accepts(content[key]):
            found = f"{content[key]!r}"[:100]
            raise _damaged(place, f"expected {prefix}{key} to be {expected}; found {found}")
    return content


def _check_files(files: list[str], engine: EngineName, place: str) -> None:
    stems = {re.sub(r"\.\w+$", "", name) for name in files}
    plain = len(stems) == 1 and re.fullmatch(_STEM, stems.pop())
    if not plain or tuple(Path(name).suffix for name in files) != _SUFFIXES[engine]:
        named = " and ".join(f"sparkles-network-<SHA-256>{one}" for one in _SUFFIXES[engine])
        raise _damaged(place, f"expected files to be {named}; found {f'{files!r}'[:300]}")


def _newer(place: str, what: str) -> ModelError:
    return ModelError(
        f"{place} was written by a newer version of Sparkles than this one, {__version__}: {what}. "
        "Install the newer version, or train the model again"
    )


def _damaged(place: str, what: str) -> ModelError:
    return ModelError(
        f"{place} is damaged, or Sparkles did not write it: {what}. Copy the model again from "
        "where it was trained"
    )
