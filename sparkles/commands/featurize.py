"""``sparkles featurize``: photos in, Parquet of features out."""

from __future__ import annotations

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from sparkles.columns import ERROR, FEATURES, IMAGE_ID, PRECISION, URI
from sparkles.errors import SettingsError
from sparkles.settings import FeaturizeSettings
from sparkles.sources import Photos, read_labels
from sparkles.sources.photo_ids import unique_photos
from sparkles.workflow.featurization import featurize_once, store_unless_whole
from sparkles.workflow.inputs import open_photos
from sparkles.workflow.network_setup import build_featurizer, load_network
from sparkles.workflow.run import Run, start_run

__all__ = ["featurize"]

_LIST, _LOAD, _FEATURIZE = "find photos", "load the network", "featurize"


def featurize(
    settings: FeaturizeSettings,
    spark: SparkSession | None = None,
    photos: DataFrame | None = None,
) -> str:
    """Write the features of photos.

    ``DIR`` is a Parquet folder of ``image_id``, ``uri``, ``features`` (array of float32; null for
    a bad photo) and ``error`` (null for a good one) and ``precision`` (what the features were
    computed in), with a note of the run in ``_run.json``.

    Parameters
    ----------
    settings
        See :class:`~sparkles.settings.FeaturizeSettings`. With ``labels``, each image that any
        label names, positive or not, and no other.
    spark
        A session to use; default: build one.
    photos
        A DataFrame of photos in the place of ``settings.images``.

    Returns
    -------
    str
        The output folder.

    Raises
    ------
    UserError
        If the input cannot work; see :mod:`sparkles.errors`.
    """
    featurizer = build_featurizer(settings)
    with start_run(settings, [_LIST, _LOAD, _FEATURIZE], spark) as run:
        with run.stages.stage(_LIST):
            found = open_photos(run, settings, photos, all_of_them=settings.labels is None)
            table = store_unless_whole(run, _choose(run, settings, found))
            count = table.count()
        with run.stages.stage(_LOAD, featurizer.networkSettings().model):
            featurizer, network = load_network(featurizer, table, run.stages.say)
        with run.stages.stage(_FEATURIZE, f"{count:,} photos"):
            featurized = featurize_once(run, table, featurizer, count)
            features = run.spark.read.parquet(f"{run.folder}/_work/features")
            columns = [IMAGE_ID, URI, FEATURES, ERROR, PRECISION]
            features.select(columns).write.mode("append").parquet(run.folder)
        run.finish({"network": network, **featurized.account()}, "_run.json")
    run.stages.say(f"wrote {settings.output}")
    return settings.output


def _choose(run: Run, settings: FeaturizeSettings, photos: Photos) -> DataFrame:
    """The photos to featurize: all, or those that labels name; the labels lead."""
    if settings.labels is None:
        if photos.table is None:
            raise SettingsError(
                f"which photos under {settings.images}? Give --labels, a manifest, or "
                "--list-images always"
            )
        return unique_photos(photos.table)
    named = read_labels(run.spark, settings.labels).select(IMAGE_ID).where(F.col(IMAGE_ID) != "")
    return photos.unique().attach_to(named.distinct())
