"""``sparkles explore``: describe labels and photos with numbers, figures and a page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from sparkles.columns import IMAGE_ID, REASON, URI
from sparkles.errors import LabelError
from sparkles.exploration import CoOccurrence
from sparkles.exploration.bars import draw_chosen, draw_classes, draw_per_image
from sparkles.exploration.census import count_rows, describe_rows, gather_images
from sparkles.exploration.chosen import describe_chosen, with_chosen
from sparkles.exploration.class_photos import ClassPhotos
from sparkles.exploration.clusters import Clusters, cluster_classes
from sparkles.exploration.co_occurrence import LEAST_TOGETHER, count_together, strongest_pairs
from sparkles.exploration.exploration_page import render_exploration
from sparkles.exploration.facts import (
    ClassFacts,
    CoOccurrenceFacts,
    ExplorationFacts,
    FoundPhotos,
    LabelFacts,
    LabelRows,
    NamedPair,
)
from sparkles.exploration.frequent import ClassCount, frequent_classes
from sparkles.exploration.matrices import draw_dendrogram, draw_jaccard, draw_lift
from sparkles.exploration.per_image import describe_images
from sparkles.exploration.photo_facts import MeasuredPhotos, describe_photos
from sparkles.exploration.photos import read_headers
from sparkles.exploration.sizes import draw_aspect, draw_bytes, draw_dimensions
from sparkles.pages import Picture
from sparkles.settings import ExploreSettings
from sparkles.sources import ClassNames, LabelClass, Photos, choose_classes
from sparkles.sources.label_rows import mark_rows
from sparkles.spark.progress import show_progress
from sparkles.spark.s3_requests import s3_options
from sparkles.workflow.before_start import check_before_start
from sparkles.workflow.class_galleries import build_class_galleries
from sparkles.workflow.featurization import check_photos
from sparkles.workflow.inputs import match_noted, open_photos
from sparkles.workflow.labels import are_folders, note_classes, open_class_names, open_labels
from sparkles.workflow.run import Run, start_run

if TYPE_CHECKING:
    from sparkles.sources.labels import LabelTable

__all__ = ["explore"]

_COUNT, _PAIR, _DRAW = "count labels", "pair classes", "draw"
_HEADERS, _DECODE = "read photo headers", "decode a few photos"
_LEAST_PAIRED = 2
_STRONGEST = 15


def explore(
    settings: ExploreSettings,
    spark: SparkSession | None = None,
    photos: DataFrame | None = None,
    *,
    labels: LabelTable | None = None,
) -> str:
    """Describe labels, and photos if there are any, with numbers and figures.

    ``DIR/`` holds ``explore.json``, ``explore.html``, ``figures/`` (PNG), if there are photos
    ``photos/`` (Parquet: the contents of each header, or why it cannot be read), and ``run.json``.

    Parameters
    ----------
    settings
        See :class:`~sparkles.settings.ExploreSettings`.
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
    with_photos = photos is not None or settings.images is not None
    stages = [_COUNT, _PAIR, *([_HEADERS, _DECODE] if with_photos else []), _DRAW]
    with start_run(settings, stages, spark, shows="explore.html") as run:
        with run.stages.stage(_COUNT):
            known = open_class_names(run.spark, settings.class_names)
            listed = _list_photos(run, settings, photos, labels)
            table = open_labels(run, settings, labels, listed)
            chosen = _choose(run, settings, table, known)
            if with_photos:
                listed = listed or open_photos(run, settings.images or "", photos)
                table = match_noted(run, table, listed, chosen)
            images, counted = _count_labels(run, settings, table)
            top = frequent_classes(images, settings.top)
            names = _names(known, [count.mid for count in top])
        with run.stages.stage(_PAIR, f"{len(top)} classes"):
            together = _pair(images, top, counted)
            clusters = cluster_classes(together.jaccard()) if together else None
        measured, readable, galleries = None, None, list[ClassPhotos]()
        if listed is not None:
            with run.stages.stage(_HEADERS):
                measured, readable = _read_photos(run, listed, images, chosen)
            with run.stages.stage(_DECODE):
                shown = [(one.mid, one.name) for one in chosen] or list(
                    zip([count.mid for count in top], names, strict=True)
                )
                galleries = build_class_galleries(images, readable, shown)
        facts: ExplorationFacts = {
            "input": {"labels": settings.labels, "images": settings.images},
            "labels": counted,
            "chosen": describe_chosen(images, chosen, readable) if chosen else None,
            "classes": [
                ClassFacts(
                    name=name, mid=count.mid, positive=count.positive, negative=count.negative
                )
                for name, count in zip(names, top, strict=True)
            ],
            "co_occurrence": _pairs_to_json(names, together, clusters),
            "photos": measured,
        }
        with run.stages.stage(_DRAW):
            pictures = _draw(facts, names, top, together, clusters)
            _write(run, facts, pictures, galleries)
        run.finish({})
    return settings.output


def _list_photos(
    run: Run, settings: ExploreSettings, photos: DataFrame | None, labels: LabelTable | None
) -> Photos | None:
    """List the photos if their folders are the labels; ``None`` if there are other labels."""
    if not are_folders(settings, labels) or (photos is None and settings.images is None):
        return None
    return open_photos(run, settings.images or "", photos, all_of_them=True)


def _choose(
    run: Run, settings: ExploreSettings, table: DataFrame, known: ClassNames
) -> list[LabelClass]:
    if not settings.classes and not settings.class_:
        return []
    return note_classes(run, choose_classes(table, known, settings, settings))


