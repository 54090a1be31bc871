"""Photos that are looked up by image id."""

from __future__ import annotations

from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from sparkles.columns import IMAGE_ID, URI
from sparkles.sources.photo_ids import unique_photos
from sparkles.storage import join_uri

__all__ = ["Photos", "uri_by_name"]


@dataclass(frozen=True)
class Photos:
    """Photos that are looked up by image id.

    Attributes
    ----------
    table
        ``image_id`` string, ``uri`` string, and ``image`` (binary or image struct) where the
        photos came as a DataFrame; ``None`` where URIs follow from the ids and nothing was listed.
    prefix
        The folder of the photos ``<image_id>.jpg`` where nothing was listed.
    """

    table: DataFrame | None
    prefix: str | None = None

    def unique(self) -> Photos:
        """Return the same photos with each id once.

        Raises
        ------
        SourceError
            If several photos share an id; see :func:`~sparkles.sources.photo_ids.unique_photos`.
        """
        return self if self.table is None else Photos(unique_photos(self.table))

    def attach_to(self, images: DataFrame) -> DataFrame:
        """Add to a table of images where their photos are.

        The photos must be :meth:`unique`, or images would be repeated.

        Parameters
        ----------
        images
            ``image_id`` and further columns.

        Returns
        -------
        DataFrame
            The same rows with ``uri`` and, where the photos came as a DataFrame, ``image``; these
            are null for an image without a listed photo.
        """
        if self.table is None:
            return images.withColumn(URI, uri_by_name(self.prefix or ""))
        return images.join(self.table, on=IMAGE_ID, how="left")


def uri_by_name(prefix: str) -> Column:
    """Return the URI of each image id's photo under a prefix, as a column."""
    return F.concat(F.lit(join_uri(prefix, "")), F.col(IMAGE_ID), F.lit(".jpg"))
