"""A stage that has a network, and saves it with its Params."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import asdict, replace
from typing import Any, NotRequired, Self, TypedDict, cast

from pyspark.ml.util import DefaultParamsReader, DefaultParamsWriter, MLReadable, MLWritable

from sparkles.choices import EngineName
from sparkles.errors import ModelError, PrecisionError
from sparkles.models import NetworkArtifact, NetworkSettings, Pooling, prepare_network
from sparkles.models.artifact import NetworkFacts
from sparkles.models.cache import draft_folder, store_files
from sparkles.models.feature_map import FeatureMap, cut_before_pooling
from sparkles.spark.filesystem import FileSystem

__all__ = ["NetworkPersistence"]

_FOLDER = "network"
_NOTE = "network.json"


class _SettingsNote(TypedDict):
    """:class:`~sparkles.models.NetworkSettings` as JSON."""

    model: str
    weights: str | None
    pooling: str | None
    output_layer: str | None
    seed: int
    engine: str
    int8: NotRequired[bool]


class _NetworkNote(NetworkFacts):
    """What ``network.json`` holds: a network artifact, and the settings that it was made from."""

    files: list[str]
    settings: _SettingsNote


class NetworkPersistence(MLReadable[Any], MLWritable, ABC):
    """Mixin of stages whose Params describe a network.

    A saved stage holds the network's file next to Spark ML's metadata. A loaded stage uses that
    file as long as its Params describe the same network.
    """

    # A network that cannot be made from the Params alone: loaded, calibrated or cut.
    _stored: tuple[NetworkSettings, NetworkArtifact] | None = None

    @abstractmethod
    def networkSettings(self) -> NetworkSettings:
        """Return the settings of the network that the Params describe."""

    def network(self) -> NetworkArtifact:
        """Return the network: the one saved with the stage, or one built from the Params.

        Raises
        ------
        ModelError
            If the network or its weights cannot be obtained.
        """
        return self._network_for(self.networkSettings())

    def networkBeforePooling(self) -> FeatureMap:
        """Return the network cut just before its pooling, with the shape of its feature map.

        Raises
        ------
        ModelError
            If the network pools no map.
        """
        return cut_before_pooling(self.network())

    def _network_for(self, settings: NetworkSettings) -> NetworkArtifact:
        if self._stored is not None and self._has_network(settings):
            return self._stored[1]
        if settings.int8:
            raise PrecisionError(
                "precision='int8' needs a network that is calibrated on photos: call "
                "calibrate(photos), or transform once, before you save the stage"
            )
        return prepare_network(settings)

    def _has_network(self, settings: NetworkSettings) -> bool:
        """Whether the stage holds a network that was made from these settings."""
        if self._stored is None:
            return False
        known, network = self._stored
        same = replace(known, engine=settings.engine) == settings
        return same and settings.engine in (EngineName.AUTO, network.engine)

    @classmethod
    def load(cls, path: str) -> Self:
        """Load a stage that was saved to a path, with its network."""
        stage: Self = cls.read().load(path)
        return stage

    def write(self) -> DefaultParamsWriter:
        """Return the writer of Params and network."""
        return _NetworkWriter(cast(Any, self))

    @classmethod
    def read(cls) -> DefaultParamsReader[Any]:
        """Return the reader of Params and network."""
        return _NetworkReader(cast(Any, cls))


class _NetworkWriter(DefaultParamsWriter):
    def saveImpl(self, path: str) -> None:
        stage = cast(NetworkPersistence, self.instance)
        settings, network = stage.networkSettings(), stage.network()
        super().saveImpl(path)
        files = FileSystem(self.sparkSession)
        for file in network.files:
            files.upload(file, f"{path}/{_FOLDER}/{file.name}")
        files.write_json(f"{path}/{_FOLDER}/{_NOTE}", _note(settings, network))


class _NetworkReader(DefaultParamsReader[Any]):
    def load(self, path: str) -> Any:
        stage: NetworkPersistence = super().load(path)
        files = FileSystem(self.sparkSession)
        note: _NetworkNote = files.read_json(f"{path}/{_FOLDER}/{_NOTE}")
        stage._stored = (_settings(note["settings"]), _artifact(files, path, note))
        return stage


def _note(settings: NetworkSettings, network: NetworkArtifact) -> _NetworkNote:
    return {
        **network.facts(),
        "files": [file.name for file in network.files],
        "settings": cast(_SettingsNote, asdict(settings)),
    }


def _settings(note: _SettingsNote) -> NetworkSettings:
    pooling = note["pooling"]
    return NetworkSettings(
        model=note["model"],
        weights=note["weights"],
        pooling=None if pooling is None else Pooling(pooling),
        output_layer=note["output_layer"],
        seed=note["seed"],
        engine=EngineName(note["engine"]),
        int8=note.get("int8", False),
    )


def _artifact(files: FileSystem, path: str, note: _NetworkNote) -> NetworkArtifact:
    with draft_folder() as folder:
        drafts = [folder / name for name in note["files"]]
        for draft in drafts:
            files.download(f"{path}/{_FOLDER}/{draft.name}", draft)
        stored = tuple(store_files(drafts))
    if [file.name for file in stored] != note["files"]:
        raise ModelError(
            f"the network in {path}/{_FOLDER} is damaged: the content of {note['files'][0]} is not "
            "what its name states. Copy the model again from where it was trained"
        )
    return NetworkArtifact.from_facts(note, stored)
