"""Weights, cuts and fingerprints: what works, and how the rest fails."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sparkles.errors import ModelError, WeightsError
from sparkles.models import NetworkSettings, prepare_network
from sparkles.models.network import build_backbone, build_network, fingerprint

SMALL = "MobileNetV2-0.35@32"


def network_of(**options: object) -> tuple[NetworkSettings, object]:
    settings = NetworkSettings(**{"model": SMALL, "weights": "random", **options})
    return settings, build_network(settings)


def test_random_weights_follow_the_seed_and_leave_python_s_generator_alone() -> None:
    random.seed(1)
    state = random.getstate()
    first, again, other = (fingerprint(*network_of(seed=seed)) for seed in (5, 5, 6))
    assert first == again
    assert first != other
    assert random.getstate() == state


def test_fingerprints_tell_cut_and_pooling_apart() -> None:
    options = [{}, {"pooling": "max"}, {"pooling": None}, {"output_layer": "block_6_expand"}]
    prints = {fingerprint(*network_of(**option)) for option in options}
    assert len(prints) == len(options)


def test_fingerprints_are_the_same_in_another_process() -> None:
    code = (
        "from sparkles.models import NetworkSettings, prepare_network\n"
        f"print(prepare_network(NetworkSettings({SMALL!r}, weights='random')).fingerprint)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    ours = prepare_network(NetworkSettings(SMALL, weights="random")).fingerprint
    assert answer.stdout.strip() == ours


def test_unnamed_layers_keep_their_names_in_later_networks() -> None:
    # Keras numbers conv2d_93 on through the life of the process.
    settings = NetworkSettings("InceptionV3@75", weights="random", output_layer="conv2d_9")
    prints = {fingerprint(settings, build_network(settings)) for _ in range(2)}
    assert len(prints) == 1


def test_a_prepared_network_is_built_once_until_its_weights_change(tmp_path: Path) -> None:
    file = tmp_path / "net.weights.h5"
    build_backbone(NetworkSettings(SMALL, weights="random", seed=1)).save_weights(file)
    settings = NetworkSettings(SMALL, weights=str(file))
    first = prepare_network(settings)
    assert prepare_network(settings) is first
    build_backbone(NetworkSettings(SMALL, weights="random", seed=2)).save_weights(file)
    assert prepare_network(settings).fingerprint != first.fingerprint


@pytest.mark.parametrize("suffix", [".weights.h5", ".keras"])
@pytest.mark.parametrize("saved_cut", [None, "block_6_expand"])
def test_weights_files_of_the_whole_and_of_the_cut_network(
    tmp_path: Path, suffix: str, saved_cut: str | None
) -> None:
    source = NetworkSettings(SMALL, weights="random", seed=4, output_layer=saved_cut)
    file = tmp_path / f"net{suffix}"
    backbone = build_backbone(source)
    backbone.save_weights(file) if suffix == ".weights.h5" else backbone.save(file)
    loaded = NetworkSettings(SMALL, weights=str(file), output_layer="block_6_expand")
    wanted = NetworkSettings(SMALL, weights="random", seed=4, output_layer="block_6_expand")
    photos = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3)).astype(np.uint8)
    np.testing.assert_array_almost_equal(
        build_network(loaded)(photos), build_network(wanted)(photos)
    )


@pytest.mark.parametrize(
    ("weights", "remedy"),
    [
        ("nowhere.weights.h5", "there is no such file"),
        ("weights.txt", "expected imagenet, embedded, random, or a file that ends in"),
        ("embedded", "no embedded weights"),
    ],
)
def test_weights_that_cannot_be_had(weights: str, remedy: str) -> None:
    with pytest.raises(WeightsError, match=remedy):
        build_network(NetworkSettings(SMALL, weights=weights))


def test_imagenet_weights_that_are_not_in_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import keras

    def refuse(*_: object, **__: object) -> str:
        raise OSError("URL fetch failure: no route to host")

    monkeypatch.setattr("keras.src.utils.file_utils.get_file", refuse)
    assert keras.__version__
    with pytest.raises(WeightsError, match=r"no ImageNet weights for VGG19.*KERAS_HOME"):
        build_network(NetworkSettings("VGG19"))


def test_weights_of_another_network(tmp_path: Path) -> None:
    file = tmp_path / "other.weights.h5"
    build_backbone(NetworkSettings("MobileNet-0.25@32", weights="random")).save_weights(file)
    with pytest.raises(WeightsError, match=r"do not fit MobileNetV2-0\.35@32"):
        build_network(NetworkSettings(SMALL, weights=str(file)))


def test_a_file_that_is_no_weights_file(tmp_path: Path) -> None:
    file = tmp_path / "broken.weights.h5"
    file.write_bytes(b"not HDF5")
    with pytest.raises(WeightsError, match="do not fit"):
        build_network(NetworkSettings(SMALL, weights=str(file)))


def test_an_unknown_layer_names_the_nearest() -> None:
    with pytest.raises(ModelError, match=r"outputLayer 'block_6_expnd' .* block_6_expand"):
        build_network(NetworkSettings(SMALL, weights="random", output_layer="block_6_expnd"))
