"""``sparkles evaluate``: measure a saved model on other labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import DataFrame, SparkSession

from sparkles.errors import LabelError
from sparkles.evaluation import Evaluation, describe_metrics
from sparkles.settings import EvaluateSettings
from sparkles.sources import classes_of_model
from sparkles.workflow.before_start import check_before_start
from sparkles.workflow.inputs import join_dataset
from sparkles.workflow.labelled_images import featurize_examples, store_examples
from sparkles.workflow.predictions import classify, evaluate_stored, save_results
from sparkles.workflow.report_text import summarize
from sparkles.workflow.run import Run, start_run
from sparkles.workflow.saved_model import load_model
from sparkles.workflow.stages import Stage

if TYPE_CHECKING:
    from sparkles.sources.labels import LabelTable

__all__ = ["evaluate"]

_STAGES: list[str] = [Stage.LOAD_MODEL, Stage.JOIN, Stage.FEATURIZE, Stage.EVALUATE]


def evaluate(
    settings: EvaluateSettings,
    spark: SparkSession | None = None,
    photos: DataFrame | None = None,
    *,
    labels: LabelTable | None = None,
) -> Evaluation:
    """Measure a saved model on labels that it may not have been trained on.

    ``DIR/`` holds ``metrics.json``, ``curves.json``, ``ledger.json``, ``predictions/``,
    ``rejected/`` and ``run.json``. Sparkles does not check whether the model was trained on the
    same photos.

    Parameters
    ----------
    settings
        See :class:`~sparkles.settings.EvaluateSettings`.
    spark
        A session to use; default: build one.
    photos
        A DataFrame of photos to use instead of ``settings.images``.
    labels
        A DataFrame of Spark or pandas to use instead of ``settings.labels``; its columns are found
        as those of a file.

    Returns
    -------
    dict
        The content of ``metrics.json``.

    Raises
    ------
    UserError
        If the input cannot work; see :mod:`sparkles.errors`.
    """
    check_before_start(settings, spark, photos=photos, labels=labels)
    with start_run(settings, _STAGES, spark) as run:
        with run.stages.stage(Stage.LOAD_MODEL, settings.model):
            model = load_model(run.spark, settings.model)
        with run.stages.stage(Stage.JOIN):
            dataset, _ = join_dataset(
                run,
                settings,
                photos,
                labels,
                lambda table, known: classes_of_model(table, known, model.labels, settings),
                split=None,
                every_class=False,
            )
            examples = store_examples(run, dataset, model.labels)
        with run.stages.stage(Stage.FEATURIZE, f"{dataset.images['named']:,} images"):
            rows, featurized, ledger = featurize_examples(run, examples, model.featurizer)
            if not ledger.images["featurized"]:
                raise LabelError("no image could be featurized, so there is nothing to evaluate")
        with run.stages.stage(Stage.EVALUATE):
            indexed = model.indexer.transform(rows)
            predictions = run.store(classify(indexed, model.classifier), "_work/predictions")
            counts = _training_counts(run, settings.model)
            metrics = evaluate_stored(run, predictions, model.labels, counts, settings.seed)
            account = ledger.to_dict()
            save_results(run, predictions, featurized.rejected, examples, account)
        run.finish({"training_counts": counts, "precisions": featurized.precisions})
        run.stages.say(f"\n{describe_metrics(metrics)}\n")
        run.stages.result(summarize(metrics, account))
    return metrics


def _training_counts(run: Run, model: str) -> dict[str, int] | None:
    """Read the training rows by class from the run of the model, for the baseline."""
    note = f"{model.rstrip('/').rpartition('/')[0]}/run.json"
    if not run.files.exists(note):
        return None
    counts: dict[str, int] | None = run.files.read_json(note).get("training_counts")
    return counts
