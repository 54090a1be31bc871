"""The engine for workers: OpenVINO runs the network that Keras defined, without Keras."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sparkles.choices import Precision
from sparkles.errors import MissingDependencyError, PrecisionError
from sparkles.models.engines.cpu import cpu_name, has_native_bf16
from sparkles.models.tensorflow_logs import suppress_tensorflow_logs

__all__ = ["OpenVinoEngine", "check_precision", "import_openvino", "save_as_openvino"]


class OpenVinoEngine:
    """A network compiled for this CPU.

    It starts in less than a second (Keras takes ten), and its weights are mapped from the file,
    so that the processes of a machine share them. Each thread runs separate batches (OpenVINO's
    streams), which keeps the cores busier than several threads on one batch.

    Parameters
    ----------
    path
        The ``.xml`` file that :func:`save_as_openvino` wrote, with its ``.bin`` next to it.
    threads
        The number of cores to use; default: all.
    precision
        The precision to compute in; ``int8`` only for a network that was quantized.

    Raises
    ------
    PrecisionError
        If ``precision`` is bf16 and this CPU has no native bfloat16.
    """

    def __init__(
        self,
        path: Path,
        threads: int | None = None,
        precision: Precision = Precision.AUTO,
    ) -> None:
        check_precision(precision)
        core = import_openvino().Core()
        native = Precision.BF16 if has_native_bf16() else Precision.F32
        # The layers of an int8 network that are not quantized are computed as with auto.
        hint = native if precision in (Precision.AUTO, Precision.INT8) else precision
        options = {
            # Explicit, because OpenVINO itself would choose bfloat16 on CPUs with AMX.
            "INFERENCE_PRECISION_HINT": str(hint),
            "NUM_STREAMS": threads or "AUTO",
            "INFERENCE_NUM_THREADS": threads or 0,
            # Two worker processes would both pin themselves to the first core and halve the rate.
            "ENABLE_CPU_PINNING": False,
        }
        self._network = core.compile_model(str(path), "CPU", options)
        self.precision = precision if precision is Precision.INT8 else hint
        self._idle: list[Any] = []

    def start(self, pixels: npt.NDArray[np.uint8]) -> _Pending:
        """Start to put a batch of photos through the network; see :meth:`features`."""
        request = self._idle.pop() if self._idle else self._network.create_infer_request()
        request.start_async([pixels], share_inputs=True)
        return _Pending(request, pixels, self._idle)

    def features(self, pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Put a batch of photos through the network.

        Parameters
        ----------
        pixels
            uint8, shape ``(n, height, width, 3)``, RGB.

        Returns
        -------
        numpy.ndarray
            float32, shape ``(n, length)``.
        """
        return self.start(pixels).result()


@dataclass
class _Pending:
    """A running request; it keeps the pixels, which OpenVINO reads without copying them."""

    request: Any
    pixels: npt.NDArray[np.uint8] | None
    idle: list[Any]

    def result(self) -> npt.NDArray[np.float32]:
        self.request.wait()
        features = np.array(self.request.get_output_tensor(0).data, dtype=np.float32)
        self._release()
        return features

    def cancel(self) -> None:
        self.request.wait()  # OpenVINO cannot stop within a layer, and a batch is short
        self._release()

    def _release(self) -> None:
        self.pixels = None
        self.idle.append(self.request)


def check_precision(precision: Precision) -> None:
    """Refuse bf16 on a CPU that would run it more slowly than f32, or not at all.

    Raises
    ------
    PrecisionError
    """
    if precision is Precision.BF16 and not has_native_bf16():
        raise PrecisionError(
            f"precision='bf16': {cpu_name()} has no native bfloat16 (AMX or AVX-512 BF16, for "
            "example EC2's m7i, r7i and c7i). Use precision='auto', which uses bf16 if it is "
            "native and f32 otherwise, or 'int8'",
            settings=("precision",),
        )


def save_as_openvino(network: Any, path: Path) -> None:
    """Convert a Keras model and write it to ``path`` (``.xml``) and its weights to ``.bin``."""
    import tensorflow as tf
    from tensorflow.python.framework.convert_to_constants import (
        convert_variables_to_constants_v2,
    )

    openvino = import_openvino()
    _, height, width, channels = network.input_shape
    pixels = tf.TensorSpec([None, height, width, channels], tf.uint8, name="pixels")
    graph = tf.function(lambda batch: network(batch, training=False), input_signature=[pixels])
    # Through a frozen graph in a file: openvino.convert_model is in Python and takes twice as long.
    with suppress_tensorflow_logs():
        frozen = convert_variables_to_constants_v2(graph.get_concrete_function())
    draft = path.with_suffix(".pb")
    draft.write_bytes(frozen.graph.as_graph_def().SerializeToString())
    model = openvino.Core().read_model(str(draft))
    openvino.save_model(model, str(path), compress_to_fp16=False)
    del model  # it keeps the draft open
    draft.unlink()


def import_openvino() -> Any:
    """Import OpenVINO, with an error that names the remedy."""
    try:
        import openvino
    except ImportError as error:
        raise MissingDependencyError(
            f"OpenVINO runs the networks and cannot be imported here ({error}); install it with: "
            "pip install openvino. Or choose engine='keras'",
            settings=("engine",),
        ) from error
    return openvino
