"""Spark ML stages."""

from sparkles.ml.featurized_pipeline import FeaturizedPipeline
from sparkles.ml.featurizer import DeepImageFeaturizer

__all__ = ["DeepImageFeaturizer", "FeaturizedPipeline"]
