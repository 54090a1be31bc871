"""A logistic regression as NumPy has it: logits, probabilities and predictions as Spark ML's."""

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
    """What a classifier says of one photo.

    Attributes
    ----------
    logits
        One a class; under binomial regression, each the other's negative.
    probabilities
        One a class.
    prediction
        Index of the class.
    """

    logits: _Floats
    probabilities: _Floats
    prediction: int


@dataclass(frozen=True)
class LinearClassifier:
    """Weights and intercepts, one row a class.

    Attributes
    ----------
    weights
        float64 ``(classes, features)``.
    intercepts
        One a class.
    binomial
        Whether the two classes share one logit, with opposite signs.
    thresholds
        By which each class's probability is divided before the largest is predicted.

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
        """Read coefficients as Spark ML and scikit-learn keep them.

        Parameters
        ----------
        coefficients
            One row a class, or of a binomial regression one row: class 1 against class 0.
        intercepts
            As many as rows.
        """
        weights = np.asarray(coefficients, dtype=np.float64)
        biases = np.asarray(intercepts, dtype=np.float64)
        binomial = len(weights) == 1
        if binomial:
            weights, biases = np.concatenate([-weights, weights]), np.concatenate([-biases, biases])
        return cls(weights, biases, binomial, thresholds)

    @classmethod
    def of_model(cls, model: LogisticRegressionModel) -> Self:
        """Read Spark ML's model."""
        asked = model.isSet(model.thresholds) or model.isSet(model.threshold)
        return cls.of_coefficients(
            model.coefficientMatrix.toArray(),
            model.interceptVector.toArray(),
            tuple(model.getThresholds()) if asked else None,
        )

    def logits(self, features: npt.ArrayLike) -> _Floats:
        """Features ``(..., features)`` to logits ``(..., classes)``."""
        logits: _Floats = np.asarray(features, dtype=np.float64) @ self.weights.T + self.intercepts
        return logits

    def judge(self, features: npt.ArrayLike) -> Verdict:
        """Classify one photo as ``LogisticRegressionModel.transform`` does."""
        logits = self.logits(features)
        # Binomial logits are each other's negatives: their odds are those of one logit, not two.
        scores = (logits - logits.max()) / (2 if self.binomial else 1)
        powers = np.exp(scores)
        probabilities = powers / powers.sum()
        return Verdict(logits, probabilities, int(np.argmax(self._scaled(probabilities))))

    def _scaled(self, probabilities: _Floats) -> _Floats:
        if self.thresholds is None:
            return probabilities
        thresholds = np.asarray(self.thresholds)
        if not thresholds.all():  # a class of threshold 0 is predicted wherever it is possible
            return np.where(thresholds == 0, probabilities > 0, -1.0)
        scaled: _Floats = probabilities / thresholds
        return scaled
