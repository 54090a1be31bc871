"""What ``import sparkles`` gives: names, their order, and help that reads well."""

from __future__ import annotations

import pydoc

import pytest

import sparkles
from tests.test_layout import loaded_by


def test_dir_lists_what_is_there() -> None:
    assert dir(sparkles) == sorted(sparkles.__all__)
    assert all(getattr(sparkles, name) is not None for name in dir(sparkles))


def test_a_wrong_name_suggests_the_nearest() -> None:
    with pytest.raises(AttributeError, match=r"no attribute 'trian'\. Did you mean train"):
        sparkles.trian  # noqa: B018


def test_listing_names_and_networks_loads_no_heavy_package() -> None:
    assert loaded_by("import sparkles; dir(sparkles); sparkles.networks()") == []


def test_help_has_an_overview_and_every_function() -> None:
    text = pydoc.plain(pydoc.render_doc(sparkles))
    overview = (sparkles.__doc__ or "").splitlines()
    rows = {line.split("``")[1] for line in overview if line.startswith("``")}
    assert rows == set(sparkles.__all__) - {"__version__"}
    assert all(name in text for name in rows)
    assert "    train(images" in text
