"""Class activation maps: a linear classifier's logit, spread over the places it comes from.

B. Zhou, A. Khosla, A. Lapedriza, A. Oliva, A. Torralba, "Learning Deep Features for Discriminative
Localization", CVPR 2016.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sparkles.choices import MapMethod
from sparkles.errors import ModelError, SettingsError
from sparkles.explanation.linear import LinearClassifier, Verdict
from sparkles.models import Pooling

__all__ = ["ClassActivationMaps"]

_Floats = npt.NDArray[np.float64]


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

    Parameters
    ----------
    classifier
        On the pooled features.
    shape
        Height, width and channels of the feature map.
    pooling
        How features are made of it.

    Raises
    ------
    ModelError
        If the classifier's weights are not as many as the features.

    Examples
    --------
    >>> import numpy as np
    >>> classifier = LinearClassifier.of_coefficients([[1.0, -2.0]], [0.5])
    >>> maps = ClassActivationMaps(classifier, shape=(1, 2, 2), pooling=Pooling.AVG)
    >>> features = np.array([4.0, 0.0, 2.0, 1.0])  # two places with two channels each
    >>> maps.map_of(features, 1)
    array([[2., 0.]])
    >>> maps.judge(features).logits
    array([-2.5,  2.5])
    """

    classifier: LinearClassifier
    shape: tuple[int, int, int]
    pooling: Pooling | None

    def __post_init__(self) -> None:
        height, width, channels = self.shape
        expected = channels if self.pooling else height * width * channels
        weighed = self.classifier.weights.shape[1]
        if weighed != expected:
            raise ModelError(
                f"the classifier weighs {weighed:,} features and the network gives {expected:,}, "
                f"a map of {height} x {width} x {channels}, pooling {self.pooling}. Give the "
                "classifier that was trained on this network's features"
            )

    @property
    def method(self) -> MapMethod:
        """Whether the maps are exact."""
        return MapMethod.APPROXIMATE if self.pooling is Pooling.MAX else MapMethod.EXACT

    def judge(self, features: npt.NDArray[Any]) -> Verdict:
        """Classify a photo by its flattened map (row by row, channels last)."""
        places = self._places(features)
        if self.pooling is None:
            return self.classifier.judge(places.reshape(-1))
        average = self.pooling is Pooling.AVG
        return self.classifier.judge(places.mean(axis=0) if average else places.max(axis=0))

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
        classes = len(self.classifier.weights)
        if not 0 <= index < classes:
            raise SettingsError(
                f"class index {index} is to be explained; the classes are 0 to {classes - 1}"
            )
        height, width, channels = self.shape
        places, weights = self._places(features), self.classifier.weights[index]
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
