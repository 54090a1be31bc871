"""A logistic regression in NumPy with the logits, probabilities and predictions of Spark ML."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
from pyspark.ml.classification import LogisticRegressionModel

__all__ = ["LinearClassifier", "Verdict"]

_Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Verdict:
    """The output of a classifier for one photo.

    Attributes
    ----------
    logits
        One per class; in a binomial regression, one is the negative of the other.
    probabilities
        One per class.
    prediction
        The index of the predicted class.
    """

    logits: _Floats
    probabilities: _Floats
    prediction: int


@dataclass(frozen=True)
class LinearClassifier:
    """Weights and intercepts, with one row per class.

    Attributes
    ----------
    weights
        float64 ``(classes, features)``.
    intercepts
        One per class.
    binomial
        Whether the two classes share one logit, with opposite signs.
    thresholds
        Numbers that divide the classes' probabilities before the largest result is predicted.

    Examples
    --------
    >>> import numpy as np
    >>> classifier = LinearClassifier.of_coefficients([[1.0, -2.0]], [0.5])
    >>> verdict = classifier.judge(np.array([3.0, 0.5]))
    >>> verdict.logits, verdict.probabilities.round(3), verdict.prediction
    (array([-2.5,  2.5]), array([0.076, 0.924]), 1)
    """

    weights: _Floats
    intercepts: _Floats
    binomial: bool
    thresholds: tuple[float, ...] | None = None

    @classmethod
    def of_coefficients(
        cls,
        coefficients: npt.ArrayLike,
        intercepts: npt.ArrayLike,
        thresholds: tuple[float, ...] | None = None,
    ) -> Self:
        """Build a classifier from coefficients in the form of Spark ML and scikit-learn.

        Parameters
        ----------
        coefficients
            One row per class, or a single row for a binomial regression: class 1 against class 0.
        intercepts
            One per row.
        """
        weights = np.asarray(coefficients, dtype=np.float64)
        biases = np.asarray(intercepts, dtype=np.float64)
        binomial = len(weights) == 1
        if binomial:
            weights, biases = np.concatenate([-weights, weights]), np.concatenate([-biases, biases])
        return cls(weights, biases, binomial, thresholds)

    @classmethod
    def of_model(cls, model: LogisticRegressionModel) -> Self:
        """Build a classifier from a model of Spark ML."""
        has_thresholds = model.isSet(model.thresholds) or model.isSet(model.threshold)
        return cls.of_coefficients(
            model.coefficientMatrix.toArray(),
            model.interceptVector.toArray(),
            tuple(model.getThresholds()) if has_thresholds else None,
        )

    def logits(self, features: npt.ArrayLike) -> _Floats:
        """Compute logits ``(..., classes)`` from features ``(..., features)``."""
        logits: _Floats = np.asarray(features, dtype=np.float64) @ self.weights.T + self.intercepts
        return logits

    def probabilities(self, logits: _Floats) -> _Floats:
        """Compute the classes' probabilities from logits, both ``(..., classes)``."""
        # Binomial logits are one logit with opposite signs, so their difference counts half.
        scores = (logits - logits.max(axis=-1, keepdims=True)) / (2 if self.binomial else 1)
        powers: _Floats = np.exp(scores)
        shares: _Floats = powers / powers.sum(axis=-1, keepdims=True)
        return shares

    def predict(self, probabilities: _Floats) -> npt.NDArray[np.intp]:
        """Return the index of the predicted class for probabilities ``(..., classes)``."""
        winners: npt.NDArray[np.intp] = np.argmax(self._scaled(probabilities), axis=-1)
        return winners

    def judge(self, features: npt.ArrayLike) -> Verdict:
        """Classify one photo like ``LogisticRegressionModel.transform``."""
        logits = self.logits(features)
        probabilities = self.probabilities(logits)
        return Verdict(logits, probabilities, int(self.predict(probabilities)))

    def _scaled(self, probabilities: _Floats) -> _Floats:
        if self.thresholds is None:
            return probabilities
        thresholds = np.asarray(self.thresholds)
        if (
            not thresholds.all()
        ):  # a class with threshold 0 is predicted if its probability is positive
            return np.where(thresholds == 0, probabilities > 0, -1.0)
        scaled: _Floats = probabilities / thresholds
        return scaled
