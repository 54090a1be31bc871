"""Find the photos that labels name: by id, URI, path, file name or stem."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import StringType

from sparkles.columns import IMAGE_ID, MID, PATH, URI
from sparkles.errors import LabelError
from sparkles.sources.classes import LabelClass
from sparkles.sources.photo_ids import stem
from sparkles.sources.photos import Photos

__all__ = ["KINDS", "match_labels"]

# What a label can name a photo by, the most exact first.
KINDS = ("id", "id", "URI", "path", "path without suffix", "file name", "file name without suffix")

_AS_IT_IS = 0  # the first kind: the id, letter by letter; then nothing is renamed
_SHOWN, _LOOKED_AT = 3, 1000
_NAME, _KEY, _FOUND, _FITS = "name", "key", "found", "fits"
_FOLDERS = "the names have other folders than the photos; paths begin below the listed folder"
_NOT_ASCII = r"[^\x00-\x7F]"


@dataclass(frozen=True)
class _Fit:
    """How well one kind of name fits: numbers of names."""

    named: int
    found: int  # that fit a photo
    ambiguous: int  # that fit several


def match_labels(
    labels: DataFrame, photos: Photos, classes: Sequence[LabelClass] = ()
) -> tuple[DataFrame, str | None]:
    """Replace what labels name photos by with the photos' ids.

    Names may be ids, URIs, paths below the folder with or without suffix, file names with or
    without suffix; backslashes, a leading ``./`` and the Unicode form do not matter. All labels
    are taken to use the same kind of name: the most exact that fits all of them, or else the one
    that fits most. One job finds it. Labels that name ids are returned as they are.

    Parameters
    ----------
    labels
        ``image_id`` and further columns.
    photos
        With unique ids. Photos that were not listed are not looked for.
    classes
        The classes whose labels decide; default: all labels do.

    Returns
    -------
    labels : DataFrame
        The same rows. ``image_id`` is the id of the photo that the label names; where there is
        none, it is unchanged.
    note : str or None
        What to show if less than half of the names fit a photo.

    Raises
    ------
    LabelError
        If names fit several photos, or if no name fits any.
    """
    if photos.table is None:
        return labels, None
    listed = photos.table
    if PATH not in listed.columns:
        listed = listed.withColumn(PATH, F.lit(None).cast("string"))
    chosen = labels
    if classes:
        chosen = labels.where(F.col(MID).isin([one.mid for one in classes]))
    names = chosen.select(F.col(IMAGE_ID).alias(_NAME)).where(F.col(_NAME) != "").distinct()
    composed = False
    fits, other_text = _count_fits(names, listed, composed=composed)
    kind = _best(fits)
    if other_text and fits[kind].found < fits[kind].named:
        composed = True
        fits, _ = _count_fits(names, listed, composed=composed)
        kind = _best(fits)
    fit = fits[kind]
    if not fit.named:
        return labels, None
    counted = _fits(names, listed, composed=composed)
    if not fit.found:
        raise LabelError(
            f"none of the {fit.named:,} names of photos in the labels is that of a listed photo: "
            f"{_side_by_side(counted, kind, listed)}",
            settings=["labels", "images"],
        )
    if fit.ambiguous:
        raise _fits_several(counted, kind, fit)
    note = None
    if 2 * fit.found < fit.named:
        note = (
            f"Only {fit.found:,} of the {fit.named:,} names of photos in the labels are those of "
            f"listed photos: {_side_by_side(counted, kind, listed)}"
        )
    return labels if kind == _AS_IT_IS else _rename(labels, listed, kind, composed), note


def _best(fits: Sequence[_Fit]) -> int:
    return max(range(len(fits)), key=lambda kind: (fits[kind].found, -kind))


def _fits(names: DataFrame, photos: DataFrame, *, composed: bool) -> DataFrame:
    """Count for each name and kind the photos that fit; ``one`` and ``other`` are two of them."""
    keys = [f"key{kind}" for kind in range(len(KINDS))]
    columns = [column.alias(key) for key, column in zip(keys, _keys(composed), strict=True)]
    every = F.explode(F.array_distinct(F.array_compact(F.array(*keys)))).alias(_KEY)
    exploded = photos.select(IMAGE_ID, *columns).select("*", every)
    same = [F.coalesce(F.col(key) == F.col(_KEY), F.lit(False)).alias(key) for key in keys]
    known = exploded.select(IMAGE_ID, _KEY, *same[1:])
    exact = F.coalesce(F.col(_NAME) == F.col(IMAGE_ID), F.lit(False))
    pairs = names.withColumn(_KEY, _normal(F.col(_NAME), composed)).join(known, _KEY, "left")
    fit = [exact, *(F.coalesce(F.col(key), F.lit(False)) for key in keys[1:])]
    return pairs.groupBy(_NAME).agg(
        *[F.count_if(column).alias(key) for key, column in zip(keys, fit, strict=True)],
        *[F.min(F.when(column, F.col(IMAGE_ID))).alias(f"one_{key}") for key, column in
          zip(keys, fit, strict=True)],
        *[F.max(F.when(column, F.col(IMAGE_ID))).alias(f"other_{key}") for key, column in
          zip(keys, fit, strict=True)],
    )  # fmt: skip


def _count_fits(names: DataFrame, photos: DataFrame, *, composed: bool) -> tuple[list[_Fit], bool]:
    """Count for each kind the names that fit, in one job; and whether any is not ASCII."""
    keys = [f"key{kind}" for kind in range(len(KINDS))]
    row = _fits(names, photos, composed=composed).agg(
        F.count("*"),
        F.count_if(F.col(_NAME).rlike(_NOT_ASCII)),
        *[F.count_if(F.col(key) > 0) for key in keys],
        *[F.count_if(F.col(key) > 1) for key in keys],
    ).collect()[0]  # fmt: skip
    named, other_text, *counts = row
    found, several = counts[: len(keys)], counts[len(keys) :]
    fits = [_Fit(named, one, two) for one, two in zip(found, several, strict=True)]
    return fits, bool(other_text)


def _keys(composed: bool) -> list[Column]:
    """Return what each kind of name of a photo is, normalised."""
    image_id = _normal(F.col(IMAGE_ID), composed)
    uri, path = _normal(F.col(URI), composed), _normal(F.col(PATH), composed)
    place = F.coalesce(path, uri)
    name = F.element_at(F.split(place, "/"), -1)
    return [image_id, image_id, uri, path, _bare(path), name, stem(name)]


def _normal(name: Column, composed: bool) -> Column:
    r"""Write names alike: ``.\a\b.jpg`` as ``a/b.jpg``, and each URI in one way."""
    for pattern, written in (
        (r"\\", "/"), (r"^(\./+)+", ""), ("^file:/+", "/"), ("^s3[an]:", "s3:"),
    ):  # fmt: skip
        name = F.regexp_replace(name, pattern, written)
    return _compose(name) if composed else name


def _compose(name: Column) -> Column:
    """Return text in Unicode's composed form (NFC), for which Spark has no function."""
    import unicodedata

    compose = F.udf(
        lambda text: None if text is None else unicodedata.normalize("NFC", text), StringType()
    )
    return compose(name)


