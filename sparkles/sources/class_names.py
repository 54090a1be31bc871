"""Files of class descriptions: what the keys of labels, such as MIDs or numbers, are called."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence

from pyspark.sql import SparkSession
from pyspark.sql.types import StringType, StructField, StructType

from sparkles.errors import SourceError
from sparkles.sources.classes import ClassNames, LabelClass, is_mid
from sparkles.sources.csv_file import check_exists
from sparkles.sources.table_file import separator_of, text_lines
from sparkles.spark.filesystem import FileSystem

__all__ = ["read_class_names"]

_Pair = tuple[str | None, str | None]

# A line of ImageNet's LOC_synset_mapping.txt: an id of WordNet, and all names of the class.
_SYNSET = re.compile(r"(n\d{8}) (\S.*)")
_MOST_SYNSETS = 100_000  # WordNet has 82,115

# What the two columns are called in the headers of such files.
_KEYS: tuple[str, ...] = (
    "key",
    "id",
    "mid",
    "label",
    "labelname",
    "class",
    "classid",
    "code",
    "index",
    "value",
)
_KEYS += ("target", "wnid", "synset", "categoryid", "labelid", "number")
_NAMES: tuple[str, ...] = (
    "name",
    "displayname",
    "classname",
    "label",
    "title",
    "description",
    "category",
    "class",
)
_NAMES += ("species", "breed", "labelname", "text")


def read_class_names(spark: SparkSession, path: str) -> ClassNames:
    """Read class descriptions.

    Parameters
    ----------
    path
        A table of two columns, key and display name, with commas, tabs or semicolons between
        them, plain or ``.gz``; or ``.json`` with an object of names by key, a list of names by
        number, or a list of objects such as ``{"id": 0, "name": "cat"}``; or ImageNet's
        ``LOC_synset_mapping.txt``. Open Images' files have no header in v5 and one in v7. Local or
        by URI.

    Raises
    ------
    SourceError
        If the file does not exist, a row lacks its key or its name, or a key has two names.
    """
    check_exists(spark, path, "class names")
    if path.lower().endswith(".json"):
        pairs = _read_json(FileSystem(spark), path)
    else:
        pairs = _without_header(_read_rows(spark, path))
    of_open_images = any(is_mid((key or "").strip()) for key, _ in pairs)
    bad = [(key, name) for key, name in pairs if not name or not _is_key(key, of_open_images)]
    if bad or not pairs:
        sample = f"the row {bad[0][0]},{bad[0][1]}" if bad else "no row"
        raise SourceError(
            f"class names {path}: expected rows like /m/0k4j,Car or 0,cat, with or without a "
            f"header; got {sample}"
        )
    classes = [LabelClass(str(key).strip(), _normal(str(name))) for key, name in pairs]
    _refuse_two_names(classes, path)
    return ClassNames(classes)


def _is_key(key: str | None, of_open_images: bool) -> bool:
    found = (key or "").strip()
    return is_mid(found) if of_open_images else found != ""


def _read_rows(spark: SparkSession, path: str) -> list[_Pair]:
    first = next(iter(text_lines(spark, path, 1)), "")
    if _SYNSET.fullmatch(first):
        lines = text_lines(spark, path, _MOST_SYNSETS)
        return [(key, name or None) for key, _, name in (line.partition(" ") for line in lines)]
    schema = StructType([StructField("mid", StringType()), StructField("name", StringType())])
    # Bounded by the number of classes: 601 are boxable, 20,638 exist in all.
    rows = spark.read.csv(path, schema=schema, escape='"', sep=separator_of(first)).collect()
    return [(row["mid"], row["name"]) for row in rows]


def _without_header(pairs: list[_Pair]) -> list[_Pair]:
    if not pairs:
        return pairs
    key, name = (_word(cell) for cell in pairs[0])
    if key in _KEYS and name in _NAMES:
        return pairs[1:]
    if key in _NAMES and name in _KEYS:
        return [(second, first) for first, second in pairs[1:]]
    if any(is_mid((one or "").strip()) for one, _ in pairs) and not key.startswith("/"):
        return pairs[1:]
    return pairs


def _read_json(files: FileSystem, path: str) -> list[_Pair]:
    try:
        content = json.loads(files.read_text(path))
    except ValueError as error:
        raise SourceError(f"class names {path}: expected JSON; {error}") from error
    if isinstance(content, dict):
        return [(str(key), _text(name)) for key, name in content.items()]
    if isinstance(content, list) and all(isinstance(one, str) for one in content):
        return [(str(number), name) for number, name in enumerate(content)]
    if isinstance(content, list) and all(isinstance(one, dict) for one in content):
        return [(_cell(one, _KEYS), _cell(one, _NAMES)) for one in content]
    raise SourceError(
        f'class names {path}: expected an object such as {{"0": "cat"}}, a list of names, or a '
        'list of objects such as {"id": 0, "name": "cat"}'
    )


def _cell(row: dict[str, object], words: Sequence[str]) -> str | None:
    by_word = {_word(name): value for name, value in row.items()}
    return next((_text(by_word[word]) for word in words if word in by_word), None)


def _text(value: object) -> str | None:
    return None if value is None or isinstance(value, dict | list) else str(value)


def _word(cell: str | None) -> str:
    return (cell or "").strip().casefold().replace("_", "").replace(" ", "").replace("-", "")


def _normal(name: str) -> str:
    return unicodedata.normalize("NFC", name.strip())


def _refuse_two_names(classes: Sequence[LabelClass], path: str) -> None:
    names: dict[str, str] = {}
    for one in classes:
        if names.setdefault(one.mid, one.name) != one.name:
            raise SourceError(
                f"class names {path}: {one.mid} is called both {names[one.mid]} and {one.name}; "
                "delete one of the rows"
            )
