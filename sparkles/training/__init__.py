"""Train classifiers on features."""

from sparkles.training.classifier import assemble_model, train_classifier

__all__ = ["assemble_model", "train_classifier"]
