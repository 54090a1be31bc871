"""Tables in files of any common format: CSV, TSV, Parquet and JSON lines."""

from __future__ import annotations

import json
from collections.abc import Sequence

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import (
    DataType,
    DoubleType,
    FloatType,
    StringType,
    StructField,
    StructType,
)

from sparkles.errors import SourceError
from sparkles.sources.csv_file import check_exists, header_cells
from sparkles.sources.label_columns import refuse_repeated
from sparkles.spark.java_errors import cause_of

__all__ = ["as_text", "read_table", "separator_of", "text_lines"]

_COMPRESSED = (".gz", ".bz2")
_JSON = (".jsonl", ".ndjson", ".json")
_TABS = (".tsv", ".tab")
_OTHERS = (".xlsx", ".xls", ".ods", ".zip", ".feather", ".arrow", ".pkl", ".npz", ".h5", ".xml")
_CORRUPT = "_corrupt_record"
_WHOLE = 2.0**53  # below it, every whole number is exact as a double


def read_table(
    spark: SparkSession, path: str, what: str, *, whole_lines: Sequence[str] = ()
) -> DataFrame:
    """Read a table, in the format that its name and its first line show.

    Parameters
    ----------
    path
        ``.parquet``, ``.jsonl``, ``.ndjson`` or ``.json`` (an object for each row), ``.tsv`` or
        ``.tab``; else CSV, with tabs or semicolons between the cells if the header has them. CSV
        and JSON may be compressed (``.gz``, ``.bz2``). Local or by URI; also a folder of such
        files, if the folder's name has the suffix.
    what
        What the table is, for error messages, for example ``labels``.
    whole_lines
        A CSV file with all these columns is known to have no line breaks inside its cells, and is
        read without looking for them.

    Returns
    -------
    DataFrame
        All columns. Those of CSV and JSON are strings, except for JSON's lists and objects.

    Raises
    ------
    SourceError
        If the file does not exist, is in another format, has a column twice, or cannot be read
        as a table.
    """
    check_exists(spark, path, what)
    name = path.rstrip("/").lower()
    if name.endswith(_OTHERS):
        raise SourceError(
            f"{what} {path}: expected CSV, TSV, Parquet or JSON lines, got a file of another kind; "
            "save the table as .csv or .parquet"
        )
    for suffix in _COMPRESSED:
        name = name.removesuffix(suffix)
    try:
        if name.endswith(".parquet"):
            table = spark.read.parquet(path)
        elif name.endswith(_JSON):
            table = _read_json(spark, path, what)
        else:
            table = _read_csv(spark, path, what, tabs=name.endswith(_TABS), known=whole_lines)
    except (PySparkException, Py4JJavaError) as error:
        raise SourceError(f"{what} {path} cannot be read: {cause_of(error)}") from error
    refuse_repeated(table.columns, f"{what} {path}")
    return table


def _read_json(spark: SparkSession, path: str, what: str) -> DataFrame:
    first = next(iter(text_lines(spark, path, 1)), "")
    # An object that is spread over lines begins with a line that is no object by itself.
    spread = not _is_json(first)
    table = spark.read.json(path, primitivesAsString=True, multiLine=spread)
    if not table.columns or table.columns == [_CORRUPT]:
        raise SourceError(
            f"{what} {path}: expected an object in each line, such as "
            f'{{"file": "a.jpg", "label": "cat"}}; the first line is {first[:200] or "(empty)"!r}'
        )
    return table.drop(_CORRUPT)


def _is_json(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict | list)
    except ValueError:
        return False


def _read_csv(
    spark: SparkSession, path: str, what: str, *, tabs: bool, known: Sequence[str]
) -> DataFrame:
    line = next(iter(text_lines(spark, path, 1)), "")
    between = "\t" if tabs else separator_of(line)
    header = header_cells(line, between)
    refuse_repeated(header, f"{what} {path}")
    folded = {name.casefold() for name in header}
    checked = not known or not folded.issuperset(name.casefold() for name in known)
    broken = checked and _has_line_breaks(spark, path, what)
    # Names as they stand would be ambiguous where some are empty.
    fields = [StructField(f"c{place}", StringType()) for place in range(len(header))]
    if not fields:
        raise SourceError(f"{what} {path}: expected a table with a header, got an empty file")
    table = spark.read.csv(
        path, schema=StructType(fields), header=True, mode="PERMISSIVE",
        # Quotes are doubled inside quotes (RFC 4180); Spark's own escape is the backslash.
        sep=between, escape='"', multiLine=broken,
    )  # fmt: skip
    named = [(place, name) for place, name in enumerate(header) if name]
    return table.select(*[F.col(f"c{place}").alias(name) for place, name in named])


def as_text(column: str, kind: DataType) -> Column:
    """Return a column as text; whole numbers have no point, even if stored as floats."""
    value = F.col(column)
    if not isinstance(kind, FloatType | DoubleType):
        return value.cast(StringType())
    whole = (F.abs(value) < _WHOLE) & (value == F.floor(value))
    number = F.when(F.isnan(value), None)  # pandas' null
    return number.when(whole, value.cast("long").cast(StringType())).otherwise(value.cast("string"))


def separator_of(header: str) -> str:
    r"""Return what stands between the cells of a header: a tab, a comma or a semicolon.

    Examples
    --------
    >>> separator_of("file;label"), separator_of("file,label;text"), separator_of("file\tlabel")
    (';', ',', '\t')
    """
    if "\t" in header:
        return "\t"
    return ";" if ";" in header and "," not in header else ","


def text_lines(spark: SparkSession, path: str, most: int) -> list[str]:
    """Return the first lines of a text file that are not empty; it may be compressed."""
    lines = spark.read.text(path).where(F.trim("value") != "").limit(most).collect()
    return [str(row[0]) for row in lines]


def _has_line_breaks(spark: SparkSession, path: str, what: str) -> bool:
    """Return whether cells of a CSV file contain line breaks, which costs a pass over its text.

    Raises
    ------
    SourceError
        If quotation marks do not pair up, or the text is not UTF-8.
    """
    schema = StructType([StructField("line", StringType())])
    # Spark's CSV reader, told to split nothing, decodes the text; spark.read.text does not.
    lines = spark.read.csv(path, schema=schema, sep="\x01", quote="", escape="")
    line = F.col("line")
    quotes = F.length(line) - F.length(F.regexp_replace(line, '"', ""))
    odd, foreign = quotes % 2 == 1, line.contains("\ufffd")
    found = lines.agg(
        F.sum(odd.cast("long")).alias("odd"),
        F.first(F.when(odd, line), ignorenulls=True).alias("unpaired"),
        F.first(F.when(foreign, line), ignorenulls=True).alias("foreign"),
    ).collect()[0]
    if found["foreign"] is not None:
        raise SourceError(
            f"{what} {path}: expected UTF-8, got other bytes in the line "
            f"{found['foreign'][:200]!r}; save the table as UTF-8"
        )
    if (found["odd"] or 0) % 2:
        raise SourceError(
            f"{what} {path}: a quotation mark is opened and not closed, for example in the line "
            f"{found['unpaired'][:200]!r}; put the cell in quotation marks and double those in it"
        )
    return bool(found["odd"])
