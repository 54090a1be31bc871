"""Photo ids: each names a single photo, and is something that labels can name."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import Column, DataFrame, Row, Window
from pyspark.sql import functions as F

from sparkles.columns import IMAGE_ID, PATH, URI
from sparkles.errors import SourceError
from sparkles.spark.photo_tables import has_images

__all__ = [
    "HERE",
    "IDS_FROM_PATHS",
    "PHOTO_NAME",
    "count_photos",
    "describe_ids",
    "id_of",
    "ids_from_paths",
    "is_path",
    "stem",
    "unique_photos",
]

HERE = "dataframe:"  # before the id of a photo that only its DataFrame leads to
PHOTO_NAME = r"(?i)\.(jpe?g|png|webp|bmp|gif|tiff?)$"

IDS_FROM_PATHS = "ids_from_paths"

_COUNTS = ("listed", "duplicate_ids", "without_id", IDS_FROM_PATHS)
_SHOWN = 3
_FROM_PATH = "from_path"
_PHOTOS, _STEMS, _PATHS, _ROWS, _ONE, _OTHER = "photos", "stems", "paths", "rows", "one", "other"


def stem(path: Column) -> Column:
    """Return the last part of a path without its suffix."""
    return F.regexp_replace(F.element_at(F.split(path, "/"), -1), r"\.[^.]*$", "")


def id_of(repeated: Column) -> Column:
    """Return the id of the photo at ``path``: the stem, or the path if the stem is repeated.

    A stem that looks like a file name, for example that of ``a.jpg.png``, could be the path of
    another photo. It is never an id.
    """
    name = stem(F.col(PATH))
    return F.when(repeated | name.rlike(PHOTO_NAME), F.col(PATH)).otherwise(name)


def is_path() -> Column:
    """Return whether a photo's id is its path and not its stem."""
    return F.coalesce(F.col(IMAGE_ID) != stem(F.col(PATH)), F.lit(False))


def ids_from_paths(files: DataFrame, written: Column) -> DataFrame:
    """Give each listed file an id: its stem if no other file has the same, else its path.

    Parameters
    ----------
    files
        ``path`` in Unicode's composed form (NFC), and ``uri``. It is evaluated lazily, once.
    written
        The path as it is written. It is the id where two paths differ only in their Unicode form.

    Returns
    -------
    DataFrame
        ``image_id``, unique; ``uri``, ``path``.
    """
    name = stem(F.col(PATH)).alias(_STEMS)
    counted = files.select(
        "*",
        F.count("*").over(Window.partitionBy(name)).alias(_STEMS),
        F.count("*").over(Window.partitionBy(name, PATH)).alias(_PATHS),
    )
    unique = id_of(F.col(_STEMS) > 1)
    image_id = F.when(F.col(_PATHS) > 1, written).otherwise(unique)
    return counted.select(image_id.alias(IMAGE_ID), URI, PATH)


def count_photos(table: DataFrame) -> dict[str, int]:
    """Count photos whose ids are known to be unique, with the keys of :func:`unique_photos`."""
    row = table.agg(F.count("*"), F.count_if(is_path())).collect()[0]
    return dict.fromkeys(_COUNTS, 0) | {"listed": int(row[0]), IDS_FROM_PATHS: int(row[1])}


