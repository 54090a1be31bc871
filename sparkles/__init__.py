"""Sparkles: image classifiers by transfer learning on Apache Spark.

Labels and photos in, a saved Spark ML ``PipelineModel`` and honest metrics out. Importing this
package loads neither TensorFlow nor Spark's JVM.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sparkles.ml import DeepImageFeaturizer
    from sparkles.workflow import load_run

__all__ = ["DeepImageFeaturizer", "__version__", "load_run"]

__version__ = files("sparkles").joinpath("VERSION").read_text().strip()


def __getattr__(name: str) -> Any:
    if name == "DeepImageFeaturizer":
        from sparkles.ml import DeepImageFeaturizer

        return DeepImageFeaturizer
    if name == "load_run":
        from sparkles.workflow import load_run

        return load_run
    raise AttributeError(f"module 'sparkles' has no attribute {name!r}")
