"""SHAP's second opinions on models whose explanation is known."""

from __future__ import annotations

import builtins
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageFilter
from scipy.stats import spearmanr

from sparkles.errors import MissingDependencyError, SettingsError
from sparkles.explanation.second_opinion import CELLS, ShapExplainer, import_shap, rank_agreement
from tests.photos import pixels

Score = Callable[[np.ndarray], np.ndarray]


def quarters(photos: np.ndarray) -> np.ndarray:
    """Score two classes: red in the upper left quarter, and minus green in the lower right."""
    height, width = photos.shape[1] // 2, photos.shape[2] // 2
    red = photos[:, :height, :width, 0].mean(axis=(1, 2))
    green = photos[:, height:, width:, 1].mean(axis=(1, 2))
    return np.stack([red, -2.0 * green], axis=1)


@pytest.fixture(scope="module")
def explainer() -> ShapExplainer:
    return ShapExplainer(quarters, evaluations=300)


@pytest.mark.parametrize("size", [(48, 48), (50, 75)])
def test_evidence_is_found_in_the_right_quarters(
    explainer: ShapExplainer, size: tuple[int, int]
) -> None:
    photo = pixels(*size, seed=4)
    photo[: size[0] // 2, : size[1] // 2] = (220, 10, 10)
    photo[size[0] // 2 :, size[1] // 2 :] = (10, 220, 10)
    opinion = explainer.explain(photo)
    half = CELLS // 2
    first, second = opinion.values
    scale = np.abs(opinion.values).max()
    if size == (48, 48):  # the cells align with the quarters
        np.testing.assert_allclose(first[half:], 0, atol=1e-9 * scale)
        np.testing.assert_allclose(first[:, half:], 0, atol=1e-9 * scale)
        np.testing.assert_allclose(second[:half], 0, atol=1e-9 * scale)
    assert first[:half, :half].sum() > 0.9 * np.abs(first).sum()  # evidence for its class
    assert second[half:, half:].sum() < -0.9 * np.abs(second).sum()  # evidence against its class


def test_values_sum_to_the_logit_minus_that_of_the_blurred_photo(explainer: ShapExplainer) -> None:
    photo = pixels(64, 40, seed=9)
    blurred = Image.fromarray(photo).filter(ImageFilter.GaussianBlur(64 / 8))
    opinion = explainer.explain(photo)
    np.testing.assert_allclose(opinion.logits, quarters(photo[None])[0])
    np.testing.assert_allclose(opinion.blurred, quarters(np.asarray(blurred)[None])[0])
    np.testing.assert_allclose(
        opinion.values.sum(axis=(1, 2)), opinion.logits - opinion.blurred, atol=1e-6
    )


def test_the_same_photo_gives_the_same_opinion(explainer: ShapExplainer) -> None:
    photo = pixels(48, 48, seed=2)
    first = explainer.explain(photo).values
    explainer.explain(pixels(48, 48, seed=3))
    np.testing.assert_allclose(explainer.explain(photo).values, first, rtol=1e-9, atol=1e-12)


def test_the_number_of_evaluations_is_approximately_as_requested() -> None:
    asked = []

    def count(photos: np.ndarray) -> np.ndarray:
        asked.append(len(photos))
        return quarters(photos)

    ShapExplainer(count, evaluations=100).explain(pixels(32, 32))
    assert 50 <= sum(asked) <= 120
    assert max(asked) <= 16  # bounded memory


def test_too_few_evaluations_are_refused() -> None:
    with pytest.raises(
        SettingsError, match=r"evaluations: expected a whole number from 50 to .*, got 10"
    ):
        ShapExplainer(quarters, evaluations=10)


def test_an_error_without_shap_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def fail(name: str, *more: object) -> object:
        if name == "shap":
            raise ImportError("No module named 'shap'")
        return real(name, *more)

    monkeypatch.setattr(builtins, "__import__", fail)
    with pytest.raises(MissingDependencyError, match=r'pip install "sparkles-ml\[explain\]"'):
        import_shap()


def test_rank_agreement_is_spearman_s_coefficient() -> None:
    rng = np.random.default_rng(0)
    coarse, noise = rng.normal(size=(4, 4)), rng.normal(size=(4, 4))
    fine = np.kron(coarse + noise, np.ones((4, 4)))
    expected = spearmanr(coarse.ravel(), (coarse + noise).ravel()).statistic
    assert rank_agreement(coarse, fine) == pytest.approx(expected)
    assert rank_agreement(fine, coarse) == pytest.approx(expected)
    assert rank_agreement(coarse, -fine) == pytest.approx(-expected)
    assert rank_agreement(coarse, np.ones((16, 16))) is None
