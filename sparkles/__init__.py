"""Sparkles: image classifiers by transfer learning on Apache Spark.

Labels and photos in, a saved Spark ML ``PipelineModel`` and honest metrics out. Importing this
package loads neither TensorFlow nor Spark's JVM.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from sparkles.version import __version__

if TYPE_CHECKING:
    from sparkles.ml import DeepImageFeaturizer
    from sparkles.models.network_table import networks
    from sparkles.workflow import load_run, register_udf

__all__ = ["DeepImageFeaturizer", "__version__", "load_run", "networks", "register_udf"]

# Where names are that are imported when somebody asks for them.
_PLACES = {
    "DeepImageFeaturizer": "sparkles.ml",
    "load_run": "sparkles.workflow",
    "networks": "sparkles.models.network_table",
    "register_udf": "sparkles.workflow",
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module 'sparkles' has no attribute {name!r}")
    return getattr(import_module(_PLACES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
