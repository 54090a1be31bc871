"""Sparkles: image classifiers by transfer learning on Apache Spark.

Labels and photos in, a saved Spark ML ``PipelineModel`` and honest metrics out. Importing this
package loads neither TensorFlow nor Spark's JVM.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sparkles.version import __version__

if TYPE_CHECKING:
    from sparkles.ml import DeepImageFeaturizer
    from sparkles.workflow import load_run

__all__ = ["DeepImageFeaturizer", "__version__", "load_run"]


def __getattr__(name: str) -> Any:
    if name == "DeepImageFeaturizer":
        from sparkles.ml import DeepImageFeaturizer

        return DeepImageFeaturizer
    if name == "load_run":
        from sparkles.workflow import load_run

        return load_run
    raise AttributeError(f"module 'sparkles' has no attribute {name!r}")
