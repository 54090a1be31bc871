"""Names of the columns of all DataFrames, with their types and meanings.

Nothing here imports Spark, so that workers and tests can import it cheaply.
"""

from __future__ import annotations

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
    "MID",
    "OVERLAY",
    "PATH",
    "PHOTO",
    "PRECISION",
    "PREDICTED_LABEL",
    "PREDICTION",
    "PROBABILITY",
    "RAW_PREDICTION",
    "REASON",
    "SHA256",
    "SOURCE",
    "SPLIT",
    "URI",
    "WEIGHT",
]

# string: names one photo. Its file's name without folder and suffix if that is unique, else its
# path (see PATH); in a manifest or DataFrame, what stands there.
IMAGE_ID = "image_id"
URI = "uri"  # string: where the photo's bytes are
PATH = "path"  # string: a photo's path below the folder that was listed, with forward slashes
IMAGE = "image"  # the featurizer's input: URI string, encoded bytes or Spark's image struct
CONTENT = "content"  # binary: a photo's encoded bytes, as format("binaryFile") names it

MID = "mid"  # string: a class's machine id, for example /m/0k4j
CLASS_NAME = "class_name"  # string: a class's display name, for example Car
SOURCE = "source"  # string: who labelled it (verification, crowdsource-verification, machine)
CONFIDENCE = "confidence"  # double: 1 = verified present, 0 = verified absent

LABEL = "label"  # string: the true class of an image, by display name
LABEL_INDEX = "label_index"  # double: the label's index, from StringIndexer
SPLIT = "split"  # string: a value of Split
WEIGHT = "weight"  # double: the row's weight in training

FEATURES = "features"  # the network's output: Vector in a stage, array<float> in a file
ERROR = "error"  # string: why a photo has no features, "reason: detail"; null if it has
PRECISION = "precision"  # string: what the features were computed in: f32, bf16 or int8; or null
SHA256 = "sha256"  # string: SHA-256 of a photo's bytes, in hex; null where none were read
REASON = "reason"  # string: the part of `error` before the colon, a value of Reason

RAW_PREDICTION = "rawPrediction"  # Vector: the classifier's margins, one per class
PROBABILITY = "probability"  # Vector in a stage: one probability per class
PREDICTION = "prediction"  # double: the predicted class's index
PREDICTED_LABEL = "predicted_label"  # string: the predicted class's name

EXPLAINED = "explained"  # int: index of the class that a map explains
LOGIT = "logit"  # double: the explained class's margin, before it becomes a probability
INTERCEPT = "intercept"  # double: the part of the logit that is the same for every photo
MAP = "map"  # array<float>: what each position adds to the logit, row by row
MAP_HEIGHT, MAP_WIDTH = "map_height", "map_width"  # int: the shape of the map
METHOD = "method"  # string: a value of MapMethod
PHOTO = "photo"  # binary: a thumbnail of the photo, as JPEG
OVERLAY = "overlay"  # binary: the map over that thumbnail, as JPEG
