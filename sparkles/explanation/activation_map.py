"""Class activation maps: a linear classifier's logit, spread over the places it comes from.

B. Zhou, A. Khosla, A. Lapedriza, A. Oliva, A. Torralba, "Learning Deep Features for Discriminative
Localization", CVPR 2016.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from sparkles.columns import MapMethod
from sparkles.errors import ModelError, SettingsError
from sparkles.models import Pooling

__all__ = ["ClassActivationMaps", "Verdict"]

_Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Verdict:
    """What a classifier says of one photo.

    Attributes
    ----------
    logits
        One a class; of two classes under binomial regression, each the other's negative.
    probabilities
        One a class.
    prediction
        Index of the class.
    """

    logits: _Floats
    probabilities: _Floats
    prediction: int


@dataclass(frozen=True)
class ClassActivationMaps:
    """A linear classifier on pooled features, asked where in the photo a logit comes from.

    For each class, the map is an array ``(height, width)`` whose sum is the class's logit less its
    intercept. With h · w places p, features f and the class's weights v it is

    - of average pooling, v · f(p) / (h · w): exact, as averaging and weighting may be exchanged;
    - of no pooling, v(p) · f(p), each place having weights of its own: exact;
    - of maximum pooling, each channel's part put where the channel is strongest (equal ones share
      it). Its sum is as exact, but as an explanation it is approximate: if that place were covered,
      another might be as strong.

    Attributes
    ----------
    weights
        ``(classes, features)``.
    intercepts
        One a class.
    shape
        Height, width and channels of the feature map.
    pooling
        How features are made of it.
    thresholds
        By which each class's probability is divided before the largest is predicted.
    binomial
        Whether the two classes share one logit.

    Examples
    --------
    >>> import numpy as np
    >>> maps = ClassActivationMaps.of_regression(
    ...     [[1.0, -2.0]], [0.5], shape=(1, 2, 2), pooling=Pooling.AVG)
    >>> features = np.array([4.0, 0.0, 2.0, 1.0])  # two places with two channels each
    >>> maps.map_of(features, 1)
    array([[2., 0.]])
    >>> verdict = maps.judge(features)
    >>> verdict.logits, verdict.prediction
    (array([-2.5,  2.5]), 1)
    """

    weights: _Floats
    intercepts: _Floats
    shape: tuple[int, int, int]
    pooling: Pooling | None
    thresholds: tuple[float, ...] | None = None
    binomial: bool = False

    @classmethod
    def of_regression(
        cls,
        coefficients: npt.ArrayLike,
        intercepts: npt.ArrayLike,
        shape: tuple[int, int, int],
        pooling: Pooling | None,
        thresholds: Sequence[float] | None = None,
    ) -> Self:
        """Read a logistic regression as Spark ML keeps it.

        Parameters
        ----------
        coefficients
            One row a class, or of a binomial regression one row: class 1 against class 0.
        intercepts
            As many as rows.
        shape, pooling, thresholds
            See the class.

        Raises
        ------
        ModelError
            If the coefficients are not as many as the features.
        """
        weights = np.asarray(coefficients, dtype=np.float64)
        height, width, channels = shape
        expected = channels if pooling else height * width * channels
        if weights.shape[1] != expected:
            raise ModelError(
                f"the classifier weighs {weights.shape[1]:,} features and the network gives "
                f"{expected:,}, a map of {height} x {width} x {channels}, pooling {pooling}. Give "
                "the classifier that was trained on this network's features"
            )
        biases = np.asarray(intercepts, dtype=np.float64)
        binomial = len(weights) == 1
        if binomial:
            weights, biases = np.concatenate([-weights, weights]), np.concatenate([-biases, biases])
        kept = None if thresholds is None else tuple(thresholds)
        return cls(weights, biases, shape, pooling, kept, binomial)

    @property
    def method(self) -> MapMethod:
        """Whether the maps are exact."""
        return MapMethod.APPROXIMATE if self.pooling is Pooling.MAX else MapMethod.EXACT

    def judge(self, features: npt.NDArray[Any]) -> Verdict:
        """Classify a photo as Spark ML's LogisticRegressionModel does.

        Parameters
        ----------
        features
            The flattened map, row by row, channels last.
        """
        places = self._places(features)
        logits = self.weights @ self._pooled(places) + self.intercepts
        # Binomial logits are each other's negatives: their odds are those of one logit, not two.
        scores = logits - logits.max()
        powers = np.exp(scores / 2 if self.binomial else scores)
        probabilities = powers / powers.sum()
        return Verdict(logits, probabilities, int(np.argmax(self._scaled(probabilities))))

    def map_of(self, features: npt.NDArray[Any], index: int) -> _Floats:
        """The map of one class: what each place adds to its logit.

        Parameters
        ----------
        features
            The flattened map, row by row, channels last.
        index
            Of the class.

        Returns
        -------
        numpy.ndarray
            float64 ``(height, width)``; its sum is the logit less the intercept.

        Raises
        ------
        SettingsError
            If there is no such class.
        """
        if not 0 <= index < len(self.weights):
            raise SettingsError(
                f"class index {index} is to be explained; the classes are 0 to "
                f"{len(self.weights) - 1}"
            )
        height, width, channels = self.shape
        places, weights = self._places(features), self.weights[index]
        if self.pooling is Pooling.AVG:
            parts = places @ weights / len(places)
        elif self.pooling is Pooling.MAX:
            strongest = places == places.max(axis=0)
            parts = (strongest / strongest.sum(axis=0) * places) @ weights
        else:
            parts = np.einsum("pc,pc->p", places, weights.reshape(-1, channels))
        spread: _Floats = parts.reshape(height, width)
        return spread

    def _places(self, features: npt.NDArray[Any]) -> _Floats:
        return np.asarray(features, dtype=np.float64).reshape(-1, self.shape[2])

    def _pooled(self, places: _Floats) -> _Floats:
        if self.pooling is None:
            return places.reshape(-1)
        pooled: _Floats = places.mean(axis=0) if self.pooling is Pooling.AVG else places.max(axis=0)
        return pooled

    def _scaled(self, probabilities: _Floats) -> _Floats:
        if self.thresholds is None:
            return probabilities
        thresholds = np.asarray(self.thresholds)
        if not thresholds.all():  # a class of threshold 0 is predicted wherever it is possible
            return np.where(thresholds == 0, probabilities > 0, -1.0)
        scaled: _Floats = probabilities / thresholds
        return scaled
