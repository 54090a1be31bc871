"""Class activation maps: how much each position in a photo adds to a linear classifier's logit.

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
    """Maps of where in a photo the logits of a linear classifier on pooled features come from.

    The map of a class is an array ``(height, width)`` that sums to the class's logit minus its
    intercept. With h · w positions p, features f and the class's weights v, the map is

    - for average pooling, v · f(p) / (h · w), which is exact because averaging and weighting
      commute;
    - without pooling, v(p) · f(p), which is exact because each position has its own weights;
    - for maximum pooling, each channel's contribution at the position where the channel is
      strongest (ties share it). The sum is exact, but the explanation is approximate: if that
      position were covered, another might be as strong.

    Parameters
    ----------
    classifier
        A classifier on the pooled features.
    shape
        Height, width and channels of the feature map.
    pooling
        How the feature map is pooled to features.

    Raises
    ------
    ModelError
        If the classifier does not have one weight per feature.

    Examples
    --------
    >>> import numpy as np
    >>> classifier = LinearClassifier.of_coefficients([[1.0, -2.0]], [0.5])
    >>> maps = ClassActivationMaps(classifier, shape=(1, 2, 2), pooling=Pooling.AVG)
    >>> features = np.array([4.0, 0.0, 2.0, 1.0])  # two positions with two channels each
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
        weights = self.classifier.weights.shape[1]
        if weights != expected:
            raise ModelError(
                f"the classifier has weights for {weights:,} features, but the network gives "
                f"{expected:,}, from a map of {height} x {width} x {channels} with pooling "
                f"{self.pooling}. Use the classifier that was trained on this network's features"
            )

    @property
    def method(self) -> MapMethod:
        """Whether the maps are exact or approximate."""
        return MapMethod.APPROXIMATE if self.pooling is Pooling.MAX else MapMethod.EXACT

    def judge(self, features: npt.NDArray[Any]) -> Verdict:
        """Classify a photo by its flattened feature map (row by row, channels last)."""
        positions = self._positions(features)
        if self.pooling is None:
            return self.classifier.judge(positions.reshape(-1))
        average = self.pooling is Pooling.AVG
        return self.classifier.judge(positions.mean(axis=0) if average else positions.max(axis=0))

    def map_of(self, features: npt.NDArray[Any], index: int) -> _Floats:
        """Compute the map of one class: what each position adds to its logit.

        Parameters
        ----------
        features
            The flattened feature map, row by row, channels last.
        index
            The index of the class.

        Returns
        -------
        numpy.ndarray
            float64 ``(height, width)``; it sums to the logit minus the intercept.

        Raises
        ------
        SettingsError
            If there is no class of this index.
        """
        classes = len(self.classifier.weights)
        if not 0 <= index < classes:
            raise SettingsError(
                f"there is no class of index {index}; the classes are 0 to {classes - 1}"
            )
        height, width, channels = self.shape
        positions, weights = self._positions(features), self.classifier.weights[index]
        if self.pooling is Pooling.AVG:
            parts = positions @ weights / len(positions)
        elif self.pooling is Pooling.MAX:
            strongest = positions == positions.max(axis=0)
            parts = (strongest / strongest.sum(axis=0) * positions) @ weights
        else:
            parts = np.einsum("pc,pc->p", positions, weights.reshape(-1, channels))
        contributions: _Floats = parts.reshape(height, width)
        return contributions

    def _positions(self, features: npt.NDArray[Any]) -> _Floats:
        return np.asarray(features, dtype=np.float64).reshape(-1, self.shape[2])
