"""Training: from labels and photos to a saved and evaluated model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyspark.ml.classification import LogisticRegressionModel
from pyspark.ml.feature import StringIndexerModel
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from sparkles.choices import Split
from sparkles.columns import SPLIT
from sparkles.dataset import Ledger
from sparkles.evaluation import describe_metrics
from sparkles.ml import DeepImageFeaturizer
from sparkles.run_files import Evaluation, LedgerFile, NetworkNote
from sparkles.settings import TrainSettings
from sparkles.training import assemble_model, train_classifier
from sparkles.workflow.before_start import check_before_start
from sparkles.workflow.featurized import Featurized
from sparkles.workflow.inputs import check_trainable, prepare_dataset
from sparkles.workflow.labelled_images import Examples, featurize_examples, store_examples
from sparkles.workflow.network_setup import build_featurizer, load_network
from sparkles.workflow.predictions import classify, evaluate_stored, save_results
from sparkles.workflow.report_text import render_report, summarize
from sparkles.workflow.run import Run, start_run
from sparkles.workflow.run_report import REPORT, try_report, why_no_report
from sparkles.workflow.saved_model import SavedModel
from sparkles.workflow.stages import Stage

if TYPE_CHECKING:
    from sparkles.sources.labels import LabelTable

__all__ = ["Trained", "train_model"]

_TRAIN, _SAVE, _REPORT = "train", "save", "report"


@dataclass(frozen=True)
class Trained:
    """The result of a training run.

    Attributes
    ----------
    output
        The folder.
    metrics, ledger
        The contents of ``metrics.json`` and ``ledger.json``.
    """

    output: str
    metrics: Evaluation
    ledger: LedgerFile


@dataclass(frozen=True)
class _Data:
    """The labelled images of a run with their features, and the network that made these."""

    examples: Examples
    featurizer: DeepImageFeaturizer
    network: NetworkNote
    rows: DataFrame
    featurized: Featurized
    ledger: Ledger


@dataclass(frozen=True)
class _Fitted:
    """A classifier, the predictions for all rows, and the metrics on the test rows."""

    indexer: StringIndexerModel
    classifier: LogisticRegressionModel
    predictions: DataFrame
    metrics: Evaluation


def train_model(
    settings: TrainSettings,
    spark: SparkSession | None = None,
    photos: DataFrame | None = None,
    notes: tuple[str, ...] = (),
    labels: LabelTable | None = None,
) -> Trained:
    """Train, evaluate and save a classifier; see :func:`~sparkles.commands.train`."""
    check_before_start(settings, spark, photos=photos, labels=labels)
    featurizer = build_featurizer(settings)
    no_report = why_no_report()
    stages = [Stage.JOIN, Stage.LOAD_NETWORK, Stage.FEATURIZE, _TRAIN, Stage.EVALUATE, _SAVE]
    stages = [*stages, *([] if no_report else [_REPORT])]
    with start_run(settings, stages, spark, shows="" if no_report else REPORT) as run:
        if no_report:
            run.stages.say(f"without report.html: {no_report}")
        data = _featurize(run, settings, featurizer, photos, labels)
        fitted = _fit(run, settings, data)
        model = SavedModel(data.featurizer, fitted.classifier, data.examples.labels)
        ledger = data.ledger.to_dict()
        with run.stages.stage(_SAVE, settings.output):
            _save(run, data, fitted, ledger)
            text = render_report(settings, data.network, data.ledger, fitted.metrics, notes)
            run.files.write_text(f"{run.folder}/report.md", text)
        counts = data.ledger.splits[Split.TRAIN]
        facts = {"network": data.network, "training_counts": counts, "notes": list(notes)}
        if not no_report:
            with run.stages.stage(_REPORT):
                images, most = data.examples.photos(), settings.report_photos
                try_report(run, run.describe(facts), ledger, model, most=most, photos=images)
        run.finish(facts)
        run.stages.say(f"\n{describe_metrics(fitted.metrics)}\n")
        run.stages.result(summarize(fitted.metrics, ledger))
    return Trained(settings.output, fitted.metrics, ledger)


def _featurize(
    run: Run,
    settings: TrainSettings,
    featurizer: DeepImageFeaturizer,
    photos: DataFrame | None,
    table: LabelTable | None,
) -> _Data:
    with run.stages.stage(Stage.JOIN):
        dataset, labels = prepare_dataset(run, settings, photos, table)
        examples = store_examples(run, dataset, labels)
        check_trainable(examples.count_with_photo(), labels)
    with run.stages.stage(Stage.LOAD_NETWORK, featurizer.networkSettings().model):
        featurizer, network = load_network(featurizer, examples.photos(), run.stages.say)
    with run.stages.stage(Stage.FEATURIZE, f"{dataset.images['named']:,} images"):
        rows, featurized, ledger = featurize_examples(run, examples, featurizer)
        check_trainable(ledger.splits, labels)
    network["precisions"] = featurized.precisions
    return _Data(examples, featurizer, network, rows, featurized, ledger)


def _fit(run: Run, settings: TrainSettings, data: _Data) -> _Fitted:
    counts, labels = data.ledger.splits[Split.TRAIN], data.examples.labels
    with run.stages.stage(_TRAIN, f"{sum(counts.values()):,} rows"):
        in_train = data.rows.where(F.col(SPLIT) == Split.TRAIN.value)
        indexer, classifier = train_classifier(in_train, labels, counts, settings)
    tested = sum(data.ledger.splits[Split.TEST].values())
    with run.stages.stage(Stage.EVALUATE, f"{tested:,} rows"):
        indexed = indexer.transform(data.rows)
        predictions = run.store(classify(indexed, classifier), "_work/predictions")
        in_test = predictions.where(F.col(SPLIT) == Split.TEST.value)
        metrics = evaluate_stored(run, in_test, labels, counts, settings.seed)
    return _Fitted(indexer, classifier, predictions, metrics)


def _save(run: Run, data: _Data, fitted: _Fitted, ledger: LedgerFile) -> None:
    model = assemble_model(fitted.indexer, data.featurizer, fitted.classifier)
    model.write().save(f"{run.folder}/model")
    save_results(run, fitted.predictions, data.featurized.rejected, data.examples, ledger)
