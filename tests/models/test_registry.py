"""The table of networks: names, suffixes and their properties."""

from __future__ import annotations

import inspect

import pytest

from sparkles.errors import UnknownModelError
from sparkles.models import lookup_model, model_names


@pytest.mark.parametrize(
    ("name", "size", "features"),
    [
        ("InceptionV3", 299, 2048),
        ("inceptionv3", 299, 2048),
        ("MobileNetV2-0.35", 224, 1280),
        ("MobileNetV2-0.35@96", 96, 1280),
        ("MobileNetV2-1.3", 224, 1664),
        ("MobileNetV2-1.40", 224, 1792),
        ("MobileNet-0.50@128", 128, 512),
        ("MobileNet-0.25", 224, 256),
        ("EfficientNetB7", 600, 2560),
        ("VGG16@64", 64, 512),
    ],
)
def test_known_names(name: str, size: int, features: int) -> None:
    spec = lookup_model(name)
    assert (spec.input_size, spec.features) == (size, features)


def test_the_table_has_the_networks_that_are_promised() -> None:
    promised = {
        *("InceptionV3", "Xception", "ResNet50", "VGG16", "VGG19", "MobileNet", "MobileNetV2"),
        *(f"EfficientNetB{n}" for n in range(8)),
        *(f"EfficientNetV2{n}" for n in ("B0", "B1", "B2", "B3", "S", "M", "L")),
        *("DenseNet121", "MobileNetV2-0.35", "MobileNet-0.50"),
    }
    assert promised <= set(model_names())


def test_every_row_names_a_builder_of_keras_that_takes_its_width() -> None:
    import keras

    for name in model_names():
        spec = lookup_model(name)
        if name != "SparklesDemo":
            builder = getattr(keras.applications, spec.builder)
            assert ("alpha" in inspect.signature(builder).parameters) == (spec.alpha is not None)
            assert name.startswith(spec.builder)


def test_the_full_width_is_the_plain_network() -> None:
    assert lookup_model("MobileNetV2-1.0") == lookup_model("MobileNetV2")


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("InceptionV4", "Did you mean InceptionV3"),
        ("nonsense", "Known: InceptionV3, Xception"),
        ("VGG16-0.5", "no width variants"),
        ("MobileNetV2-0.4", "0.35, 0.50"),
        ("InceptionV3@32", "75 to 2048"),
        ("SparklesDemo@128", "one input size, 96"),
        ("", "Known:"),
        ("VGG16@", "Known:"),
    ],
)
def test_unknown_names_say_what_is_known(name: str, remedy: str) -> None:
    with pytest.raises(UnknownModelError, match=remedy):
        lookup_model(name)
