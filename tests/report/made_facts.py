"""The contents of a run's JSON files, constructed from random rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sparkles.evaluation import evaluate_tally, trace_curves
from sparkles.evaluation.confidence import BINS, THRESHOLDS

from ..evaluation.made_rows import Rows, made_rows

EVIL = "<script>alert('x')</script>\"&"


def calibration_of(rows: Rows) -> dict[str, Any]:
    sure, right = rows.probability.max(axis=1), rows.predicted == rows.truth
    bins = []
    for place in range(BINS):
        low, high = place / BINS, (place + 1) / BINS
        inside = (sure > low) & (sure <= high)
        if inside.any():
            bins.append(
                {
                    "low": low,
                    "high": high,
                    "count": int(inside.sum()),
                    "confidence": float(sure[inside].mean()),
                    "accuracy": float(right[inside].mean()),
                }
            )
    return {"bins": bins, "ece": 0.0341, "brier": 0.1}


def facts_of(
    classes: int = 2, n: int = 200, names: Sequence[str] | None = None, **more: Any
) -> dict[str, Any]:
    rows = made_rows(classes, n=n, skill=2.0)
    if names:
        rows = type(rows)(list(names), rows.truth, rows.raw)
    labels = rows.labels
    tally = rows.tally()
    row = {"threshold": 0.5, "flagged": 3, "precision": None, "recall": 0.5}
    thresholds = [row | {"threshold": one, "false_positive_rate": 0.25} for one in THRESHOLDS]
    coverage = [
        {"threshold": one, "answered": 9, "coverage": 0.5, "accuracy": None} for one in THRESHOLDS
    ]
    counts = dict.fromkeys(labels, 100)
    kinds = ("malformed", "other_classes", "other_sources", "negative", "unsure", "duplicates")
    label_rows = dict.fromkeys(kinds, 1_000)
    facts = {
        "metrics": evaluate_tally(tally, training_counts=counts, resamples=50),
        "curves": {
            "classes": trace_curves(tally),
            "calibration": calibration_of(rows),
            "thresholds": thresholds if classes == 2 else [],
            "coverage": coverage,
        },
        "ledger": {
            "label_rows": label_rows
            | {"read": 256_707, "kept": 8_823, "dropped_as_ambiguous": 10, "ambiguous": 20},
            "images": {
                "with_chosen_class": 8_833,
                "ambiguous": 10,
                "named": 8_823,
                "featurized": 8_755,
                "rejected": 68,
            },
            "photos": {"listed": 41_620, "without_label": 0, "without_chosen_label": 32_797},
            "rejected": {"no photo": 60, "truncated": 8},
            "splits": {"train": dict.fromkeys(labels, 3_000), "test": dict.fromkeys(labels, 1_000)},
            "stratification_error": 0.0123,
        },
        "run": {
            "command": "train",
            "settings": {
                "classes": labels,
                "labels": f"/labels/{EVIL}.csv",
                "images": "s3://bucket/photos",
                "min_confidence": 1.0,
                "sources": ["verification"],
                "ambiguous": "drop",
                "max_iter": 20,
                "reg_param": 0.05,
                "elastic_net_param": 0.3,
                "class_weights": "none",
                "test_fraction": 0.3,
                "validation_fraction": 0.1,
                "seed": 0,
            },
            "network": {
                "model": "InceptionV3",
                "weights": "imagenet",
                "output_layer": "mixed8",
                "pooling": "avg",
                "features": 1_280,
                "engine": "openvino",
                "precisions": {"bf16": 8_000, "f32": 755},
                "precision_asked": "auto",
                "fingerprint": "0123456789abcdef",
                "int8": {"photos": 64, "median": 0.9993, "least": 0.98},
            },
            "training_counts": counts,
            "notes": [f"A note of {EVIL}"],
            "seconds": {"join labels and photos": 12.5, "featurize": 340.25, "train": 8.0},
            "started": "2026-01-02T03:04:05+00:00",
            "versions": {"sparkles": "0.1.0", "python": "3.11"},
            "master": "local[2]",
        },
    }
    return facts | more
