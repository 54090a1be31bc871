"""``sparkles featurize``: write the features of photos as Parquet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from sparkles.columns import ERROR, FEATURES, IMAGE_ID, PATH, PRECISION, SHA256, URI
from sparkles.errors import SettingsError
from sparkles.settings import FeaturizeSettings, LabelTableSettings
from sparkles.sources import Photos, labels_from_table, read_labels
from sparkles.spark.redacted_tables import redact_table
from sparkles.workflow.before_start import check_before_start
from sparkles.workflow.featurization import featurize_once, store_references
from sparkles.workflow.inputs import match_noted, open_photos
from sparkles.workflow.network_setup import build_featurizer, load_network
from sparkles.workflow.rejection import check_rejected
from sparkles.workflow.run import Run, start_run
from sparkles.workflow.stages import Stage

if TYPE_CHECKING:
    from sparkles.sources.labels import LabelTable

__all__ = ["featurize"]

_STAGES: list[str] = [Stage.FIND_PHOTOS, Stage.LOAD_NETWORK, Stage.FEATURIZE]


def featurize(
    settings: FeaturizeSettings,
    spark: SparkSession | None = None,
    photos: DataFrame | None = None,
    *,
    labels: LabelTable | None = None,
) -> str:
    """Write the features of photos.

    ``DIR`` is a Parquet folder of ``image_id``, ``uri``, ``features`` (array of float32; null for
    a bad photo), ``error`` (null for a good photo), ``precision`` (what the features were computed
    in) and ``sha256`` (of the photo's bytes; null for image structs). Its ``_run.json`` describes
    the run.

    Parameters
    ----------
    settings
        See :class:`~sparkles.settings.FeaturizeSettings`. If ``labels`` is set, the photos are
        those of the images that any label names, positive or not.
    spark
        A session to use; default: build one.
    photos
        A DataFrame of photos to use instead of ``settings.images``.
    labels
        A DataFrame of Spark or pandas to use instead of ``settings.labels``; its columns are found
        as those of a file.

    Returns
    -------
    str
        The output folder.

    Raises
    ------
    UserError
        If the input cannot work; see :mod:`sparkles.errors`.
    """
    check_before_start(settings, spark, photos=photos, labels=labels)
    featurizer = build_featurizer(settings)
    with start_run(settings, _STAGES, spark) as run:
        with run.stages.stage(Stage.FIND_PHOTOS):
            named = _read_names(run, settings, labels)
            found = open_photos(run, settings.images, photos, all_of_them=named is None)
            if named is not None:
                named = match_noted(run, named, found)
            table = store_references(run, _choose(settings, found, named))
            count = table.count()
        with run.stages.stage(Stage.LOAD_NETWORK, featurizer.networkSettings().model):
            featurizer, network = load_network(featurizer, table, run.stages.say)
        with run.stages.stage(Stage.FEATURIZE, f"{count:,} photos"):
            featurized = featurize_once(run, table, featurizer, count)
            check_rejected(run, featurized)
            features = run.spark.read.parquet(f"{run.folder}/_work/features")
            columns = [IMAGE_ID, URI, FEATURES, ERROR, PRECISION, SHA256]
            redact_table(features.select(columns)).write.mode("append").parquet(run.folder)
        run.finish({"network": network, **featurized.to_note()}, "_run.json")
    return settings.output


def _read_names(
    run: Run, settings: FeaturizeSettings, labels: LabelTable | None
) -> DataFrame | None:
    """Return the images that labels name, each once; ``None`` without labels."""
    if labels is None and settings.labels is None:
        return None
    columns = LabelTableSettings(id_column=settings.id_column)
    table = (
        read_labels(run.spark, settings.labels or "", columns, needs_class=False)
        if labels is None
        else labels_from_table(run.spark, labels, columns, needs_class=False)
    )
    return table.select(IMAGE_ID).where(F.col(IMAGE_ID) != "").distinct()


def _choose(settings: FeaturizeSettings, photos: Photos, named: DataFrame | None) -> DataFrame:
    """Choose the photos to featurize: all photos, or one row for each image that labels name."""
    if named is None:
        if photos.table is None:
            raise SettingsError(
                f"cannot tell which photos are under {settings.images} without listing them; give "
                "labels or a manifest, or set list_images to always",
                settings=["labels", "images", "list_images"],
            )
        return photos.table.drop(PATH)
    return photos.attach_to(named.distinct())
