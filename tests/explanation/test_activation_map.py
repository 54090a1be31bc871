"""Maps, compared with einsum on the feature map of Keras and with scikit-learn's logits."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from sparkles.choices import MapMethod
from sparkles.errors import ModelError, SettingsError
from sparkles.explanation import ClassActivationMaps, LinearClassifier
from sparkles.models import NetworkSettings, Pooling
from sparkles.models.network import build_network
from tests.photos import pixels

SHAPE = (6, 6, 192)
PHOTOS, CLASSES = 24, 4
POOLINGS = [Pooling.AVG, Pooling.MAX, None]


@pytest.fixture(scope="module")
def keras_maps() -> np.ndarray:
    """The output of the last convolution in Keras, ``(n, 6, 6, 192)``."""
    network = build_network(NetworkSettings("SparklesDemo", pooling=None))
    photos = np.stack([pixels(96, 96, seed) for seed in range(PHOTOS)])
    return network(photos, training=False).numpy().reshape(-1, *SHAPE)


def maps_of(
    coefficients: object,
    intercepts: object,
    shape: tuple[int, int, int],
    pooling: Pooling | None,
    thresholds: tuple[float, ...] | None = None,
) -> ClassActivationMaps:
    classifier = LinearClassifier.of_coefficients(coefficients, intercepts, thresholds)
    return ClassActivationMaps(classifier, shape, pooling)


def pool(maps: np.ndarray, pooling: Pooling | None) -> np.ndarray:
    if pooling is None:
        return maps.reshape(len(maps), -1)
    return maps.mean(axis=(1, 2)) if pooling is Pooling.AVG else maps.max(axis=(1, 2))


def regression(features: np.ndarray, classes: int) -> LogisticRegression:
    return LogisticRegression(C=10.0, max_iter=1000).fit(
        features, np.arange(len(features)) % classes
    )


@pytest.mark.parametrize("classes", [2, CLASSES])
@pytest.mark.parametrize("pooling", POOLINGS)
def test_maps_sum_to_the_logit_minus_the_intercept(
    keras_maps: np.ndarray, pooling: Pooling | None, classes: int
) -> None:
    model = regression(pool(keras_maps, pooling), classes)
    maps = maps_of(model.coef_, model.intercept_, SHAPE, pooling)
    logits = model.decision_function(pool(keras_maps, pooling))
    if classes == 2:
        logits = np.stack([-logits, logits], axis=1)
    for features, expected in zip(keras_maps, logits, strict=True):
        verdict = maps.judge(features.ravel())
        np.testing.assert_allclose(verdict.logits, expected, rtol=1e-4, atol=1e-4)
        for index in range(classes):
            total = maps.map_of(features.ravel(), index).sum()
            assert total + maps.classifier.intercepts[index] == pytest.approx(
                expected[index], abs=1e-4
            )


@pytest.mark.parametrize("classes", [2, CLASSES])
def test_probabilities_and_predictions_agree_with_scikit_learn(
    keras_maps: np.ndarray, classes: int
) -> None:
    features = pool(keras_maps, Pooling.AVG)
    model = regression(features, classes)
    maps = maps_of(model.coef_, model.intercept_, SHAPE, Pooling.AVG)
    verdicts = [maps.judge(values.ravel()) for values in keras_maps]
    found = np.stack([verdict.probabilities for verdict in verdicts])
    np.testing.assert_allclose(found, model.predict_proba(features), atol=1e-6)
    assert [verdict.prediction for verdict in verdicts] == model.predict(features).tolist()


def test_average_and_flattened_maps_agree_with_einsum(keras_maps: np.ndarray) -> None:
    rng = np.random.default_rng(0)
    weights = rng.normal(size=(CLASSES, SHAPE[2]))
    maps = maps_of(weights, np.zeros(CLASSES), SHAPE, Pooling.AVG)
    expected = np.einsum("nyxc,kc->nkyx", keras_maps.astype(np.float64), weights) / 36
    own = rng.normal(size=(CLASSES, *SHAPE))
    flat = maps_of(own.reshape(CLASSES, -1), np.zeros(CLASSES), SHAPE, None)
    expected_flat = np.einsum("nyxc,kyxc->nkyx", keras_maps.astype(np.float64), own)
    for photo in range(PHOTOS):
        for index in range(CLASSES):
            features = keras_maps[photo].ravel()
            np.testing.assert_allclose(maps.map_of(features, index), expected[photo, index])
            np.testing.assert_allclose(
                flat.map_of(features, index), expected_flat[photo, index], atol=1e-12
            )


def test_maxima_count_where_they_are_and_ties_share() -> None:
    channels_last = np.array([[[3.0, 1.0], [5.0, 2.0]], [[0.0, 2.0], [5.0, -1.0]]])
    maps = maps_of([[2.0, -10.0]], [0.0], (2, 2, 2), Pooling.MAX)
    expected = [[0.0, 5.0 - 10.0], [-10.0, 5.0]]
    assert maps.map_of(channels_last.ravel(), 1).tolist() == expected
    assert maps.map_of(channels_last.ravel(), 0).tolist() == (-np.array(expected)).tolist()


def test_only_maximum_pooling_is_approximate() -> None:
    shape, weights = (1, 1, 2), [[1.0, 2.0]]
    methods = {pooling: maps_of(weights, [0.0], shape, pooling).method for pooling in POOLINGS}
    assert methods == {
        Pooling.AVG: MapMethod.EXACT,
        None: MapMethod.EXACT,
        Pooling.MAX: MapMethod.APPROXIMATE,
    }


@pytest.mark.parametrize(
    ("thresholds", "prediction"),
    [(None, 1), ((0.5, 0.5), 1), ((0.1, 0.9), 0), ((0.0, 1.0), 0), ((1.0, 0.0), 1)],
)
def test_thresholds_change_the_prediction(
    thresholds: tuple[float, ...] | None, prediction: int
) -> None:
    maps = maps_of([[1.0]], [0.0], (1, 1, 1), Pooling.AVG, thresholds)
    verdict = maps.judge(np.array([1.0]))
    assert verdict.probabilities[1] == pytest.approx(1 / (1 + np.exp(-1)))
    assert verdict.prediction == prediction


def test_a_large_logit_does_not_overflow() -> None:
    maps = maps_of([[1e4]], [0.0], (1, 1, 1), Pooling.AVG)
    assert maps.judge(np.array([1.0])).probabilities.tolist() == [0.0, 1.0]


def test_a_classifier_of_another_network_is_refused() -> None:
    with pytest.raises(
        ModelError, match=r"weights for 2 features, but .* gives 3, from a map of 1 x"
    ):
        maps_of([[1.0, 2.0]], [0.0], (1, 2, 3), Pooling.AVG)
    with pytest.raises(ModelError, match="the network gives 6"):
        maps_of([[1.0, 2.0]], [0.0], (1, 2, 3), None)


@pytest.mark.parametrize("index", [-1, 2])
def test_an_index_without_a_class_is_refused(index: int) -> None:
    maps = maps_of([[1.0]], [0.0], (1, 1, 1), Pooling.AVG)
    with pytest.raises(SettingsError, match="the classes are 0 to 1"):
        maps.map_of(np.array([1.0]), index)
