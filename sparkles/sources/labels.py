"""Label tables: as Open Images writes them, or any table with a photo and a class in each row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import (
    ArrayType,
    BinaryType,
    MapType,
    StringType,
    StructField,
    StructType,
)

from sparkles.columns import CONFIDENCE, IMAGE_ID, MID, SOURCE, SPLIT
from sparkles.errors import SourceError
from sparkles.settings import LabelPolicy, LabelTableSettings
from sparkles.sources.label_columns import find_label_columns
from sparkles.sources.layouts import refuse_other_labels
from sparkles.sources.table_file import as_text, read_table

if TYPE_CHECKING:
    import pandas as pd

    LabelTable = DataFrame | pd.DataFrame

__all__ = ["labels_from_table", "read_labels"]

# The columns of Open Images' tables, which have up to 60 million rows and no quoted line breaks.
_OPEN_IMAGES = ("ImageID", "LabelName", "Confidence")
_OF_DATAFRAME = "labels"


def read_labels(
    spark: SparkSession,
    path: str,
    columns: LabelTableSettings | None = None,
    *,
    needs_class: bool = True,
) -> DataFrame:
    """Read a label table from a file.

    Parameters
    ----------
    path
        CSV, TSV, Parquet or JSON lines, local or by URI; see
        :func:`~sparkles.sources.table_file.read_table`. Columns are found by their names, see
        :func:`~sparkles.sources.label_columns.find_label_columns`; others are ignored.
    columns
        Settings that name columns.
    needs_class
        Whether the table must have a column of classes.

    Returns
    -------
    DataFrame
        See :func:`labels_from_table`.

    Raises
    ------
    SourceError
        If the file does not exist, is no such table or that of another tool, or lacks a column.
    """
    refuse_other_labels(path)
    table = read_table(spark, path, "labels", whole_lines=_OPEN_IMAGES)
    return _to_labels(table, f"labels {path}", columns, needs_class=needs_class)


def labels_from_table(
    spark: SparkSession,
    table: LabelTable,
    columns: LabelTableSettings | None = None,
    *,
    needs_class: bool = True,
) -> DataFrame:
    """Take labels from a DataFrame of Spark or pandas.

    Parameters
    ----------
    table
        A photo and its class in each row, in columns as of a file.
    columns
        Settings that name columns.
    needs_class
        Whether the table must have a column of classes.

    Returns
    -------
    DataFrame
        ``image_id`` string (whatever names the photo), ``source`` string, ``mid`` string (the
        class as it stands there), ``confidence`` double (1 = verified present, 0 = verified
        absent), and ``split`` string where the table has such a column. Cells that do not parse
        are null. Without a column, the confidence is 1 and the source null.

    Raises
    ------
    SourceError
        If a column is missing, or several may be the class.

    Examples
    --------
    >>> from sparkles.spark.session import build_session
    >>> spark = build_session()
    >>> table = spark.sql("SELECT 'a.jpg' AS file, 'cat' AS species")
    >>> [tuple(row) for row in labels_from_table(spark, table).collect()]
    [('a.jpg', None, 'cat', 1.0)]
    """
    if not isinstance(table, DataFrame):
        table = _from_pandas(spark, table, columns or LabelTableSettings(), needs_class)
    return _to_labels(table, _OF_DATAFRAME, columns, needs_class=needs_class)


def _to_labels(
    table: DataFrame, what: str, columns: LabelTableSettings | None, *, needs_class: bool
) -> DataFrame:
    asked = columns or LabelTableSettings()
    found = find_label_columns(table.columns, what, asked, needs_class=needs_class)
    if isinstance(asked, LabelPolicy) and asked.sources and found.source is None:
        raise SourceError(
            f"{what}: sources chooses labels by their column Source, and there is none",
            settings=["sources"],
        )
    kinds = dict(zip(table.columns, table.schema.fields, strict=True))
    # By place, because a name may have dots or quotes in it.
    placed = table.toDF(*[f"c{place}" for place in range(len(table.columns))])

    def place_of(name: str) -> str:
        kind = kinds[name].dataType
        if isinstance(kind, ArrayType | MapType | StructType | BinaryType):
            raise SourceError(
                f"{what}: expected text or numbers in the column {name}, got "
                f"{kind.simpleString()[:80]}; make a row of each photo and class"
            )
        return f"c{table.columns.index(name)}"

    def text(name: str | None) -> Column:
        if name is None:
            return F.lit(None).cast(StringType())
        return F.trim(as_text(place_of(name), kinds[name].dataType))

    sure = F.lit(1.0)
    if found.confidence is not None:
        place = place_of(found.confidence)
        # Spark 4's cast refuses a cell that is no number; Java's numbers end also in d, f and NaN.
        sure = F.expr(f"try_cast({place} AS double)")
        if isinstance(kinds[found.confidence].dataType, StringType):
            last = F.substring(F.rtrim(F.col(place)), -1, 1)
            sure = F.when(last.between(".", "9"), sure)
    return placed.select(
        text(found.photo).alias(IMAGE_ID),
        text(found.source).alias(SOURCE),
        text(found.label).alias(MID),
        sure.alias(CONFIDENCE),
        *([] if found.split is None else [text(found.split).alias(SPLIT)]),
    )


def _from_pandas(
    spark: SparkSession, table: pd.DataFrame, asked: LabelTableSettings, needs_class: bool
) -> DataFrame:
    """Turn the columns that labels need into a DataFrame of strings."""
    import pandas as pd

    names = [str(name) for name in table.columns]
    found = find_label_columns(names, _OF_DATAFRAME, asked, needs_class=needs_class)
    wanted = dict.fromkeys(
        name
        for name in (found.photo, found.label, found.split, found.confidence, found.source)
        if name is not None
    )
    cells = {name: _texts(table.iloc[:, names.index(name)]) for name in wanted}
    schema = StructType([StructField(name, StringType()) for name in wanted])
    return spark.createDataFrame(pd.DataFrame(cells, dtype=object), schema)


def _texts(column: pd.Series[Any]) -> list[str | None]:
    """Return the cells as text, null where pandas has none."""
    return [
        None if missing else _text_of(value)
        for value, missing in zip(column.tolist(), column.isna().tolist(), strict=True)
    ]


def _text_of(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
