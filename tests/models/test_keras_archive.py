"""A .keras file from a stranger runs no code."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from sparkles.choices import EngineName
from sparkles.errors import ModelError, WeightsError
from sparkles.models import NetworkSettings, prepare_network
from sparkles.models.engines import save_for_engine
from sparkles.models.keras_archive import check_keras_archive
from sparkles.models.network import build_network

# A network of each family; the members of a family are made of the same layers.
FAMILIES = [
    "MobileNet-0.25@128",
    "MobileNetV2-0.35@96",
    "InceptionV3@75",
    "Xception@71",
    "VGG16@32",
]
FAMILIES += ["ResNet50@32", "EfficientNetB0@32", "EfficientNetV2B0@32", "EfficientNetV2S@32"]
FAMILIES += ["DenseNet121@32"]


def archive(path: Path, config: object, *more: str) -> Path:
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("config.json", json.dumps(config))
        for name in ("metadata.json", "model.weights.h5", *more):
            file.writestr(name, "{}")
    return path


def model_of(*layers: dict[str, Any]) -> dict[str, Any]:
    return {"module": "keras", "class_name": "Functional", "config": {"layers": list(layers)}}


def layer(name: str, module: str | None = "keras.layers", **config: object) -> dict[str, Any]:
    return {"module": module, "class_name": name, "config": config}


def test_a_network_of_ours_passes(tmp_path: Path) -> None:
    network = prepare_network(NetworkSettings("SparklesDemo", engine=EngineName.KERAS))
    check_keras_archive(network.files[0])
    check_keras_archive(archive(tmp_path / "a.keras", model_of(layer("Conv2D"))))


@pytest.mark.slow
@pytest.mark.parametrize("name", FAMILIES)
def test_every_network_of_the_registry_passes(name: str, tmp_path: Path) -> None:
    for pooling in (None, "max"):
        network = build_network(NetworkSettings(name, weights="random", pooling=pooling))
        (path,) = save_for_engine(EngineName.KERAS, network, tmp_path)
        check_keras_archive(path)


@pytest.mark.parametrize(
    "strange",
    [
        layer("Lambda", function={"class_name": "__lambda__", "config": {"code": "4wE="}}),
        layer("TFSMLayer", filepath="/tmp/saved_model"),
        layer("TorchModuleWrapper", "keras.utils", pickled="gASV"),
        layer("StringLookup", vocabulary="/etc/passwd"),
        layer("Conv2D", activation=layer("function", "os")),
        layer("Conv2D", "antigravity"),
        layer("Conv2D", "kerasevil.layers"),
        layer("system", "os"),
        layer("load_model", "keras.models"),
        layer("enable_unsafe_deserialization", "keras.config"),
        layer("Conv2D", 7),  # type: ignore[arg-type]
        layer(["Conv2D"]),  # type: ignore[arg-type]
    ],
    ids=lambda one: str(one["class_name"]),
)
def test_another_class_is_refused_by_name(strange: dict[str, Any], tmp_path: Path) -> None:
    hidden = layer("Dropout", extra=[{"deep": strange}])
    for config in (strange, model_of(layer("Conv2D"), hidden)):
        with pytest.raises(ModelError, match="is not a network that Sparkles saved: it holds"):
            check_keras_archive(archive(tmp_path / "a.keras", config))


def test_another_file_in_the_archive_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.keras", model_of(), "assets/vocabulary.txt")
    with pytest.raises(ModelError, match=r"extra or missing: assets/vocabulary\.txt"):
        check_keras_archive(path)


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.keras"
    for content in (b"", b"\x89HDF\r\n\x1a\n", b"PK\x03\x04"):
        path.write_bytes(content)
        with pytest.raises(ModelError, match="is not an archive of Keras"):
            check_keras_archive(path)


def test_a_lambda_in_a_weights_file_does_not_run(tmp_path: Path) -> None:
    import keras

    ran, path = tmp_path / "ran", str(tmp_path / "weights.keras")
    inputs = keras.Input((4,))
    code = f"lambda x: (open({str(ran)!r}, 'w').close(), x)[1]"
    keras.Model(inputs, keras.layers.Lambda(eval(code))(inputs)).save(path)
    ran.unlink(missing_ok=True)
    with pytest.raises(WeightsError, match="do not fit SparklesDemo"):
        build_network(NetworkSettings("SparklesDemo", weights=path))
    assert not ran.exists()
    keras.models.load_model(path, safe_mode=False)  # so the file would have run the code
    assert ran.exists()
