"""SparklesDemo: the small network of this package.

:mod:`tools.demo_backbone.train` trained its weights, on drawn scenes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import keras

__all__ = ["IMAGE_SIDE", "build_backbone"]

IMAGE_SIDE = 96  # pixels: the network's input

_MOMENTUM = 0.95  # of batch normalization: training has too few steps for the usual 0.99
_STEM = 24  # channels
# Each block: output channels, stride. Plain convolutions: TensorFlow's gradients of depthwise
# ones are so slow on a CPU that a separable network of half the work trains half as fast.
_BLOCKS = ((48, 2), (64, 2), (64, 1), (112, 2), (112, 1))
_CHANNELS = 192


def build_backbone(seed: int | None = None) -> keras.Model:
    """Build the network, with random weights.

    Seven convolutions with batch normalization, two of them with a shortcut (He et al., "Deep
    Residual Learning for Image Recognition", 2016); about 275,000 weights.

    Parameters
    ----------
    seed
        Seed of the random weights; by default they come from the generator that Keras uses.

    Returns
    -------
    keras.Model
        The functional model ``SparklesDemo``, from pixels in [−1, 1] of shape (96, 96, 3) to
        a map of shape (6, 6, 192), without scaling and pooling.

    Examples
    --------
    >>> build_backbone().output_shape
    (None, 6, 6, 192)
    """
    import keras

    build = _Builder(seed)
    pixels = keras.Input((IMAGE_SIDE, IMAGE_SIDE, 3), name="pixels")
    x = build.conv(pixels, _STEM, 3, 2, "stem")
    for number, (channels, stride) in enumerate(_BLOCKS, start=1):
        x = build.block(x, channels, stride, f"block{number}")
    x = build.conv(x, _CHANNELS, 1, 1, "head")
    return keras.Model(pixels, x, name="SparklesDemo")


class _Builder:
    """Makes layers with stable names and seeds."""

    def __init__(self, seed: int | None) -> None:
        self._seeds = None if seed is None else np.random.default_rng([seed, IMAGE_SIDE])

    def conv(self, x: Any, channels: int, side: int, stride: int, name: str) -> Any:
        """Add a convolution with batch normalization and a ReLU."""
        import keras
        from keras import layers

        seed = None if self._seeds is None else int(self._seeds.integers(2**31))
        x = layers.Conv2D(
            channels,
            side,
            strides=stride,
            padding="same",
            use_bias=False,
            kernel_initializer=keras.initializers.HeNormal(seed),
            name=f"{name}_conv",
        )(x)
        x = layers.BatchNormalization(momentum=_MOMENTUM, name=f"{name}_bn")(x)
        return layers.ReLU(name=f"{name}_relu")(x)

    def block(self, x: Any, channels: int, stride: int, name: str) -> Any:
        """Add a convolution, with a shortcut if the shape stays the same."""
        from keras import layers

        y = self.conv(x, channels, 3, stride, name)
        if stride == 1 and int(x.shape[-1]) == channels:
            return layers.Add(name=f"{name}_add")([x, y])
        return y
