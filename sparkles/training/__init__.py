"""Classifiers on features."""

from sparkles.training.classifier import (
    ClassifierSettings,
    assemble_model,
    train_classifier,
)

__all__ = ["ClassifierSettings", "assemble_model", "train_classifier"]
