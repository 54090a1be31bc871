"""Databricks' spark-deep-learning import names for Sparkles' stages; no logic here."""

from sparkles.ml import DeepImageFeaturizer

__all__ = ["DeepImageFeaturizer"]
