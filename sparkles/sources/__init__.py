"""Where the data comes from: label tables, class names, photos."""

from sparkles.sources.class_choice import ChosenClasses, choose_classes, classes_of_model
from sparkles.sources.class_names import read_class_names
from sparkles.sources.classes import ClassNames, LabelClass
from sparkles.sources.folder import photos_from_folder
from sparkles.sources.images import (
    photos_by_name,
    photos_from_dataframe,
    photos_from_manifest,
    read_photos,
)
from sparkles.sources.labels import labels_from_table, read_labels
from sparkles.sources.photos import Photos

__all__ = [
    "ChosenClasses",
    "ClassNames",
    "LabelClass",
    "Photos",
    "choose_classes",
    "classes_of_model",
    "labels_from_table",
    "photos_by_name",
    "photos_from_dataframe",
    "photos_from_folder",
    "photos_from_manifest",
    "read_class_names",
    "read_labels",
    "read_photos",
]
