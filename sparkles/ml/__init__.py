"""Stages in Spark ML's grammar."""

from sparkles.ml.featurizer import DeepImageFeaturizer

__all__ = ["DeepImageFeaturizer"]
