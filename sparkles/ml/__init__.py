"""Spark ML stages."""

from sparkles.ml.featurizer import DeepImageFeaturizer

__all__ = ["DeepImageFeaturizer"]
