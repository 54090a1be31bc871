"""Training: from labels and photos to a saved and evaluated model."""

from __future__ import annotations

from dataclasses import dataclass

from pyspark.ml.classification import LogisticRegressionModel
from pyspark.ml.feature import StringIndexerModel
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from sparkles.choices import Split
from sparkles.columns import SPLIT
from sparkles.dataset import LedgerFacts
from sparkles.errors import SettingsError
from sparkles.evaluation import Evaluation, describe_metrics
from sparkles.settings import TrainSettings
from sparkles.training import ClassifierSettings, assemble_model, train_classifier
from sparkles.workflow.inputs import check_trainable, prepare_dataset
from sparkles.workflow.labelled_images import featurize_examples, store_examples
from sparkles.workflow.network_setup import build_featurizer, load_network
from sparkles.workflow.predictions import classify, evaluate_stored, save_predictions, save_rejected
from sparkles.workflow.report_text import render_report
from sparkles.workflow.run import Run, start_run
from sparkles.workflow.run_report import cannot_draw, try_page
from sparkles.workflow.saved_model import SavedModel

__all__ = ["Trained", "train_model"]

_JOIN, _LOAD, _FEATURIZE = "join labels and photos", "load the network", "featurize"
_TRAIN, _EVALUATE, _SAVE, _REPORT = "train", "evaluate", "save", "report"


@dataclass(frozen=True)
class Trained:
    """What a training run gave.

    Attributes
    ----------
    output
        The folder.
    metrics, ledger
        As in ``metrics.json`` and ``ledger.json``.
    """

    output: str
    metrics: Evaluation
    ledger: LedgerFacts


def train_model(
    settings: TrainSettings,
    spark: SparkSession | None = None,
    photos: DataFrame | None = None,
    notes: tuple[str, ...] = (),
) -> Trained:
    """Train, evaluate and save a classifier; see :func:`~sparkles.commands.train`."""
    if settings.test_fraction <= 0:
        raise SettingsError("--test-fraction: expected more than 0, or nothing is left to test on")
    featurizer = build_featurizer(settings)
    how = ClassifierSettings(
        settings.max_iter, settings.reg_param, settings.elastic_net_param, settings.class_weights
    )
    undrawn = cannot_draw()
    stages = [_JOIN, _LOAD, _FEATURIZE, _TRAIN, _EVALUATE, _SAVE, *([] if undrawn else [_REPORT])]
    with start_run(settings, stages, spark) as run:
        if undrawn:
            run.stages.say(f"without report.html: {undrawn}")
        with run.stages.stage(_JOIN):
            dataset, labels = prepare_dataset(run, settings, photos)
            examples = store_examples(run, dataset, labels)
            check_trainable(examples.with_photo(), labels)
        with run.stages.stage(_LOAD, featurizer.networkSettings().model):
            featurizer, network = load_network(featurizer, examples.photos(), run.stages.say)
        with run.stages.stage(_FEATURIZE, f"{dataset.images['named']:,} images"):
            rows, featurized, ledger = featurize_examples(run, examples, featurizer)
            check_trainable(ledger.splits, labels)
        network["precisions"] = featurized.precisions
        counts = ledger.splits[Split.TRAIN]
        with run.stages.stage(_TRAIN, f"{sum(counts.values()):,} rows"):
            in_train = rows.where(F.col(SPLIT) == Split.TRAIN.value)
            indexer, classifier = train_classifier(in_train, labels, counts, how)
        with run.stages.stage(_EVALUATE, f"{sum(ledger.splits[Split.TEST].values()):,} rows"):
            predictions, metrics = _evaluate(run, rows, indexer, classifier, counts)
        facts = {"network": network, "training_counts": counts, "notes": list(notes)}
        model = SavedModel(featurizer, classifier, labels)
        with run.stages.stage(_SAVE, settings.output):
            assemble_model(indexer, featurizer, classifier).write().save(f"{run.folder}/model")
            save_predictions(run, predictions, labels)
            save_rejected(run, featurized.rejected, examples.table)
            run.files.write_json(f"{run.folder}/ledger.json", ledger.to_dict())
            text = render_report(settings, network, ledger, metrics, notes)
            run.files.write_text(f"{run.folder}/report.md", text)
        if not undrawn:
            with run.stages.stage(_REPORT):
                told = {"run": run.describe(facts), "ledger": ledger.to_dict()}
                try_page(run, told, model, most=settings.report_photos, photos=examples.whole())
        run.finish(facts)
    run.stages.say(f"\n{describe_metrics(metrics)}\n\nwrote {settings.output}")
    return Trained(settings.output, metrics, ledger.to_dict())


def _evaluate(
    run: Run,
    rows: DataFrame,
    indexer: StringIndexerModel,
    classifier: LogisticRegressionModel,
    counts: dict[str, int],
) -> tuple[DataFrame, Evaluation]:
    predictions = run.store(classify(indexer.transform(rows), classifier), "_work/predictions")
    tested = predictions.where(F.col(SPLIT) == Split.TEST.value)
    seed = getattr(run.settings, "seed", 0)
    return predictions, evaluate_stored(run, tested, indexer.labels, counts, seed)
