"""The one place that imports Keras."""

from __future__ import annotations

import sys

import pytest

from sparkles.errors import MissingDependencyError
from sparkles.models.keras_import import import_keras


def test_workers_share_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is none here: TensorFlow is made to say that there are two, one in use already."""
    import_keras()
    import tensorflow as tf

    grown = []

    def grow(gpu: str, enable: bool) -> None:
        if gpu == "in use":
            raise RuntimeError("cannot be set after GPUs have been initialized")
        grown.append((gpu, enable))

    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: ["in use", "free"])
    monkeypatch.setattr(tf.config.experimental, "set_memory_growth", grow)
    import_keras()
    assert grown == [("free", True)]


def test_without_keras_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keras", None)
    with pytest.raises(MissingDependencyError, match=r"sparkles-ml\[keras\]"):
        import_keras()
