"""Put labelled images through the network, and account for them in the ledger."""

from __future__ import annotations

from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from sparkles.choices import Reason
from sparkles.columns import IMAGE, IMAGE_ID, REASON, SHA256, URI
from sparkles.dataset import Dataset, Ledger
from sparkles.dataset.examples import count_by_split, count_with_photo, unique_images
from sparkles.dataset.ledger import stratification_error
from sparkles.ml import DeepImageFeaturizer
from sparkles.run_files import SameBytes
from sparkles.spark.photo_tables import has_images
from sparkles.workflow.featurization import featurize_once
from sparkles.workflow.featurized import Featurized
from sparkles.workflow.rejection import check_rejected
from sparkles.workflow.run import Run
from sparkles.workflow.same_bytes import describe_same_bytes, find_same_bytes

__all__ = ["Examples", "featurize_examples", "store_examples"]


@dataclass(frozen=True)
class Examples:
    """The joined dataset, stored.

    Attributes
    ----------
    dataset
        The counts, and the lazy join.
    table
        ``image_id``, ``label``, ``split``, ``uri``.
    labels
        Class names in index order.
    """

    dataset: Dataset
    table: DataFrame
    labels: list[str]

    def photos(self) -> DataFrame:
        """Return each image once, even if it has several labels."""
        decoded = self.photos_with_image()
        return unique_images(self.table) if decoded is None else decoded

    def photos_with_image(self) -> DataFrame | None:
        """Return each image once with ``image``, or None if the photos are files."""
        photos = self.dataset.source
        if photos.table is None or not has_images(photos.table):
            return None
        return photos.attach_to(unique_images(self.table).select(IMAGE_ID))

    def count_with_photo(self) -> dict[str, dict[str, int]]:
        """Count rows that have a photo by part and class; whether it is readable is not known."""
        return count_with_photo(self.table)[0]


def store_examples(run: Run, dataset: Dataset, labels: list[str]) -> Examples:
    """Run the join once, and store its result."""
    table = run.store(dataset.examples.drop(IMAGE), "_work/examples")
    return Examples(dataset, table, labels)


def featurize_examples(
    run: Run, examples: Examples, featurizer: DeepImageFeaturizer
) -> tuple[DataFrame, Featurized, Ledger]:
    """Put each image through the network once, report copies, and balance the ledger.

    Returns
    -------
    rows : DataFrame
        ``image_id``, ``label``, ``split``, ``uri``, ``features`` array<float>.
    featurized : Featurized
        The rejected images, and what the features were computed in.
    ledger : Ledger

    Raises
    ------
    RejectedError
        If too many photos are rejected, or all of them.
    """
    featurized = featurize_once(
        run, examples.photos(), featurizer, examples.dataset.images["named"]
    )
    rows = examples.table.drop(URI).join(featurized.good, on=IMAGE_ID, how="inner")
    copies = find_same_bytes(rows)
    if found := describe_same_bytes(copies):
        run.stages.note(found)
    ledger = _ledger(examples, featurized, count_by_split(rows), copies)
    ledger.check()
    check_rejected(run, featurized, ledger.to_dict(), some_needed=True)
    return rows.drop(SHA256), featurized, ledger


def _ledger(
    examples: Examples,
    featurized: Featurized,
    splits: dict[str, dict[str, int]],
    copies: SameBytes | None,
) -> Ledger:
    absent = featurized.rejected.where(F.col(REASON) == Reason.NO_PHOTO.value).select(IMAGE_ID)
    without_photo = examples.table.join(absent, on=IMAGE_ID, how="left_semi").count()
    images = {
        "featurized": featurized.featurized,
        "rejected": sum(featurized.reasons.values()),
    }
    return Ledger(
        label_rows=examples.dataset.label_rows | {"kept_without_photo": without_photo},
        images=examples.dataset.images | images,
        photos=examples.dataset.photos,
        rejected=featurized.reasons,
        splits=splits,
        stratification_error=stratification_error(splits),
        same_bytes=copies,
    )
