"""The vocabulary: column names, and the words that choices and reasons are made of.

Nothing here imports Spark, so that workers and tests can read it at no cost.
"""

from __future__ import annotations

from enum import StrEnum

__all__ = [
    "CLASS_NAME",
    "CONFIDENCE",
    "CONTENT",
    "ERROR",
    "EXPLAINED",
    "FEATURES",
    "IMAGE",
    "IMAGE_ID",
    "INTERCEPT",
    "LABEL",
    "LABEL_INDEX",
    "LOGIT",
    "MAP",
    "MAP_HEIGHT",
    "MAP_WIDTH",
    "METHOD",
    "METRICS",
    "MID",
    "OVERLAY",
    "PHOTO",
    "PRECISION",
    "PREDICTED_LABEL",
    "PREDICTION",
    "PROBABILITY",
    "RAW_PREDICTION",
    "REASON",
    "SOURCE",
    "SPLIT",
    "URI",
    "WEIGHT",
    "Ambiguous",
    "ClassWeights",
    "EngineName",
    "MapMethod",
    "Precision",
    "Reason",
    "Split",
    "metric_names",
]

IMAGE_ID = "image_id"  # string: the photo's name without folder and suffix
URI = "uri"  # string: where the photo's bytes are
IMAGE = "image"  # the featurizer's input: URI string, encoded bytes or Spark's image struct
CONTENT = "content"  # binary: a photo's encoded bytes, as format("binaryFile") names it

MID = "mid"  # string: a class's machine id, /m/0k4j
CLASS_NAME = "class_name"  # string: a class's display name, Car
SOURCE = "source"  # string: who labelled (verification, crowdsource-verification, machine)
CONFIDENCE = "confidence"  # double: 1 = verified present, 0 = verified absent

LABEL = "label"  # string: the class that an image is to be predicted as, by display name
LABEL_INDEX = "label_index"  # double: the label's index, from StringIndexer
SPLIT = "split"  # string: a value of Split
WEIGHT = "weight"  # double: the row's weight in training

FEATURES = "features"  # the network's output: Vector in a stage, array<float> in a file
ERROR = "error"  # string: why a photo has no features, "reason: detail"; null where it has
PRECISION = "precision"  # string: what the features were computed in: f32, bf16, int8; or null
REASON = "reason"  # string: the part of `error` before the colon; a value of Reason

RAW_PREDICTION = "rawPrediction"  # Vector: the classifier's margins, one a class
PROBABILITY = "probability"  # Vector in a stage: one probability a class
PREDICTION = "prediction"  # double: the predicted class's index
PREDICTED_LABEL = "predicted_label"  # string: the predicted class's name

EXPLAINED = "explained"  # int: index of the class that a map explains
LOGIT = "logit"  # double: the explained class's margin, before it becomes a probability
INTERCEPT = "intercept"  # double: the part of the logit that is the same for all photos
MAP = "map"  # array<float>: what each place adds to the logit, row by row
MAP_HEIGHT, MAP_WIDTH = "map_height", "map_width"  # int: the map's shape
METHOD = "method"  # string: a value of MapMethod
PHOTO = "photo"  # binary: the photo, small, as JPEG
OVERLAY = "overlay"  # binary: the map over that photo, as JPEG


# An evaluation's metrics by their keys, in the order in which they are told, as people call them.
METRICS = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "weighted_f1": "F1, weighted",
    "weighted_precision": "precision, weighted",
    "weighted_recall": "recall, weighted",
    "macro_f1": "F1, macro",
    "roc_auc": "ROC AUC",
    "weighted_roc_auc": "ROC AUC, weighted",
    "pr_auc": "PR AUC",
    "log_loss": "log loss",
}


def metric_names(classes: int) -> dict[str, str]:
    """The metrics that are told of so many classes.

    Examples
    --------
    >>> "weighted_roc_auc" in metric_names(2)  # the same number as roc_auc
    False
    """
    return {key: name for key, name in METRICS.items() if key != "weighted_roc_auc" or classes > 2}


class Split(StrEnum):
    """The part of the data an image belongs to."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


class Ambiguous(StrEnum):
    """What becomes of an image with several of the chosen classes."""

    DROP = "drop"  # leave the image out
    FIRST = "first"  # give it the class that was named first
    KEEP = "keep"  # one row per class; the split is the image's, so all are in the same part


class ClassWeights(StrEnum):
    """How much a training row counts."""

    NONE = "none"  # every row the same
    BALANCED = "balanced"  # every class the same: rows / (classes × rows of the class)


class EngineName(StrEnum):
    """What runs a network."""

    AUTO = "auto"  # OpenVINO where the driver has it, else Keras
    OPENVINO = "openvino"  # fast on CPUs; workers need neither Keras nor TensorFlow
    KERAS = "keras"  # the reference; also what runs on a GPU


class MapMethod(StrEnum):
    """What a class activation map is worth."""

    EXACT = "exact"  # the logit's own parts, place by place
    APPROXIMATE = "approximate"  # the parts where each channel is strongest


class Precision(StrEnum):
    """What a network's numbers are computed in."""

    AUTO = "auto"  # bf16 on CPUs that have it natively, f32 on others
    F32 = "f32"  # as Keras
    BF16 = "bf16"  # refused by CPUs that would only imitate it
    INT8 = "int8"  # quantized after training, on a sample of the job's own photos


class Reason(StrEnum):
    """Why an image that the labels name has no features. The ledger counts by these."""

    NO_PHOTO = "no photo"  # no such file, object or row
    UNREADABLE = "unreadable"  # the storage refused or broke off
    EMPTY = "empty"  # zero bytes, or null
    NOT_AN_IMAGE = "not an image"  # the bytes are of no known image format
    TRUNCATED = "truncated"  # the file ends before the picture does
    TOO_LARGE = "too large"  # more pixels than the decompression bomb limit
    CORRUPT = "corrupt"  # known format, but it does not decode
