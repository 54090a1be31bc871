"""Photos that are looked up by image id."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from sparkles.columns import IMAGE, IMAGE_ID, PATH, URI
from sparkles.sources.photo_ids import PHOTO_NAME, count_photos, unique_photos
from sparkles.spark.photo_tables import has_images
from sparkles.storage import join_uri

__all__ = ["Photos", "uri_by_name"]


@dataclass(frozen=True)
class Photos:
    """Photos that are looked up by image id.

    Attributes
    ----------
    table
        ``image_id`` string, ``uri`` string, ``path`` string (below the folder that was listed, with
        forward slashes, in Unicode's composed form; null where there is no folder), and ``image``
        (binary or image struct) where the photos came as a DataFrame; ``None`` where URIs follow
        from the ids and nothing was listed.
    prefix
        The folder of the photos ``<image_id>.jpg`` where nothing was listed.
    counts
        Of a table whose ids are known to be unique, ``listed`` and of these ``duplicate_ids`` and
        ``without_id``, which the table leaves out; ``ids_from_paths``; and where a folder was
        listed, ``ignored_files``. ``None`` before :meth:`unique`.
    ids_are_unique
        Whether the ids were made so that each names one photo; then :meth:`unique` only counts.
    """

    table: DataFrame | None
    prefix: str | None = None
    counts: dict[str, int] | None = None
    ids_are_unique: bool = False

    def unique(self) -> Photos:
        """Return the same photos with each id once, and count them.

        Raises
        ------
        SourceError
            If several photos share an id; see :func:`~sparkles.sources.photo_ids.unique_photos`.
        """
        if self.table is None or self.counts is not None:
            return self
        if self.ids_are_unique:
            return replace(self, counts=count_photos(self.table))
        table, counts = unique_photos(self.table)
        return replace(self, table=table, counts=counts)

    def attach_to(self, images: DataFrame) -> DataFrame:
        """Add to a table of images where their photos are.

        The photos must be :meth:`unique`, or images would be repeated. Photos that the table
        itself holds stay where they are; the images are broadcast to them.

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
        if not has_images(self.table):
            return images.join(self.table.drop(PATH), on=IMAGE_ID, how="left")
        found = self.table.drop(PATH).join(F.broadcast(images), on=IMAGE_ID, how="inner")
        absent = images.join(self.table.select(IMAGE_ID), on=IMAGE_ID, how="left_anti")
        return found.unionByName(absent, allowMissingColumns=True).select(
            IMAGE_ID, *[name for name in images.columns if name != IMAGE_ID], URI, IMAGE
        )


def uri_by_name(prefix: str) -> Column:
    """Return the URI of each image id's photo under a prefix, as a column.

    An id that ends in a photo's suffix is a file name or path below the prefix, and one with a
    scheme is a URI already.
    """
    name = F.col(IMAGE_ID)
    below = F.concat(F.lit(join_uri(prefix, "")), name)
    return (
        F.when(name.rlike("^[A-Za-z][A-Za-z0-9+.-]+:/"), name)
        .when(name.rlike(PHOTO_NAME), below)
        .otherwise(F.concat(below, F.lit(".jpg")))
    )
