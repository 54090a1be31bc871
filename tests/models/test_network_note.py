"""network.json: what this version writes it reads; what is harmful or newer it refuses."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from sparkles.choices import EngineName
from sparkles.errors import ModelError
from sparkles.models import NetworkArtifact, NetworkSettings, Pooling
from sparkles.models.network_note import NETWORK_FORMAT, read_note, settings_of, write_note
from tests.conftest import REPOSITORY

STEM = "sparkles-network-" + "0a" * 32
SETTINGS = NetworkSettings("SparklesDemo", pooling=Pooling.MAX, seed=4, int8=True)
NETWORK = NetworkArtifact(
    engine=EngineName.OPENVINO,
    files=(Path(f"{STEM}.xml"), Path(f"{STEM}.bin")),
    height=96,
    width=96,
    length=192,
    fingerprint="f0" * 32,
    int8={"median": 0.999, "least": 0.98, "photos": 64},
)
NOTE: Any = json.loads(json.dumps(write_note(SETTINGS, NETWORK)))


def changed(*path: str, to: object) -> Any:
    """The note with another value, or without the key if the value is ``...``."""
    note = inner = deepcopy(NOTE)
    for key in path[:-1]:
        inner = inner[key]
    if to is ...:
        del inner[path[-1]]
    else:
        inner[path[-1]] = to
    return note


def test_what_is_written_is_read() -> None:
    note = read_note(NOTE, "network.json")
    assert NOTE["format"] == NETWORK_FORMAT == 1
    assert settings_of(note) == SETTINGS
    assert NetworkArtifact.from_facts(note, NETWORK.files) == NETWORK


def test_the_notes_of_earlier_versions_are_read() -> None:
    notes = sorted((REPOSITORY / "tests/workflow/saved_models").rglob("network.json"))
    assert notes
    for path in notes:
        assert read_note(json.loads(path.read_text()), str(path))["settings"]["weights"] == "random"
    without = changed("settings", "int8", to=...)
    del without["format"], without["int8"]
    assert settings_of(read_note(without, "network.json")).int8 is False


@pytest.mark.parametrize(
    "names",
    [
        [f"../{STEM}.xml", f"../{STEM}.bin"],
        [f"/{STEM}.xml", f"/{STEM}.bin"],
        ["../../../.bashrc.xml", "../../../.bashrc.bin"],
        [f"{STEM}.xml", f"x/../{STEM}.bin"],
        [f"{STEM}.xml", f"{STEM}.bin", f"{STEM}.so"],
        [f"{STEM}.xml\n", f"{STEM}.bin"],
        [f"{STEM}.bin", f"{STEM}.xml"],
        [f"{STEM}.keras"],
        [f"{STEM.upper()}.xml", f"{STEM.upper()}.bin"],
        [STEM, STEM],
        ["network.xml", "network.bin"],
        [f"{STEM}.xml"],
        [],
        [None, None],
        f"{STEM}.xml",
    ],
)
def test_only_plain_names_with_a_hash_are_read(names: object) -> None:
    with pytest.raises(ModelError, match="expected files to be") as caught:
        read_note(changed("files", to=names), "m/network.json")
    assert "Copy the model again" in str(caught.value)


def test_a_network_of_keras_has_one_archive_and_no_hdf5() -> None:
    for suffix, accepted in ((".keras", True), (".h5", False), (".pb", False)):
        note = changed("files", to=[f"{STEM}{suffix}"])
        note["engine"] = "keras"
        if accepted:
            assert read_note(note, "network.json")["engine"] == "keras"
        else:
            with pytest.raises(ModelError, match="expected files to be"):
                read_note(note, "network.json")


@pytest.mark.parametrize(
    ("note", "why"),
    [
        (changed("format", to=2), "it has format 2"),
        ({"format": 7, "everything": "else"}, "it has format 7"),
        (changed("scale", to=1), "it has scale"),
        (changed("settings", "crop", to=True), r"it has settings\.crop"),
        (changed("int8", "worst", to=0.5), r"it has int8\.worst"),
    ],
)
def test_what_a_newer_version_wrote_is_reported_as_such(note: object, why: str) -> None:
    with pytest.raises(ModelError, match=f"written by a newer version of Sparkles.*: {why}"):
        read_note(note, "network.json")


@pytest.mark.parametrize(
    "note",
    [
        [],
        None,
        {},
        changed("format", to="1"),
        changed("format", to=0),
        changed("engine", to="auto"),
        changed("engine", to="pickle"),
        changed("height", to=0),
        changed("height", to=True),
        changed("width", to=10**9),
        changed("length", to=1.5),
        changed("length", to=...),
        changed("fingerprint", to="../x"),
        changed("int8", to=[]),
        changed("int8", "photos", to=...),
        changed("int8", "least", to="1"),
        changed("settings", to=None),
        changed("settings", "model", to=["SparklesDemo"]),
        changed("settings", "pooling", to="sum"),
        changed("settings", "seed", to=None),
        changed("settings", "int8", to=1),
    ],
)
def test_a_value_of_another_kind_is_damage(note: object) -> None:
    with pytest.raises(ModelError, match=r"^m/network.json is damaged.*Copy the model again"):
        read_note(note, "m/network.json")
