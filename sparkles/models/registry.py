"""The registry of networks: a new backbone is a new row."""

from __future__ import annotations

import re
from dataclasses import replace

from sparkles.errors import UnknownModelError, nearest
from sparkles.models.spec import ModelSpec, Preprocessing

__all__ = ["MODELS", "lookup_model", "model_names"]

_TF, _CAFFE, _TORCH = Preprocessing.TF, Preprocessing.CAFFE, Preprocessing.TORCH
_BUILT_IN = Preprocessing.BUILT_IN

_ROWS = [
    ModelSpec("InceptionV3", "InceptionV3", 299, _TF, 2048, minimum_size=75),
    ModelSpec("Xception", "Xception", 299, _TF, 2048, minimum_size=71),
    ModelSpec("ResNet50", "ResNet50", 224, _CAFFE, 2048, legacy_pooled=True),
    ModelSpec("VGG16", "VGG16", 224, _CAFFE, 512),
    ModelSpec("VGG19", "VGG19", 224, _CAFFE, 512),
    ModelSpec("MobileNet", "MobileNet", 224, _TF, 1024, alpha=1.0),
    ModelSpec("MobileNetV2", "MobileNetV2", 224, _TF, 1280, alpha=1.0),
    ModelSpec("EfficientNetB0", "EfficientNetB0", 224, _BUILT_IN, 1280),
    ModelSpec("EfficientNetB1", "EfficientNetB1", 240, _BUILT_IN, 1280),
    ModelSpec("EfficientNetB2", "EfficientNetB2", 260, _BUILT_IN, 1408),
    ModelSpec("EfficientNetB3", "EfficientNetB3", 300, _BUILT_IN, 1536),
    ModelSpec("EfficientNetB4", "EfficientNetB4", 380, _BUILT_IN, 1792),
    ModelSpec("EfficientNetB5", "EfficientNetB5", 456, _BUILT_IN, 2048),
    ModelSpec("EfficientNetB6", "EfficientNetB6", 528, _BUILT_IN, 2304),
    ModelSpec("EfficientNetB7", "EfficientNetB7", 600, _BUILT_IN, 2560),
    ModelSpec("EfficientNetV2B0", "EfficientNetV2B0", 224, _BUILT_IN, 1280),
    ModelSpec("EfficientNetV2B1", "EfficientNetV2B1", 240, _BUILT_IN, 1280),
    ModelSpec("EfficientNetV2B2", "EfficientNetV2B2", 260, _BUILT_IN, 1408),
    ModelSpec("EfficientNetV2B3", "EfficientNetV2B3", 300, _BUILT_IN, 1536),
    ModelSpec("EfficientNetV2S", "EfficientNetV2S", 384, _BUILT_IN, 1280),
    ModelSpec("EfficientNetV2M", "EfficientNetV2M", 480, _BUILT_IN, 1280),
    ModelSpec("EfficientNetV2L", "EfficientNetV2L", 480, _BUILT_IN, 1280),
    ModelSpec("DenseNet121", "DenseNet121", 224, _TORCH, 1024),
    ModelSpec(
        "SparklesDemo",
        "sparkles.models.sparkles_demo:build_backbone",
        96,
        _TF,
        192,
        default_weights="embedded",
    ),
]

MODELS: dict[str, ModelSpec] = {row.name: row for row in _ROWS}

# The widths for which Keras publishes ImageNet weights.
_WIDTHS: dict[str, tuple[float, ...]] = {
    "MobileNet": (0.25, 0.5, 0.75, 1.0),
    "MobileNetV2": (0.35, 0.5, 0.75, 1.0, 1.3, 1.4),
}

_NAME = re.compile(r"(?P<base>[A-Za-z]\w*)(?:-(?P<alpha>\d+(?:\.\d+)?))?(?:@(?P<size>\d+))?")


def model_names() -> list[str]:
    """Return every name that :func:`lookup_model` finds, without the ``@size`` suffix.

    Examples
    --------
    >>> [name for name in model_names() if name.startswith("MobileNet-")]
    ['MobileNet-0.25', 'MobileNet-0.50', 'MobileNet-0.75']
    """
    narrow = [
        f"{base}-{alpha:.2f}" for base, widths in _WIDTHS.items() for alpha in widths if alpha != 1
    ]
    return [*MODELS, *narrow]


def lookup_model(name: str) -> ModelSpec:
    """Find a network by name.

    Parameters
    ----------
    name
        A name of the registry, with ``-alpha`` for a narrower or wider MobileNet and ``@size``
        for a different input side in pixels: ``InceptionV3``, ``MobileNetV2-0.35``,
        ``MobileNet-0.50@128``. Letter case does not matter.

    Raises
    ------
    UnknownModelError
        With the nearest names and all known ones.

    Examples
    --------
    >>> lookup_model("MobileNet-0.50@128").features
    512
    >>> lookup_model("inceptionv3").input_size
    299
    >>> lookup_model("MobileNetV2-0.35").name
    'MobileNetV2-0.35'
    """
    match = _NAME.fullmatch(name.strip())
    by_folded = {known.casefold(): spec for known, spec in MODELS.items()}
    spec = by_folded.get(match["base"].casefold()) if match else None
    if match is None or spec is None:
        known = ", ".join(model_names())
        raise UnknownModelError(
            f"modelName {name!r} is not known.{nearest(name, model_names())} Known: {known}; "
            "each also with @size for a different input side, for example MobileNet-0.50@128"
        )
    if match["alpha"]:
        spec = _with_width(spec, float(match["alpha"]), name)
    if match["size"]:
        spec = _with_size(spec, int(match["size"]), name)
    return spec


def _with_width(spec: ModelSpec, alpha: float, asked: str) -> ModelSpec:
    widths = _WIDTHS.get(spec.name)
    if widths is None:
        raise UnknownModelError(
            f"modelName {asked!r}: {spec.name} has no width variants; only "
            f"{' and '.join(_WIDTHS)} do. Use {spec.name!r}"
        )
    if alpha not in widths:
        raise UnknownModelError(
            f"modelName {asked!r}: {spec.name} has the widths "
            f"{', '.join(f'{width:.2f}' for width in widths)}, not {alpha}"
        )
    if alpha == spec.alpha:
        return spec
    # MobileNetV2 widens its last layer above alpha 1 and never narrows it (Sandler et al. 2018).
    scale = max(alpha, 1.0) if spec.name == "MobileNetV2" else alpha
    features = _rounded_to_eight(spec.features * scale)
    return replace(spec, name=f"{spec.name}-{alpha:.2f}", alpha=alpha, features=features)


def _rounded_to_eight(channels: float) -> int:
    return int(channels + 4) // 8 * 8


def _with_size(spec: ModelSpec, size: int, asked: str) -> ModelSpec:
    if not spec.minimum_size <= size <= 2048:
        raise UnknownModelError(
            f"modelName {asked!r}: {spec.name} takes an input side of {spec.minimum_size} to "
            f"2048 pixels, not {size}"
        )
    if size == spec.input_size:
        return spec
    if ":" in spec.builder:
        raise UnknownModelError(
            f"modelName {asked!r}: {spec.name} has one input size, {spec.input_size}"
        )
    return replace(spec, name=f"{spec.name}@{size}", input_size=size)
