"""The table of networks, against the registry and Keras."""

from __future__ import annotations

import re

import pytest

import sparkles
from sparkles.models.network import _build_backbone
from sparkles.models.network_table import _PARAMETERS
from sparkles.models.registry import lookup_model, model_names

QUICK = ("SparklesDemo", "MobileNetV2-0.35", "MobileNet-0.25", "VGG16")


def test_every_network_has_a_row() -> None:
    table = sparkles.networks()
    assert [spec.name for spec in table] == model_names()
    lines = repr(table).splitlines()
    assert [line.split()[0] for line in lines[1:-1]] == model_names()
    assert max(map(len, lines)) < 80
    mobile = next(line for line in lines if line.startswith("MobileNetV2-0.35 "))
    assert mobile.split() == ["MobileNetV2-0.35", "224", "1280", "imagenet,", "1.6", "MB"]


def test_a_notebook_shows_the_same_cells() -> None:
    shown = sparkles.networks()._repr_html_()
    rows = [re.findall("<td>([^<]*)</td>", row) for row in shown.split("<tr>")[2:]]
    assert [row[0] for row in rows] == model_names()
    assert rows[0] == ["InceptionV3", "299", "2048", "imagenet, 87 MB"]


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[] if name in QUICK else pytest.mark.slow) for name in model_names()],
)
def test_sizes_are_those_of_keras(name: str) -> None:
    network = _build_backbone(lookup_model(name), weights=None)
    assert network.count_params() == _PARAMETERS[name]
