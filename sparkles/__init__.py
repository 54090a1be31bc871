"""Sparkles: image classifiers by transfer learning on Apache Spark.

Labels and photos in, a saved Spark ML ``PipelineModel`` and honest metrics out:

>>> import sparkles
>>> run = sparkles.train("photos", model="MobileNetV2")  # doctest: +SKIP
>>> run.show()  # doctest: +SKIP
>>> sparkles.predict(run, "new-photos")  # doctest: +SKIP

=======================  ======================================================================
``explore``              describe labels and photos before anything is trained
``prepare``              join labels and photos as ``train`` would
``train``                train, evaluate and save a classifier
``load_run``             load a run of ``train`` or ``evaluate``
``predict``              predict the class of every photo
``evaluate``             measure a model on other labels
``explain``              show which parts of photos count for a class
``featurize``            compute the features of photos
``register_udf``         make a model a function of Spark SQL
``networks``             list the networks that photos can go through
``DeepImageFeaturizer``  the stage for pipelines of Spark ML
``FeaturizedPipeline``   a pipeline that runs the network once per photo
``errors``               the exceptions; users can fix those below ``errors.UserError``
=======================  ======================================================================

Importing this package loads neither TensorFlow nor Spark's JVM.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from sparkles import errors
from sparkles.version import __version__

if TYPE_CHECKING:
    from sparkles.interface import evaluate, explain, explore, featurize, predict, prepare, train
    from sparkles.ml import DeepImageFeaturizer, FeaturizedPipeline
    from sparkles.models.network_table import networks
    from sparkles.workflow import load_run, register_udf

__all__ = [
    "DeepImageFeaturizer",
    "FeaturizedPipeline",
    "__version__",
    "errors",
    "evaluate",
    "explain",
    "explore",
    "featurize",
    "load_run",
    "networks",
    "predict",
    "prepare",
    "register_udf",
    "train",
]

# Where names are that are imported when somebody asks for them; the others are in the interface.
_PLACES = {
    "DeepImageFeaturizer": "sparkles.ml",
    "FeaturizedPipeline": "sparkles.ml",
    "load_run": "sparkles.workflow",
    "networks": "sparkles.models.network_table",
    "register_udf": "sparkles.workflow",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        near = errors.nearest(name, __all__)
        raise AttributeError(f"module 'sparkles' has no attribute {name!r}{near and '.' + near}")
    with errors.naming_missing_spark():
        return getattr(import_module(_PLACES.get(name, "sparkles.interface")), name)


def __dir__() -> list[str]:
    return sorted(__all__)
