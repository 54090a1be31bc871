"""What each command takes."""

from __future__ import annotations

from dataclasses import dataclass

from sparkles.choices import (
    Ambiguous,
    ClassWeights,
    DemoPhotos,
    EngineName,
    Listing,
    OtherOpinion,
    PoolingChoice,
    Precision,
)
from sparkles.settings.setting import Settings, setting

__all__ = [
    "DemoSettings",
    "EvaluateSettings",
    "ExplainSettings",
    "ExploreSettings",
    "FeaturizeSettings",
    "PredictSettings",
    "PrepareSettings",
    "ReportSettings",
    "TrainSettings",
]


@dataclass(frozen=True, kw_only=True)
class _Output(Settings):
    output: str = setting("folder to write; it must not exist", metavar="DIR", place="output")
    overwrite: bool = setting("replace an output that Sparkles wrote before", False)


@dataclass(frozen=True, kw_only=True)
class _Access(Settings):
    list_images: Listing = setting(
        "whether to list the photos or go by their names; auto lists folders, and s3:// only where "
        "no labels name the photos",
        Listing.AUTO,
    )
    requester_pays: bool = setting("pay for reading photos in a requester-pays bucket", False)


@dataclass(frozen=True, kw_only=True)
class _Images(_Access):
    images: str = setting(
        "folder or s3:// prefix of photos called <ImageID>.jpg, or a manifest (.csv, .parquet) "
        "with image_id and uri",
        metavar="PATH",
        place="input",
    )


@dataclass(frozen=True, kw_only=True)
class _Trust(Settings):
    min_confidence: float = setting("least Confidence of a positive label", 1.0, "X")
    sources: tuple[str, ...] = setting("label Sources that count, as verification", (), "A,B")


@dataclass(frozen=True, kw_only=True)
class _LabelRules(_Trust):
    ambiguous: Ambiguous = setting(
        "images with several of the chosen classes: drop them, take the class named first, or "
        "keep one row per class",
        Ambiguous.DROP,
    )


@dataclass(frozen=True, kw_only=True)
class _Labels(_LabelRules):
    labels: str = setting(
        "CSV with ImageID,Source,LabelName,Confidence", metavar="CSV", place="input"
    )
    class_names: str | None = setting("CSV of MID and display name", None, "CSV", place="input")
    classes: tuple[str, ...] = setting("classes to tell apart, by name or MID", metavar="A,B")


@dataclass(frozen=True, kw_only=True)
class _Split(Settings):
    test_fraction: float = setting("part of the images to test on", 0.3, "X")
    validation_fraction: float = setting("part of the images to hold back beside", 0.0, "X")
    seed: int = setting("of the split, random weights and intervals", 0, "N")


@dataclass(frozen=True, kw_only=True)
class _NetworkOptions(Settings):
    weights: str | None = setting(
        "imagenet, embedded, random, or a file; default: the network's own", None, "WEIGHTS"
    )
    output_layer: str | None = setting("layer to cut the network at, as mixed8", None, "LAYER")
    pooling: PoolingChoice = setting("how a feature map becomes a vector", PoolingChoice.AVG)
    engine: EngineName = setting("what runs the network", EngineName.AUTO)
    precision: Precision = setting(
        "what the network computes in; auto is bf16 where the CPU has it natively, else f32",
        Precision.AUTO,
    )
    batch_size: int = setting("photos that go through the network together", 16, "N")


@dataclass(frozen=True, kw_only=True)
class _Network(_NetworkOptions):
    model: str = setting("network, as InceptionV3 or MobileNetV2-0.35", "InceptionV3", "NAME")


@dataclass(frozen=True, kw_only=True)
class _Classifier(Settings):
    max_iter: int = setting("iterations of the logistic regression", 20, "N")
    reg_param: float = setting("its regularization", 0.05, "X")
    elastic_net_param: float = setting("0 = ridge, 1 = lasso", 0.3, "X")
    class_weights: ClassWeights = setting("balanced counts every class alike", ClassWeights.NONE)


