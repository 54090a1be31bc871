"""``report.md``: a training run as text."""

from __future__ import annotations

from collections.abc import Sequence

from sparkles.dataset import Ledger
from sparkles.evaluation import Evaluation, describe_metrics
from sparkles.run_files import FeatureAgreement, LedgerFile, NetworkNote
from sparkles.settings import TrainSettings
from sparkles.workflow.network_setup import describe_precisions
from sparkles.workflow.same_bytes import describe_same_bytes

__all__ = ["render_report", "summarize"]


# What is unusual about the ids of photos.
_IDS = {
    "duplicate_ids": "listed again under the same id, and used once",
    "without_id": "without an id, left out",
    "ids_from_paths": "with their path as id, because others have the same name",
    "ignored_files": "other files, ignored",
}


def render_report(
    settings: TrainSettings,
    network: NetworkNote,
    ledger: Ledger,
    metrics: Evaluation,
    notes: Sequence[str] = (),
) -> str:
    """Render the network, the classifier, what became of the data, and the metrics.

    Returns
    -------
    str
        Markdown.
    """
    parts = [
        f"# {', '.join(settings.classes)}",
        *notes,
        "## Network and classifier",
        _network(network, settings),
        "## Data",
        _data(ledger),
        "## Results on the test images",
        f"```text\n{describe_metrics(metrics)}\n```",
    ]
    return "\n\n".join(parts) + "\n"


def summarize(metrics: Evaluation, ledger: LedgerFile) -> str:
    """Summarize a run in a line: accuracy with its interval, the baseline, and the images."""
    found, baseline, images = metrics["accuracy"], metrics["baseline"], ledger["images"]
    low, high = found["low"], found["high"]
    interval = "" if low is None else f" ({low:.3f} to {high:.3f})"
    always = ""
    if baseline:
        value = baseline["accuracy"]["value"]
        always = f"; always predicting {baseline['predicted_class']}: {value:.3f}"
    return (
        f"accuracy {found['value']:.3f}{interval} on {metrics['n']:,} test rows{always}; "
        f"{images['featurized']:,} images featurized, {images['rejected']:,} rejected"
    )


def _network(network: NetworkNote, settings: TrainSettings) -> str:
    cut = f", cut at {network['output_layer']}" if network["output_layer"] else ""
    pooling = network["pooling"] or "no"
    computed = describe_precisions(network["precisions"])
    return (
        f"{network['model']}{cut}, weights {network['weights']}, {pooling} pooling: "
        f"{network['features']:,} features per photo, computed once by the {network['engine']} "
        f"engine {computed}.{_int8(network['int8'])}\n"
        f"Logistic regression: maxIter {settings.max_iter}, regParam {settings.reg_param}, "
        f"elasticNetParam {settings.elastic_net_param}, class weights {settings.class_weights}."
    )


def _int8(check: FeatureAgreement | None) -> str:
    if check is None:
        return ""
    return (
        f" On {check['photos']} photos that were not used for calibration, the cosine between the "
        f"features of the int8 and the float32 network has a median of {check['median']:.4f} and "
        f"a minimum of {check['least']:.4f}."
    )


def _data(ledger: Ledger) -> str:
    rows, images, photos = ledger.label_rows, ledger.images, ledger.photos
    lines = [
        f"- {rows['read']:,} label rows read: {rows['kept']:,} kept; {rows['other_classes']:,} of "
        f"other classes, {rows['other_sources']:,} of other sources, {rows['negative']:,} "
        f"negative, {rows['unsure']:,} unsure, {rows['duplicates']:,} duplicates, "
        f"{rows['malformed']:,} malformed, {rows['dropped_as_ambiguous']:,} dropped as ambiguous",
        f"- {images['with_chosen_class']:,} images have a chosen class, "
        f"{images['ambiguous']:,} of them more than one; {images['named']:,} named = "
        f"{images['featurized']:,} featurized + {images['rejected']:,} rejected",
    ]
    lines += [f"  - rejected: {count:,} {reason}" for reason, count in ledger.rejected.items()]
    if photos is not None:
        lines.append(
            f"- {rows['without_photo']:,} of the label rows read name an image without a photo"
        )
        lines.append(
            f"- {photos['listed']:,} photos listed: {photos['without_label']:,} without a label, "
            f"{photos['without_chosen_label']:,} without a label of a chosen class"
        )
        lines += [f"  - {photos[key]:,} {text}" for key, text in _IDS.items() if photos.get(key)]
    for part, counts in ledger.splits.items():
        listed = ", ".join(f"{count:,} {name}" for name, count in counts.items())
        lines.append(f"- {part}: {listed}")
    error = ledger.stratification_error
    if error is not None:
        lines.append(
            f"- class shares of the parts differ from those of all rows by at most {error:.1%}"
        )
    if copies := describe_same_bytes(ledger.same_bytes):
        lines.append(f"- {copies}")
    return "\n".join(lines)
