"""What can be chosen: the enumerations of settings, Params and files, and a default they share."""

from __future__ import annotations

from enum import StrEnum

__all__ = [
    "DEFAULT_BATCH_SIZE",
    "Ambiguous",
    "ClassWeights",
    "DemoPhotos",
    "EngineName",
    "HandleInvalid",
    "Listing",
    "MapMethod",
    "OtherOpinion",
    "PoolingChoice",
    "Precision",
    "Reason",
    "SPLIT_WORDS",
    "Shell",
    "Split",
    "SplitFolders",
    "StorageReason",
]

DEFAULT_BATCH_SIZE = 16  # photos that go through a network together


class Split(StrEnum):
    """The part of the data an image belongs to."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


# What labels and folders call the parts of the data, in any letter case.
SPLIT_WORDS = {
    "train": Split.TRAIN, "training": Split.TRAIN,
    "val": Split.VALIDATION, "valid": Split.VALIDATION, "validation": Split.VALIDATION,
    "test": Split.TEST, "testing": Split.TEST,
}  # fmt: skip


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


class HandleInvalid(StrEnum):
    """What happens to a photo that gives no features."""

    ERROR = "error"  # it ends the job
    SKIP = "skip"  # its row is dropped
    KEEP = "keep"  # its row is kept, with null features


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
    TOO_LARGE = "too large"  # more bytes or pixels than a photo may have
    CORRUPT = "corrupt"  # known format, but it does not decode


class StorageReason(StrEnum):
    """Why a file cannot be read, or a folder cannot be listed."""

    MISSING = "missing"  # no such file, object or bucket
    UNREADABLE = "unreadable"  # access is denied, or the storage is in trouble
    TOO_LARGE = "too large"  # more bytes than the caller takes


class PoolingChoice(StrEnum):
    """How the last feature map becomes a vector."""

    AVG = "avg"
    MAX = "max"
    NONE = "none"


class DemoPhotos(StrEnum):
    """What the demo works on."""

    DRAWN = "drawn"
    OPEN_IMAGES = "open-images"


class Listing(StrEnum):
    """Whether photos are listed, or looked up by the names ``<image_id>.jpg``."""

    AUTO = "auto"  # folders are listed, prefixes in S3 only where nothing else names the photos
    ALWAYS = "always"
    NEVER = "never"


class SplitFolders(StrEnum):
    """Whether folders called train, val and test give the split, where folders are the classes."""

    AUTO = "auto"  # if there are no other folders beside them
    ALWAYS = "always"  # photos in other folders are left out
    NEVER = "never"


class OtherOpinion(StrEnum):
    """The second method that explains a prediction, next to the class activation map."""

    NONE = "none"
    SHAP = "shap"


class Shell(StrEnum):
    """A shell that can complete our commands."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"
