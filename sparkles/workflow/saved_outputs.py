"""The outputs of ``prepare``, ``explore`` and ``explain`` as objects for notebooks."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from sparkles.choices import Split
from sparkles.columns import ERROR, IMAGE_ID, OVERLAY
from sparkles.pages.thumbnails import jpeg_uri
from sparkles.run_files import LedgerFile, RunNote
from sparkles.spark.filesystem import FileSystem
from sparkles.spark.progress import in_notebook
from sparkles.spark.session import running_session
from sparkles.workflow.run_display import html_table, show_page

__all__ = [
    "SavedDataset",
    "SavedExplanations",
    "SavedExploration",
    "load_dataset",
    "load_explanations",
    "load_exploration",
]

_SHOWN_CLASSES, _SHOWN_OVERLAYS = 20, 6


@dataclass(frozen=True, repr=False)
class SavedDataset:
    """What :func:`sparkles.prepare` wrote; notebooks display the rows by class and part.

    Attributes
    ----------
    folder
        The folder.
    ledger
        The content of ``ledger.json``.
    """

    folder: str
    ledger: LedgerFile
    _spark: SparkSession

    def table(self) -> DataFrame:
        """Read the dataset: ``image_id``, ``label``, ``split`` and ``uri``."""
        return self._spark.read.parquet(f"{self.folder}/dataset")

    def rejected(self) -> DataFrame:
        """Read images without a photo: ``image_id``, ``uri``, ``reason`` and ``error``."""
        return self._spark.read.parquet(f"{self.folder}/rejected")

    def __repr__(self) -> str:
        """Show the folder, and the rows of each part."""
        parts = (f"{sum(counts.values()):,} {part}" for part, counts in self._splits().items())
        return f"SavedDataset({self.folder}: {', '.join(parts)} rows)"

    def _splits(self) -> dict[str, dict[str, int]]:
        splits = self.ledger["splits"]
        return {str(part): splits[part] for part in Split if part in splits}

    def _repr_html_(self) -> str:
        splits = self._splits()
        classes = list(dict.fromkeys(name for counts in splits.values() for name in counts))
        rows = [
            [name, *(f"{counts.get(name, 0):,}" for counts in splits.values())]
            for name in classes[:_SHOWN_CLASSES]
        ]
        return f"<p><code>{escape(self.folder)}</code></p>{html_table(['class', *splits], rows)}"


@dataclass(frozen=True, repr=False)
class SavedExploration:
    """What :func:`sparkles.explore` wrote; notebooks display the most frequent classes.

    Attributes
    ----------
    folder
        The folder.
    facts
        The content of ``explore.json``.
    """

    folder: str
    facts: dict[str, Any]
    _spark: SparkSession

    def photos(self) -> DataFrame:
        """Read what the header of each photo holds, or why it cannot be read."""
        return self._spark.read.parquet(f"{self.folder}/photos")

    def page(self) -> str:
        """Return the path of the page."""
        return f"{self.folder}/explore.html"

    def show(self) -> None:
        """Show the page in a notebook; elsewhere print its path."""
        page = FileSystem(self._spark).read_text(self.page()) if in_notebook() else None
        show_page(page, f"{self!r}\npage: {self.page()}")

    def __repr__(self) -> str:
        """Show the folder, and how many classes and photos there are."""
        classes, photos = self.facts["labels"]["classes"], self.facts["photos"]
        found = f", {photos['readable']:,} readable photos" if photos else ""
        rows = self.facts["labels"]["rows"]["read"]
        return (
            f"SavedExploration({self.folder}: {rows:,} label rows of {classes['named']:,} classes"
            f"{found})"
        )

    def _repr_html_(self) -> str:
        rows = [
            [one["name"], f"{one['positive']:,}", f"{one['negative']:,}"]
            for one in self.facts["classes"][:_SHOWN_CLASSES]
        ]
        table = html_table(["class", "positive images", "negative images"], rows)
        return f"<p>{escape(repr(self))}; <code>show()</code> opens the page</p>{table}"


@dataclass(frozen=True, repr=False)
class SavedExplanations:
    """What :func:`sparkles.explain` wrote; notebooks display the first overlays.

    Attributes
    ----------
    folder
        The folder; ``overlays/`` has a JPEG for each photo.
    run
        The content of ``run.json``.
    """

    folder: str
    run: RunNote
    _spark: SparkSession

    def table(self) -> DataFrame:
        """Read the explanations: predictions, maps, overlays' paths, or why there are none."""
        return self._spark.read.parquet(f"{self.folder}/explanations")

    def show(self, limit: int = _SHOWN_OVERLAYS) -> None:
        """Show overlays in a notebook, by image id; elsewhere print their folder.

        Parameters
        ----------
        limit
            The most overlays to show.
        """
        page = self._gallery(limit) if in_notebook() else None
        show_page(page, f"{self!r}\noverlays: {self.folder}/overlays")

    def __repr__(self) -> str:
        """Show the folder, and how many photos were explained."""
        return f"SavedExplanations({self.folder}: {self.run.get('explained', 0):,} photos)"

    def _repr_html_(self) -> str:
        return f"<p>{escape(repr(self))}</p>{self._gallery(_SHOWN_OVERLAYS)}"

    def _gallery(self, limit: int) -> str:
        if not FileSystem(self._spark).exists(f"{self.folder}/explanations"):
            return ""
        good = self.table().where(F.col(ERROR).isNull()).orderBy(IMAGE_ID).limit(limit)
        files = FileSystem(self._spark)
        figures = []
        # The table may be from somebody else: it names files of its own folder only.
        named = F.col(OVERLAY).rlike(r"^overlays/") & ~F.col(OVERLAY).rlike(r"(^|/)\.\.(/|$)")
        for row in good.where(named).select(IMAGE_ID, "explained_label", OVERLAY).collect():
            overlay = jpeg_uri(files.read_bytes(f"{self.folder}/{row[OVERLAY]}"))
            caption = escape(f"{row[IMAGE_ID]}: {row['explained_label']}")
            figures.append(
                '<figure style="display:inline-block;margin:4px">'
                f'<img width="240" alt="{caption}" src="{overlay}">'
                f"<figcaption>{caption}</figcaption></figure>"
            )
        return "".join(figures)


def load_dataset(folder: str, spark: SparkSession | None = None) -> SavedDataset:
    """Load what ``prepare`` wrote."""
    session = running_session(spark)
    return SavedDataset(folder, FileSystem(session).read_json(f"{folder}/ledger.json"), session)


def load_exploration(folder: str, spark: SparkSession | None = None) -> SavedExploration:
    """Load what ``explore`` wrote."""
    session = running_session(spark)
    facts = FileSystem(session).read_json(f"{folder}/explore.json")
    return SavedExploration(folder, facts, session)


def load_explanations(folder: str, spark: SparkSession | None = None) -> SavedExplanations:
    """Load what ``explain`` wrote."""
    session = running_session(spark)
    return SavedExplanations(folder, FileSystem(session).read_json(f"{folder}/run.json"), session)
