"""The import names of Databricks' spark-deep-learning, handed on to Sparkles; no logic here."""

from sparkles.ml import DeepImageFeaturizer

__all__ = ["DeepImageFeaturizer"]
