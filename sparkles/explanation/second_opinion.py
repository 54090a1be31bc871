"""A second opinion that treats the network as a black box: blur parts, and compare the logits.

S. Lundberg, S. Lee, "A Unified Approach to Interpreting Model Predictions", NeurIPS 2017. It uses
the partition explainer of their library SHAP, which halves the photo repeatedly (Owen values).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from PIL import Image, ImageFilter

from sparkles.errors import MissingDependencyError, SettingsError
from sparkles.ranges import EVALUATIONS

__all__ = [
    "CELLS",
    "SecondOpinion",
    "ShapExplainer",
    "import_shap",
    "rank_agreement",
]

CELLS = 16  # along each side; a cell is the smallest part

_BLUR = 1 / 8  # of the side, which leaves only large patches of colour
_BATCH = 16

_Pixels = npt.NDArray[np.uint8]
_Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class SecondOpinion:
    """What the parts of one photo add to each class's logit.

    Attributes
    ----------
    values
        float64 ``(classes, 16, 16)``: positive where a part is evidence for the class. Each class's
        values sum to ``logits - blurred``.
    logits
        One per class, for the original photo.
    blurred
        One per class, for the blurred photo, which replaces the parts that are covered.
    """

    values: _Floats
    logits: _Floats
    blurred: _Floats


class ShapExplainer:
    """Explains a network by running it on photos with blurred parts.

    Parameters
    ----------
    score
        The network and the classifier: uint8 ``(n, height, width, 3)`` to logits ``(n, classes)``.
    evaluations
        How often each photo is put through the network, approximately. About 500 are enough to
        distinguish parts of a sixteenth of the side where they matter.

    Raises
    ------
    MissingDependencyError
        If SHAP is not installed.
    SettingsError
        If there are too few evaluations for a result.

    Examples
    --------
    >>> import numpy as np
    >>> def brightness_of_the_left(photos):
    ...     return photos[:, :, :16].mean(axis=(1, 2, 3))[:, None]
    >>> photo = np.zeros((32, 32, 3), np.uint8)
    >>> photo[:16, :16] = 200
    >>> opinion = ShapExplainer(brightness_of_the_left, evaluations=100).explain(photo)
    >>> upper_left, others = opinion.values[0, :8, :8].sum(), opinion.values[0, :, 8:].sum()
    >>> bool(upper_left > 10), round(float(others), 6)
    (True, 0.0)
    """

    def __init__(self, score: Callable[[_Pixels], npt.ArrayLike], evaluations: int = 500) -> None:
        _check_evaluations(evaluations)
        self._score = score
        self._evaluations = evaluations
        shap = import_shap()
        # SHAP sees a small picture of ones, one per cell; it sets the cells to blur to zero. So its
        # tree of parts is built once, whatever the size and number of photos.
        self._shap = shap
        self._masker = shap.maskers.Image(np.zeros((CELLS, CELLS, 1)))

    def explain(self, photo: _Pixels) -> SecondOpinion:
        """Explain one photo, uint8 ``(height, width, 3)``, for every class."""
        blurred = _blur(photo)

        def ask(cells: _Floats) -> npt.ArrayLike:
            shown = _enlarge(cells[..., 0] > 0, photo.shape[:2])[..., None]
            return self._score(np.where(shown, photo, blurred))

        explainer = self._shap.explainers.Partition(ask, self._masker)
        whole = np.ones((1, CELLS, CELLS, 1))
        found: Any = explainer(whole, max_evals=self._evaluations, batch_size=_BATCH, silent=True)
        values = np.moveaxis(found.values[0, :, :, 0, :], -1, 0)
        base = np.asarray(found.base_values[0], dtype=np.float64)
        return SecondOpinion(values, base + values.sum(axis=(1, 2)), base)


def _check_evaluations(evaluations: int) -> None:
    if evaluations not in EVALUATIONS:
        expected = EVALUATIONS.describe("a whole number")
        raise SettingsError(
            f"evaluations: expected {expected}, got {evaluations}", settings=["evaluations"]
        )


def rank_agreement(values: npt.NDArray[Any], others: npt.NDArray[Any]) -> float | None:
    """Measure how similarly two maps of a photo rank its parts: Spearman's coefficient.

    Parameters
    ----------
    values, others
        Maps of any shapes; the finer map is averaged over the cells of the coarser one.

    Returns
    -------
    float or None
        1 for the same order, 0 for unrelated orders, -1 for the reverse order; ``None`` if a map is
        constant.

    Examples
    --------
    >>> import numpy as np
    >>> round(rank_agreement(np.array([[1.0, 2.0]]), np.array([[0.0, 1.0, 7.0, 9.0]])), 6)
    1.0
    """
    fine, coarse = sorted((values, others), key=np.size, reverse=True)
    height, width = coarse.shape
    averaged = Image.fromarray(fine.astype(np.float32), mode="F").resize(
        (width, height), Image.Resampling.BOX
    )
    ranks = [pd.Series(np.ravel(one)).rank() for one in (np.asarray(averaged), coarse)]
    if any(rank.nunique() < 2 for rank in ranks):
        return None
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])


def import_shap() -> Any:
    """Import SHAP.

    Raises
    ------
    MissingDependencyError
        If it cannot be imported. The message names the extra that installs it.
    """
    try:
        import shap
    except ImportError as error:
        what = f"second opinions need SHAP, which cannot be imported ({error})"
        raise MissingDependencyError.of_extra(what, "explain") from error
    return shap


def _blur(photo: _Pixels) -> _Pixels:
    radius = _BLUR * max(photo.shape[:2])
    return np.asarray(Image.fromarray(photo).filter(ImageFilter.GaussianBlur(radius)))


def _enlarge(cells: npt.NDArray[np.bool_], size: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    """Enlarge cells ``(n, 16, 16)`` to pixels ``(n, height, width)``."""
    rows, columns = (np.arange(length) * CELLS // length for length in size)
    return cells[:, rows[:, None], columns[None, :]]
