"""Converted networks on disk: found again, rebuilt when anything changed or broke."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sparkles.models import NetworkSettings, artifact, prepare_network, recipe
from sparkles.models.cache import (
    CachedNetwork,
    draft_folder,
    lookup_network,
    record_network,
    store_files,
)
from sparkles.models.network import build_network
from sparkles.models.weights import digest_weights_files

SETTINGS = NetworkSettings("MobileNetV2-0.35@32", weights="random", seed=11)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and a driver that has forgotten every network."""
    monkeypatch.setenv("SPARKLES_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(artifact, "_prepared", type(artifact._prepared)())
    return tmp_path / "cache" / "networks"


def adopt(content: bytes = b"network") -> tuple[Path, ...]:
    with draft_folder() as folder:
        draft = folder / "network.xml"
        draft.write_bytes(content)
        return store_files([draft])


def test_what_was_remembered_is_recalled(cache: Path) -> None:
    files = adopt()
    record_network("recipe", {"height": 32}, files)
    assert lookup_network("recipe") == CachedNetwork({"height": 32}, files)
    assert lookup_network("other") is None
    assert sorted(path.suffix for path in cache.iterdir()) == [".json", ".xml"]


@pytest.mark.parametrize("damage", [b"", b"networl", None])
def test_a_damaged_or_missing_file_is_not_recalled(cache: Path, damage: bytes | None) -> None:
    (file,) = files = adopt()
    record_network("recipe", {}, files)
    if damage is None:
        file.unlink()
    else:
        file.write_bytes(damage)
    assert lookup_network("recipe") is None


@pytest.mark.parametrize("note", ["", "{", "[]", "{}", '{"files": []}', '{"files": ["../x"]}'])
def test_a_damaged_note_is_not_recalled(cache: Path, note: str) -> None:
    adopt()
    (cache / "recipe.json").write_text(note)
    assert lookup_network("recipe") is None


def test_files_are_named_by_their_content(cache: Path) -> None:
    assert adopt(b"a") == adopt(b"a") != adopt(b"b")


def test_other_users_can_neither_read_drafts_nor_write_networks(cache: Path) -> None:
    with draft_folder() as folder:
        assert folder.stat().st_mode & 0o777 == 0o700
        assert cache.stat().st_mode & 0o077 == 0
    record_network("recipe", {}, adopt())
    assert (cache / "recipe.json").stat().st_mode & 0o077 == 0


def test_a_folder_that_cannot_be_written_is_passed_by(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("SPARKLES_CACHE", str(tmp_path / "file" / "cache"))
    (file,) = adopt()
    assert file.is_file()
    assert tmp_path not in file.parents


def test_a_second_process_needs_no_keras(cache: Path) -> None:
    first = prepare_network(SETTINGS)
    code = f"""
import sys
sys.modules["keras"] = sys.modules["tensorflow"] = None  # importing them fails
from sparkles.models import NetworkSettings, prepare_network
print(prepare_network(NetworkSettings({SETTINGS.model!r}, weights="random", seed=11)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(first)


def test_networks_are_built_again_after_damage(cache: Path) -> None:
    first = prepare_network(SETTINGS)
    first.files[1].write_bytes(b"damaged")
    artifact._prepared.clear()
    again = prepare_network(SETTINGS)
    assert again.fingerprint == first.fingerprint
    assert again.files[1].stat().st_size > 1000


def test_new_weights_under_the_same_name_are_another_network(cache: Path, tmp_path: Path) -> None:
    file = tmp_path / "net.weights.h5"
    settings = NetworkSettings(SETTINGS.model, weights=str(file))
    networks = []
    for seed in (1, 2):
        random = build_network(NetworkSettings(SETTINGS.model, weights="random", seed=seed))
        next(layer for layer in random.layers if hasattr(layer, "layers")).save_weights(file)
        os.utime(file, (0, 0))  # the time of change proves nothing
        networks.append(prepare_network(settings))
    assert networks[0].fingerprint != networks[1].fingerprint
    assert networks[0].files != networks[1].files


def test_another_version_or_code_is_another_recipe(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare_network(SETTINGS)
    notes = len(list(cache.glob("*.json")))
    monkeypatch.setattr(recipe, "code_digest", lambda: "changed")
    prepare_network(SETTINGS)
    monkeypatch.setattr(recipe, "package_versions", lambda packages: {"openvino": "1"})
    prepare_network(SETTINGS)
    assert len(list(cache.glob("*.json"))) == notes + 2


def test_notes_say_what_the_network_is(cache: Path) -> None:
    network = prepare_network(SETTINGS)
    (note,) = cache.glob("*.json")
    facts = json.loads(note.read_text())
    assert facts["files"] == [file.name for file in network.files]
    assert (facts["height"], facts["length"], facts["engine"]) == (32, 1280, "openvino")


@pytest.mark.parametrize(
    ("builder", "file"),
    [
        ("InceptionV3", "inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5"),
        ("EfficientNetV2B0", "efficientnetv2-b0_notop.h5"),
        ("MobileNetV2", "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.35_224_no_top.h5"),
    ],
)
def test_keras_own_cache_is_part_of_the_recipe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, builder: str, file: str
) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    assert digest_weights_files("imagenet", builder, builder) == []
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / file).write_bytes(b"weights")
    (tmp_path / "models" / "vgg16_weights.h5").write_bytes(b"others")
    # By sha256sum, of the bytes "weights".
    expected = "9a129038d9a00aed0cf6a7ea059ca50a813449061ab87848cf1a13eafdf33b2c"
    assert digest_weights_files("imagenet", builder, builder) == [expected]