def _rename(labels: DataFrame, photos: DataFrame, kind: int, composed: bool) -> DataFrame:
    named = photos.select(_keys(composed)[kind].alias(_KEY), F.col(IMAGE_ID).alias(_FOUND))
    one = named.groupBy(_KEY).agg(F.count("*").alias(_FITS), F.min(_FOUND).alias(_FOUND))
    one = one.where(F.col(_FITS) == 1).drop(_FITS).cache()
    renamed = labels.withColumn(_KEY, _normal(F.col(IMAGE_ID), composed)).join(one, _KEY, "left")
    return renamed.withColumn(IMAGE_ID, F.coalesce(_FOUND, IMAGE_ID)).select(labels.columns)


def _fits_several(fits: DataFrame, kind: int, fit: _Fit) -> LabelError:
    key = f"key{kind}"
    rows = fits.where(F.col(key) > 1).orderBy(_NAME).limit(_SHOWN).collect()
    shown = "; ".join(
        f"{row[_NAME]!r} fits {row[key]:,}, for example {row[f'one_{key}']!r} and "
        f"{row[f'other_{key}']!r}"
        for row in rows
    )
    more = "; and others" if fit.ambiguous > len(rows) else ""
    return LabelError(
        f"labels: {fit.ambiguous:,} of {fit.named:,} names fit several photos as "
        f"{KINDS[kind]}: {shown}{more}. Name these photos by their paths below the folder, for "
        f"example {rows[0][f'one_{key}']!r}",
        settings=["labels", "images"],
    )


def _side_by_side(fits: DataFrame, kind: int, photos: DataFrame) -> str:
    """Show names that fit no photo beside names of photos, with the likely cause."""
    names = fits.where(F.col(f"key{kind}") == 0).select(_NAME)
    place = F.coalesce(PATH, IMAGE_ID).alias(_NAME)
    sides = [
        ", ".join(repr(row[0]) for row in table.orderBy(_NAME).limit(_SHOWN).collect())
        for table in (names, photos.select(place))
    ]
    return (
        f"the labels name {sides[0]}; the photos are {sides[1] or 'none'}. {_cause(names, photos)}"
    )


def _cause(names: DataFrame, photos: DataFrame) -> str:
    """Look at some names for photos that differ only in folder, suffix or letter case."""
    place = _normal(F.coalesce(PATH, URI), composed=False)
    every = F.explode(F.array(F.lower(_bare(place)), F.lower(stem(place)))).alias(_KEY)
    loose = photos.select(every, place.alias(_FOUND)).groupBy(_KEY).agg(F.min(_FOUND).alias(_FOUND))
    some = names.limit(_LOOKED_AT).select(_normal(F.col(_NAME), composed=False).alias(_NAME))
    name = F.col(_NAME)
    last = F.element_at(F.split(name, "/"), -1)
    looks = F.array(*map(F.lower, (name, _bare(name), last, stem(last))))
    whole = some.select(_NAME, F.explode(F.array_distinct(looks)).alias(_KEY))
    found: dict[str, list[str]] = {}
    for row in whole.join(loose, _KEY, "inner").limit(4 * _LOOKED_AT).collect():
        found.setdefault(row[_NAME], []).append(_difference(row[_NAME], row[_FOUND]))
    # A photo in the same folder is nearer than one in another.
    causes = Counter(min(each, key=lambda cause: cause == _FOLDERS) for each in found.values())
    if causes:
        return f"Likely cause: {causes.most_common(1)[0][0]}"
    return "Likely cause: the labels are of other photos, or name them by other ids"


def _bare(path: Column) -> Column:
    return F.regexp_replace(path, r"\.[^./]*$", "")


def _difference(name: str, photo: str) -> str:
    folder, _, last = name.rpartition("/")
    where, _, there = photo.rpartition("/")
    if folder and folder.casefold() != where.casefold():
        return _FOLDERS
    if last in (there, there.rpartition(".")[0]):
        return _FOLDERS
    if last.casefold() in (there.casefold(), there.casefold().rpartition(".")[0]):
        return "the names differ from the photos' in upper and lower case"
    return "the names have another suffix than the photos"
