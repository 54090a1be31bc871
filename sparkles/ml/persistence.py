"""A stage that has a network, and saves it with its Params."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace
from typing import Any, Self, cast

from pyspark.ml.util import DefaultParamsReader, DefaultParamsWriter, MLReadable, MLWritable

from sparkles.choices import EngineName
from sparkles.errors import ModelError, PrecisionError, SourceError
from sparkles.models import NetworkArtifact, NetworkSettings, prepare_network
from sparkles.models.cache import content_names, draft_folder, store_files
from sparkles.models.feature_map import FeatureMap, cut_before_pooling
from sparkles.models.keras_archive import check_keras_archive
from sparkles.models.network_note import NetworkNote, read_note, settings_of, write_note
from sparkles.redaction import redact
from sparkles.spark.filesystem import FileSystem
from sparkles.version import __version__

__all__ = ["NetworkPersistence"]

_FOLDER = "network"
_NOTE = "network.json"


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
        network = stage.network()
        if weights := stage.networkSettings().weights:  # whoever gets the model gets no password
            self.instance = stage = cast(Any, stage).copy()._set(weights=redact(weights))
        settings = stage.networkSettings()
        super().saveImpl(path)
        files = FileSystem(self.sparkSession)
        for file in network.files:
            files.upload(file, f"{path}/{_FOLDER}/{file.name}")
        files.write_json(f"{path}/{_FOLDER}/{_NOTE}", write_note(settings, network))


class _NetworkReader(DefaultParamsReader[Any]):
    def load(self, path: str) -> Any:
        metadata = self.loadMetadata(path, self.sc)
        stage = _stage_of(self.cls, metadata, path)
        files, place = FileSystem(self.sparkSession), f"{path}/{_FOLDER}/{_NOTE}"
        try:
            content = files.read_json(place)
        except (SourceError, ValueError) as error:
            raise ModelError(f"{place} cannot be read: {error}") from error
        note = read_note(content, place)
        stage._stored = (settings_of(note), _artifact(files, path, note))
        if not stage._has_network(stage.networkSettings()):
            # Its network would be built from the Params: from weights anywhere, for example.
            raise ModelError(
                f"the Params of the stage at {path} describe another network than {place}. Copy "
                "the model again from where it was trained"
            )
        return stage


def _stage_of(cls: type[Any], metadata: dict[str, Any], path: str) -> Any:
    """Return a stage with the Params of its metadata; Spark would import the class they name."""
    expected = f"{cls.__module__}.{cls.__name__}"
    if metadata.get("class") != expected:
        raise ModelError(f"the stage at {path} is a {metadata.get('class')}, not a {expected}")
    stage = cls()
    given = {**metadata.get("paramMap", {}), **metadata.get("defaultParamMap", {})}
    if unknown := [name for name in given if not stage.hasParam(name)]:
        raise ModelError(
            f"the stage at {path} was saved by a newer version of Sparkles than this one, "
            f"{__version__}: it has {', '.join(unknown)}. Install the newer version, or train the "
            "model again"
        )
    stage._resetUid(metadata["uid"])
    DefaultParamsReader.getAndSetParams(stage, metadata)
    return stage


def _artifact(files: FileSystem, path: str, note: NetworkNote) -> NetworkArtifact:
    """Copy the network's files to a private folder, and into the cache if they are intact."""
    with draft_folder() as folder:
        drafts = [folder / name for name in note["files"]]
        for draft in drafts:
            files.download(f"{path}/{_FOLDER}/{draft.name}", draft)
        if content_names(drafts) != note["files"]:
            raise ModelError(
                f"the network in {path}/{_FOLDER} is damaged: the content of {note['files'][0]} is "
                "not what its name states. Copy the model again from where it was trained"
            )
        if note["engine"] == EngineName.KERAS:
            check_keras_archive(drafts[0])
        return NetworkArtifact.from_facts(note, store_files(drafts))
