"""A stage that has a network, and takes it along when it is saved."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import asdict, replace
from typing import Any, cast

from pyspark.ml.util import DefaultParamsReader, DefaultParamsWriter, MLReadable, MLWritable

from sparkles.choices import EngineName
from sparkles.errors import ModelError, PrecisionError
from sparkles.models import NetworkArtifact, NetworkSettings, Pooling, prepare_network
from sparkles.models.cache import draft_folder, store_files
from sparkles.models.feature_map import FeatureMap, cut_before_pooling
from sparkles.spark.filesystem import FileSystem

__all__ = ["NetworkPersistence"]

_FOLDER = "network"
_NOTE = "network.json"


class NetworkPersistence(MLReadable[Any], MLWritable, ABC):
    """Mixin of stages whose Params name a network.

    A saved stage holds the network's file beside Spark ML's metadata. A loaded stage uses that
    file for as long as its Params ask for the same network.
    """

    _stored: tuple[NetworkSettings, NetworkArtifact] | None = None

    @abstractmethod
    def networkSettings(self) -> NetworkSettings:
        """What the Params say of the network."""

    def network(self) -> NetworkArtifact:
        """The network, from the saved stage's own file or built anew.

        Raises
        ------
        ModelError
            If the network or its weights cannot be had.
        """
        return self._network_for(self.networkSettings())

    def networkBeforePooling(self) -> FeatureMap:
        """The network cut before its pooling, with the shape of its map.

        Raises
        ------
        ModelError
            If it pools no map.
        """
        return cut_before_pooling(self.network())

    def _network_for(self, settings: NetworkSettings) -> NetworkArtifact:
        if self._stored is not None and self._has(settings):
            return self._stored[1]
        if settings.int8:
            raise PrecisionError(
                "precision='int8' is calibrated on photos: call calibrate(photos), or transform "
                "once, before the stage is saved"
            )
        return prepare_network(settings)

    def _has(self, settings: NetworkSettings) -> bool:
        """Whether the network at hand is the one that is asked for."""
        if self._stored is None:
            return False
        known, network = self._stored
        same = replace(known, engine=settings.engine) == settings
        return same and settings.engine in (EngineName.AUTO, network.engine)

    def write(self) -> DefaultParamsWriter:
        """The writer of Params and network."""
        return _NetworkWriter(cast(Any, self))

    @classmethod
    def read(cls) -> DefaultParamsReader[Any]:
        """The reader of Params and network."""
        return _NetworkReader(cast(Any, cls))


class _NetworkWriter(DefaultParamsWriter):
    def saveImpl(self, path: str) -> None:
        stage = cast(NetworkPersistence, self.instance)
        settings, network = stage.networkSettings(), stage.network()
        super().saveImpl(path)
        files = FileSystem(self.sparkSession)
        names = [file.name for file in network.files]
        facts = network.facts() | {"files": names, "settings": asdict(settings)}
        for file in network.files:
            files.upload(file, f"{path}/{_FOLDER}/{file.name}")
        files.write_json(f"{path}/{_FOLDER}/{_NOTE}", facts)


class _NetworkReader(DefaultParamsReader[Any]):
    def load(self, path: str) -> Any:
        stage = super().load(path)
        files = FileSystem(self.sparkSession)
        facts = files.read_json(f"{path}/{_FOLDER}/{_NOTE}")
        stage._stored = (_settings(facts.pop("settings")), _artifact(files, path, facts))
        return stage


def _settings(facts: dict[str, Any]) -> NetworkSettings:
    pooling, engine = facts["pooling"], EngineName(facts["engine"])
    return NetworkSettings(**facts | {"pooling": pooling and Pooling(pooling), "engine": engine})


def _artifact(files: FileSystem, path: str, facts: dict[str, Any]) -> NetworkArtifact:
    names = [str(name) for name in facts["files"]]
    with draft_folder() as folder:
        drafts = [folder / name for name in names]
        for draft in drafts:
            files.download(f"{path}/{_FOLDER}/{draft.name}", draft)
        adopted = store_files(drafts)
    if [file.name for file in adopted] != names:
        raise ModelError(
            f"the network in {path}/{_FOLDER} is damaged: its content is not what its name, "
            f"{names[0]}, states. Copy the model again from where it was trained"
        )
    return NetworkArtifact.from_facts(facts | {"files": adopted})
