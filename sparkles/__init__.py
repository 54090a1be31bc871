"""Sparkles: image classifiers by transfer learning on Apache Spark.

Labels and photos in, a saved Spark ML ``PipelineModel`` and honest metrics out. Importing this
package loads neither TensorFlow nor Spark's JVM.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sparkles.ml import DeepImageFeaturizer

__all__ = ["DeepImageFeaturizer", "__version__"]

__version__ = files("sparkles").joinpath("VERSION").read_text().strip()


def __getattr__(name: str) -> Any:
    if name == "DeepImageFeaturizer":
        from sparkles.ml import DeepImageFeaturizer

        return DeepImageFeaturizer
    raise AttributeError(f"module 'sparkles' has no attribute {name!r}")