def _count_labels(
    run: Run, settings: ExploreSettings, table: DataFrame
) -> tuple[DataFrame, LabelFacts]:
    """Store the images with their classes, and describe the labels.

    Raises
    ------
    LabelError
        If no label row can be used.
    """
    rows = mark_rows(table, settings)
    census = describe_rows(run.store(count_rows(rows), "_work/counts"))
    counts = census["rows"]
    if not counts["positive"] + counts["negative"] + counts["unsure"]:
        raise LabelError(
            f"none of the {counts['read']:,} label rows can be used: "
            f"{counts['malformed']:,} are malformed, {counts['other_sources']:,} come from other "
            "sources; check the file and the sources to trust",
            settings=["labels", "sources"],
        )
    images = run.store(gather_images(rows), "_work/images")
    totals, per_image = describe_images(images)
    spreads = (per_image["positive"], per_image["negative"])
    different = sum(labels * count for spread in spreads for labels, count in spread["images"])
    repeated = counts["positive"] + counts["negative"] - different
    return images, LabelFacts(
        rows=LabelRows(**counts, repeated=repeated),
        classes=census["classes"],
        sources=census["sources"],
        images=totals,
        per_image=per_image,
    )


def _names(known: ClassNames, mids: Sequence[str]) -> list[str]:
    """Name the classes: by MID if the name is unknown, and by both if two share the name."""
    names = [known.name_of(mid) or mid for mid in mids]
    times = Counter(names)
    return [
        f"{name} ({mid})" if times[name] > 1 else name
        for name, mid in zip(names, mids, strict=True)
    ]


def _pair(images: DataFrame, top: Sequence[ClassCount], counted: LabelFacts) -> CoOccurrence | None:
    """Count pairs; ``None`` if no two classes are in the same image, which needs no figure."""
    positive = [count.mid for count in top if count.positive]
    if counted["per_image"]["positive"]["most"] < _LEAST_PAIRED or len(positive) < _LEAST_PAIRED:
        return None
    found = count_together(images, positive, counted["images"]["with_positive"])
    return found if strongest_pairs(found, found.jaccard(), 1) else None


def _pairs_to_json(
    names: Sequence[str], together: CoOccurrence | None, clusters: Clusters | None
) -> CoOccurrenceFacts | None:
    if together is None or clusters is None:
        return None
    # Classes without a positive label come last among the most frequent.
    classes = list(names[: len(together.mids)])
    measures = {"jaccard": together.jaccard(), "lift": together.lift()}
    return {
        "classes": classes,
        "mids": together.mids,
        "images": together.images,
        "together": together.together.tolist(),
        "jaccard": measures["jaccard"].round(6).tolist(),
        "lift": measures["lift"].round(6).tolist(),
        "least_together": LEAST_TOGETHER,
        "strongest": {
            name: [
                NamedPair(
                    a=classes[pair["a"]],
                    b=classes[pair["b"]],
                    together=pair["together"],
                    value=pair["value"],
                )
                for pair in strongest_pairs(together, measure, _STRONGEST, least=LEAST_TOGETHER)
            ]
            for name, measure in measures.items()
        },
        "linkage": clusters.merges.round(6).tolist(),
        "order": clusters.order,
    }


def _read_photos(
    run: Run, found: Photos, images: DataFrame, chosen: Sequence[LabelClass]
) -> tuple[FoundPhotos, DataFrame]:
    """Read the headers of labelled photos; describe them, and list the readable photos."""
    wanted = (with_chosen(images, chosen) if chosen else images).select(IMAGE_ID)
    without_label = None
    if found.table is not None:
        without_label = found.table.join(images, on=IMAGE_ID, how="left_anti").count()
    asked = run.store(found.attach_to(wanted), "_work/asked")
    check_photos(run, asked)
    count = asked.count()
    with show_progress(run.spark.sparkContext, count, quiet=run.stages.quiet) as done:
        read = read_headers(asked, count, s3_options(run.spark), done)
        headers = run.store(read, "_work/headers")  # the page shows some of these photos
    run.store(headers, "photos")
    facts = FoundPhotos(**describe_photos(headers), without_label=without_label)
    listed = ", ".join(f"{number:,} {reason}" for reason, number in facts["reasons"].items())
    run.stages.say(f"      {facts['readable']:,} readable; not readable: {listed or 'none'}")
    return facts, headers.where(F.col(REASON).isNull()).select(IMAGE_ID, URI)


def _draw(
    facts: ExplorationFacts,
    names: Sequence[str],
    top: Sequence[ClassCount],
    together: CoOccurrence | None,
    clusters: Clusters | None,
) -> list[Picture]:
    per_image = facts["labels"]["per_image"]
    # If every image has one label, the page has a sentence instead.
    pictures = [draw_per_image(per_image)] if per_image["all"]["most"] > 1 else []
    if top:
        pictures.append(draw_classes(names, top))
    if facts["chosen"]:
        pictures.append(draw_chosen(facts["chosen"]))
    if together is not None and clusters is not None:
        paired = names[: len(together.mids)]
        pictures.append(draw_dendrogram(paired, clusters))
        pictures.append(draw_jaccard(paired, together, clusters.order))
        pictures.append(draw_lift(paired, together, clusters.order))
    photos = facts["photos"]
    if photos and photos["quantiles"] and photos["histograms"]:
        measured = MeasuredPhotos(quantiles=photos["quantiles"], histograms=photos["histograms"])
        pictures += [draw_dimensions(measured), draw_aspect(measured), draw_bytes(measured)]
    return pictures


def _write(
    run: Run,
    facts: ExplorationFacts,
    pictures: Sequence[Picture],
    galleries: Sequence[ClassPhotos],
) -> None:
    run.files.write_json(f"{run.folder}/explore.json", facts)
    page = render_exploration(facts, pictures, galleries)
    run.files.write_text(f"{run.folder}/explore.html", page)
    for picture in pictures:
        run.files.write_bytes(f"{run.folder}/figures/{picture.name}.png", picture.png)