@dataclass(frozen=True, kw_only=True)
class PrepareSettings(_Output, _Split, _Labels, _Images):
    """Join labels and photos into a dataset, without opening a photo."""


@dataclass(frozen=True, kw_only=True)
class _Report(Settings):
    report_photos: int = setting("photos in the galleries of report.html; 0 for none", 48, "N")


@dataclass(frozen=True, kw_only=True)
class TrainSettings(_Output, _Report, _Classifier, _Network, _Split, _Labels, _Images):
    """Train, save and evaluate a classifier."""


@dataclass(frozen=True, kw_only=True)
class ReportSettings(_Report):
    """Write the report of a finished training run anew."""

    run: str = setting("folder that sparkles train wrote", metavar="DIR", place="input")


@dataclass(frozen=True, kw_only=True)
class FeaturizeSettings(_Output, _Network, _Images):
    """Write the features of photos as Parquet."""

    labels: str | None = setting(
        "featurize only photos that these labels name", None, "CSV", place="input"
    )
    seed: int = setting("of random weights", 0, "N")


@dataclass(frozen=True, kw_only=True)
class EvaluateSettings(_Output, _LabelRules, _Images):
    """Evaluate a saved model on other labels."""

    model: str = setting("saved model, as runs/demo/model", metavar="DIR", place="input")
    labels: str = setting(
        "CSV with ImageID,Source,LabelName,Confidence", metavar="CSV", place="input"
    )
    class_names: str | None = setting("CSV of MID and display name", None, "CSV", place="input")
    seed: int = setting("of the intervals", 0, "N")


@dataclass(frozen=True, kw_only=True)
class PredictSettings(_Output, _Images):
    """Predict the classes of photos with a saved model."""

    model: str = setting("saved model, as runs/demo/model", metavar="DIR", place="input")


@dataclass(frozen=True, kw_only=True)
class ExplainSettings(_Output, _Images):
    """Show which parts of photos speak for a class and which against it."""

    model: str = setting("saved model, as runs/demo/model", metavar="DIR", place="input")
    classes: tuple[str, ...] = setting(
        "classes to explain in every photo, by name; default: the one predicted", (), "A,B"
    )
    limit: int = setting(
        "photos to explain, chosen by a hash of their ids where there are more; 0 for all", 100, "N"
    )
    side: int = setting("longer side of the overlays in pixels", 448, "N")
    second_opinion: OtherOpinion = setting(
        "who else explains a few, for every class: shap covers parts and watches the logits",
        OtherOpinion.NONE,
    )
    second_opinion_photos: int = setting("photos that get one", 8, "N")
    evaluations: int = setting("times each of these goes through the network", 500, "N")


@dataclass(frozen=True, kw_only=True)
class ExploreSettings(_Output, _Trust, _Access):
    """Count and draw what labels and photos are like, before anything is trained."""

    labels: str = setting(
        "CSV with ImageID,Source,LabelName,Confidence", metavar="CSV", place="input"
    )
    class_names: str | None = setting("CSV of MID and display name", None, "CSV", place="input")
    classes: tuple[str, ...] = setting(
        "classes whose balance to look at, by name or MID; then only their photos are opened",
        (),
        "A,B",
    )
    images: str | None = setting(
        "folder or s3:// prefix of photos called <ImageID>.jpg, or a manifest; only the first "
        "kilobytes of each are read; default: labels alone",
        None,
        "PATH",
        place="input",
    )
    top: int = setting("classes to draw and to pair, the most frequent ones", 48, "N")


@dataclass(frozen=True, kw_only=True)
class DemoSettings(_Output, _Report, _NetworkOptions):
    """Run the whole job on photos that are drawn here, or on real ones."""

    output: str = setting("folder to write", "runs/demo", "DIR", place="output")
    photos: DemoPhotos = setting(
        "drawn here, or real ones from the public bucket", DemoPhotos.DRAWN
    )
    limit: int = setting("photos to use", 400, "N")
    model: str | None = setting(
        "network; default: SparklesDemo for drawn photos, InceptionV3 for real ones", None, "NAME"
    )
    seed: int = setting("of the drawings and the split", 0, "N")