def unique_photos(table: DataFrame) -> tuple[DataFrame, dict[str, int]]:
    """Return photos, each id once, and count what was left out.

    A photo that is listed twice, with the same id and URI, is one photo. Two photos with the same
    id are refused: labels and predictions could not tell them apart.

    Parameters
    ----------
    table
        ``image_id``, ``uri``, optionally ``path``, and ``image`` where the photos came as a
        DataFrame. It is evaluated once.

    Returns
    -------
    photos : DataFrame
        The same columns, each ``image_id`` once, none null or empty.
    counts : dict
        ``listed``, and of these ``duplicate_ids`` (the same photo again) and ``without_id``;
        ``ids_from_paths``, the ids that are paths.

    Raises
    ------
    SourceError
        If several photos share an id. The message counts them and names three.
    """
    named = F.coalesce(F.col(IMAGE_ID) != "", F.lit(False))
    from_path = is_path() if PATH in table.columns else F.lit(False)
    uris = table.groupBy(IMAGE_ID, URI).agg(
        F.count("*").alias(_ROWS), F.max(from_path).alias(_FROM_PATH)
    )
    # Without a URI nothing shows that two rows of bytes are the same photo.
    no_uri = F.coalesce(F.col(URI).startswith(HERE), F.lit(True))
    apart = F.when(no_uri, F.col(_ROWS)).otherwise(1) if has_images(table) else F.lit(1)
    ids = uris.groupBy(IMAGE_ID).agg(
        F.sum(_ROWS).alias(_ROWS),
        F.sum(apart).alias(_PHOTOS),
        F.max(_FROM_PATH).alias(_FROM_PATH),
        F.min(URI).alias(_ONE),
        F.max(URI).alias(_OTHER),
    )
    shared = named & (F.col(_PHOTOS) > 1)
    totals = ids.agg(
        F.coalesce(F.sum(_ROWS), F.lit(0)).alias("listed"),
        F.coalesce(F.sum(F.when(named, F.col(_ROWS) - 1)), F.lit(0)).alias("duplicate_ids"),
        F.coalesce(F.sum(F.when(~named, F.col(_ROWS))), F.lit(0)).alias("without_id"),
        F.count_if(named & F.col(_FROM_PATH)).alias(IDS_FROM_PATHS),
        F.count_if(shared).alias("ids"),
        F.sum(F.when(shared, F.col(_PHOTOS))).alias(_PHOTOS),
    ).collect()[0]
    if totals["ids"]:
        raise _several_photos_per_id(totals, ids.where(shared))
    counts = {key: int(totals[key]) for key in _COUNTS}
    if counts["without_id"]:
        table = table.where(named)
    if counts["duplicate_ids"]:
        table = _drop_repeated(table, ids.where(named & (F.col(_ROWS) > 1)))
    return table, counts


def _drop_repeated(table: DataFrame, repeated: DataFrame) -> DataFrame:
    """Keep one row of each id; of bytes, only those that are there several times are moved."""
    if not has_images(table):
        return table.dropDuplicates([IMAGE_ID])
    several = F.broadcast(repeated.select(IMAGE_ID))
    once = table.join(several, on=IMAGE_ID, how="left_anti")
    return once.unionByName(
        table.join(several, on=IMAGE_ID, how="left_semi").dropDuplicates([IMAGE_ID])
    )


def describe_ids(photos: DataFrame, counts: Mapping[str, int]) -> list[str]:
    """Describe what is unusual about photos' ids, a sentence or two for each; mostly nothing is.

    Parameters
    ----------
    photos, counts
        What :func:`unique_photos` returns. The table is read only for an example.
    """
    notes = []
    if number := counts.get(IDS_FROM_PATHS):
        example = photos.where(is_path()).agg(F.min(IMAGE_ID)).collect()[0][0]
        notes.append(
            f"{number:,} photos share their name with another, so their ids are paths, for "
            f"example {example!r}."
        )
    if number := counts.get("duplicate_ids"):
        again = "listed again, with the same id and URI; each is used once"
        notes.append(f"{number:,} photos are {again}.")
    if number := counts.get("without_id"):
        notes.append(f"{number:,} photos have no id and are left out.")
    return notes


def _several_photos_per_id(totals: Row, shared: DataFrame) -> SourceError:
    examples = shared.orderBy(IMAGE_ID).limit(_SHOWN).collect()
    shown = "; ".join(
        f"{row[IMAGE_ID]!r} names {row[_PHOTOS]:,}, for example {row[_ONE]} and {row[_OTHER]}"
        for row in examples
    )
    more = ", ..." if totals["ids"] > len(examples) else ""
    return SourceError(
        f"photos: {totals[_PHOTOS]:,} photos share {totals['ids']:,} ids, so they cannot be told "
        f"apart: {shown}{more}. Give each uri a different image_id, or leave image_id out and name "
        "a folder of photos or a DataFrame of format('binaryFile')"
    )
