"""Read a finished training run: print its metrics and mistakes, and save a figure.

python examples/read_a_run.py runs/demo confusion.png
"""

import sys
from pathlib import Path

import sparkles


def main(folder: str, figure: str) -> None:
    """Show what a run found."""
    run = sparkles.load_run(folder)
    images = run.ledger["images"]
    print(f"{images['featurized']} images featurized, {images['rejected']} rejected")
    for name, metric in (
        ("accuracy", run.metrics["accuracy"]),
        ("ROC AUC", run.metrics["roc_auc"]),
        ("log loss", run.metrics["log_loss"]),
    ):
        print(f"{name}: {metric['value']:.3f} ({metric['low']:.3f} to {metric['high']:.3f})")
    run.mistakes().select("image_id", "label", "predicted_label", "probability").show(5)
    Path(figure).write_bytes(run.plot_confusion().png)


if __name__ == "__main__":
    main(*sys.argv[1:])
