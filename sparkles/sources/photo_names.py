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
from sparkles.sources.class_table import class_table
from sparkles.sources.classes import LabelClass
from sparkles.sources.photo_ids import stem
from sparkles.sources.photos import Photos

__all__ = ["KINDS", "match_labels"]

# What a label can name a photo by, the most exact first.
KINDS = ("id", "id", "URI", "path", "path without suffix", "file name", "file name without suffix")

_AS_IT_IS = 0  # the first kind: the id, letter by letter; then nothing is renamed
_SHOWN, _LOOKED_AT = 3, 1000
_NAME, _KIND, _KEY, _FOUND, _FITS = "name", "kind", "key", "found", "fits"
_ONE, _OTHER = "one", "other"  # two of the photos that a name fits
_FOLDERS = "the names have other folders than the photos; paths begin below the listed folder"
_NOT_ASCII = r"[^\x00-\x7F]"


@dataclass(frozen=True)
class _Fit:
    """How well one kind of name fits: numbers of names."""

    found: int  # that fit a photo
    ambiguous: int  # that fit several


def match_labels(
    labels: DataFrame, photos: Photos, classes: Sequence[LabelClass] = ()
) -> tuple[DataFrame, str | None]:
    """Replace what labels name photos by with the photos' ids.

    Names may be ids, URIs, paths below the folder with or without suffix, file names with or
    without suffix; backslashes, a leading ``./`` and the Unicode form do not matter. All labels
    are taken to use the same kind of name: the most exact that fits all of them, or else the one
    that fits most. One query finds whether all names are ids, and a second one which other kind
    they are. Labels that name ids are returned as they are.

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
    names = _names(labels, classes)
    named, by_id, other_text = _count_ids(names, listed)
    if by_id == named:
        return labels, None
    composed = False
    fits = _count_fits(names, listed, by_id, composed=composed)
    kind = _best(fits)
    if other_text and fits[kind].found < named:
        composed = True
        fits = _count_fits(names, listed, by_id, composed=composed)
        kind = _best(fits)
    fit = fits[kind]
    if fit.ambiguous or 2 * fit.found < named:
        if kind == _AS_IT_IS:
            pairs = _by_id(names, listed, how="inner")
        else:
            pairs = _pairs(names, listed, composed=composed).where(F.col(_KIND) == kind)
        note = _describe_trouble(names, pairs, listed, kind, named, fit)
    else:
        note = None
    return labels if kind == _AS_IT_IS else _rename(labels, listed, kind, composed), note


def _describe_trouble(
    names: DataFrame, pairs: DataFrame, photos: DataFrame, kind: int, named: int, fit: _Fit
) -> str:
    """Say that few names fit; raise an error if none does, or if some fit several photos."""
    if not fit.found:
        raise LabelError(
            f"none of the {named:,} names of photos in the labels is that of a listed photo: "
            f"{_side_by_side(names, pairs, photos)}",
            settings=["labels", "images"],
        )
    if fit.ambiguous:
        raise _fits_several(pairs, kind, named, fit.ambiguous)
    return (
        f"Only {fit.found:,} of the {named:,} names of photos in the labels are those of "
        f"listed photos: {_side_by_side(names, pairs, photos)}"
    )


def _names(labels: DataFrame, classes: Sequence[LabelClass]) -> DataFrame:
    """Return what the labels of the classes name photos by, each name once."""
    if classes:
        keys = class_table(labels.sparkSession, classes).select(MID)
        labels = labels.join(F.broadcast(keys), on=MID, how="left_semi")
    return labels.select(F.col(IMAGE_ID).alias(_NAME)).where(F.col(_NAME) != "").distinct()


def _best(fits: Sequence[_Fit]) -> int:
    return max(range(len(fits)), key=lambda kind: (fits[kind].found, -kind))


def _by_id(names: DataFrame, photos: DataFrame, *, how: str) -> DataFrame:
    """Return ``name`` and ``image_id`` where the name is the id of a photo, letter by letter."""
    ids = photos.select(IMAGE_ID, F.col(IMAGE_ID).alias(_NAME))
    return names.join(ids, on=_NAME, how=how)


def _count_ids(names: DataFrame, photos: DataFrame) -> tuple[int, int, bool]:
    """Count the names and those that are ids, and find whether any name is not ASCII."""
    row = _by_id(names, photos, how="left").agg(
        F.count("*"), F.count(IMAGE_ID), F.count_if(F.col(_NAME).rlike(_NOT_ASCII))
    ).collect()[0]  # fmt: skip
    return row[0], row[1], row[2] > 0


def _pairs(names: DataFrame, photos: DataFrame, *, composed: bool) -> DataFrame:
    """Return ``name``, ``kind`` and ``image_id`` of each photo that a name fits as some kind."""
    keys = enumerate(_keys(composed), start=_AS_IT_IS + 1)
    every = F.array(*[F.struct(F.lit(kind).alias(_KIND), key.alias(_KEY)) for kind, key in keys])
    known = photos.select(IMAGE_ID, F.inline(every))
    written = names.withColumn(_KEY, _normal(F.col(_NAME), composed))
    return written.join(known, on=_KEY, how="inner").select(_NAME, _KIND, IMAGE_ID)


def _count_fits(names: DataFrame, photos: DataFrame, by_id: int, *, composed: bool) -> list[_Fit]:
    """Count for each kind the names that fit, in one query; ``by_id`` fit as the first kind."""
    each = _pairs(names, photos, composed=composed).groupBy(_NAME, _KIND)
    fits = each.agg(F.min(IMAGE_ID).alias(_ONE), F.max(IMAGE_ID).alias(_OTHER))
    several = F.count_if(F.col(_ONE) != F.col(_OTHER))
    rows = fits.groupBy(_KIND).agg(F.count("*").alias(_FOUND), several.alias(_FITS)).collect()
    counts = {row[_KIND]: _Fit(row[_FOUND], row[_FITS]) for row in rows}
    counts[_AS_IT_IS] = _Fit(by_id, 0)
    return [counts.get(kind, _Fit(0, 0)) for kind in range(len(KINDS))]


def _keys(composed: bool) -> list[Column]:
    """Return what each kind of name of a photo is, normalised; all but the first kind."""
    image_id = _normal(F.col(IMAGE_ID), composed)
    uri, path = _normal(F.col(URI), composed), _normal(F.col(PATH), composed)
    place = F.coalesce(path, uri)
    name = F.element_at(F.split(place, "/"), -1)
    return [image_id, uri, path, _bare(path), name, stem(name)]


def _normal(name: Column, composed: bool) -> Column:
    r"""Write names alike: ``.\a\b.jpg`` as ``a/b.jpg``, and each URI in one way."""
    name = F.translate(name, "\\", "/")
    for pattern, written in ((r"^(\./+)+", ""), ("^file:/+", "/"), ("^s3[an]:", "s3:")):
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
    named = photos.select(_keys(composed)[kind - 1].alias(_KEY), F.col(IMAGE_ID).alias(_FOUND))
    one = named.groupBy(_KEY).agg(F.count("*").alias(_FITS), F.min(_FOUND).alias(_FOUND))
    one = one.where(F.col(_FITS) == 1).drop(_FITS).cache()
    renamed = labels.withColumn(_KEY, _normal(F.col(IMAGE_ID), composed)).join(one, _KEY, "left")
    return renamed.withColumn(IMAGE_ID, F.coalesce(_FOUND, IMAGE_ID)).select(labels.columns)


def _fits_several(pairs: DataFrame, kind: int, named: int, ambiguous: int) -> LabelError:
    each = pairs.groupBy(_NAME).agg(
        F.count_distinct(IMAGE_ID).alias(_FITS),
        F.min(IMAGE_ID).alias(_ONE),
        F.max(IMAGE_ID).alias(_OTHER),
    )
    rows = each.where(F.col(_FITS) > 1).orderBy(_NAME).limit(_SHOWN).collect()
    shown = "; ".join(
        f"{row[_NAME]!r} fits {row[_FITS]:,}, for example {row[_ONE]!r} and {row[_OTHER]!r}"
        for row in rows
    )
    more = "; and others" if ambiguous > len(rows) else ""
    return LabelError(
        f"labels: {ambiguous:,} of {named:,} names fit several photos as {KINDS[kind]}: "
        f"{shown}{more}. Name these photos by their paths below the folder, for example "
        f"{rows[0][_ONE]!r}",
        settings=["labels", "images"],
    )


def _side_by_side(names: DataFrame, pairs: DataFrame, photos: DataFrame) -> str:
    """Show names that fit no photo beside names of photos, with the likely cause."""
    names = names.join(pairs, on=_NAME, how="left_anti")
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
