"""The networks as a table for people: what there is, and what each takes and gives."""

from __future__ import annotations

from html import escape

from sparkles.models.registry import lookup_model, model_names
from sparkles.models.spec import ModelSpec

__all__ = ["NetworkTable", "networks"]

# Parameters below the top, as Keras counts them. Each is a float32 of four bytes in the file of
# the weights.
_PARAMETERS = {
    "InceptionV3": 21_802_784,
    "Xception": 20_861_480,
    "ResNet50": 23_587_712,
    "VGG16": 14_714_688,
    "VGG19": 20_024_384,
    "MobileNet": 3_228_864,
    "MobileNetV2": 2_257_984,
    "EfficientNetB0": 4_049_571,
    "EfficientNetB1": 6_575_239,
    "EfficientNetB2": 7_768_569,
    "EfficientNetB3": 10_783_535,
    "EfficientNetB4": 17_673_823,
    "EfficientNetB5": 28_513_527,
    "EfficientNetB6": 40_960_143,
    "EfficientNetB7": 64_097_687,
    "EfficientNetV2B0": 5_919_312,
    "EfficientNetV2B1": 6_931_124,
    "EfficientNetV2B2": 8_769_374,
    "EfficientNetV2B3": 12_930_622,
    "EfficientNetV2S": 20_331_360,
    "EfficientNetV2M": 53_150_388,
    "EfficientNetV2L": 117_746_848,
    "DenseNet121": 7_037_504,
    "SparklesDemo": 276_904,
    "MobileNet-0.25": 218_544,
    "MobileNet-0.50": 829_536,
    "MobileNet-0.75": 1_832_976,
    "MobileNetV2-0.35": 410_208,
    "MobileNetV2-0.50": 706_224,
    "MobileNetV2-0.75": 1_382_064,
    "MobileNetV2-1.30": 3_766_048,
    "MobileNetV2-1.40": 4_363_712,
}
_BYTES_EACH = 4
_HEADS = ("network", "input", "features", "weights")
_NOTE = "MobileNet-0.50@128 and the like take other input sizes."


class NetworkTable(tuple[ModelSpec, ...]):
    """The networks by name; a tuple that notebooks show as a table.

    Examples
    --------
    >>> [spec.name for spec in networks() if spec.features < 256]
    ['SparklesDemo']
    """

    __slots__ = ()

    def __repr__(self) -> str:
        """Show a row for each network, in columns."""
        rows = [_HEADS, *map(_cells, self)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = (
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in rows
        )
        return "\n".join([*lines, _NOTE])

    def _repr_html_(self) -> str:
        rows = ["".join(f"<td>{escape(cell)}</td>" for cell in _cells(spec)) for spec in self]
        head = "".join(f"<th>{name}</th>" for name in _HEADS)
        body = "".join(f"<tr>{row}</tr>" for row in rows)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table><p>{_NOTE}</p>"


def networks() -> NetworkTable:
    """List the networks that photos can go through, by the names that ``model`` takes.

    Returns
    -------
    NetworkTable
        A :class:`~sparkles.models.ModelSpec` for each network: its ``name``, ``input_size`` (side
        in pixels), ``features`` (length of the vector), ``default_weights`` and more. It prints as
        a table, with the size of the weights.

    Examples
    --------
    >>> from sparkles import networks
    >>> len(networks()) > 30
    True
    >>> networks()
    network           input  features  weights
    InceptionV3       299    2048      imagenet, 87 MB
    Xception          299    2048      imagenet, 83 MB
    ...
    """
    return NetworkTable(map(lookup_model, model_names()))


def _cells(spec: ModelSpec) -> tuple[str, str, str, str]:
    megabytes = _PARAMETERS[spec.name] * _BYTES_EACH / 1e6
    size = f"{megabytes:.0f}" if megabytes >= 10 else f"{megabytes:.1f}"
    return (
        spec.name,
        str(spec.input_size),
        str(spec.features),
        f"{spec.default_weights}, {size} MB",
    )
