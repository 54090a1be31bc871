"""Classifiers on features."""

from sparkles.training.classifier import (
    ClassifierSettings,
    ClassWeights,
    assemble_model,
    train_classifier,
)

__all__ = ["ClassWeights", "ClassifierSettings", "assemble_model", "train_classifier"]
