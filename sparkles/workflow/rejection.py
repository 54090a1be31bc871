"""How many photos may be rejected: a warning while they are read, and the end of the run."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pyspark import Accumulator
from pyspark.sql import functions as F

from sparkles.choices import Reason
from sparkles.columns import ERROR, IMAGE_ID, REASON
from sparkles.errors import RejectedError
from sparkles.run_files import LedgerFile
from sparkles.settings import RunSettings
from sparkles.settings.run import RejectionPolicy
from sparkles.spark.drafts import keep
from sparkles.spark.progress import meanwhile
from sparkles.workflow.featurized import Featurized
from sparkles.workflow.run import Run

__all__ = ["RejectionLimit", "check_rejected", "warning_of_rejected"]

_SHARE, _FEW = 0.05, 20
_POLL = 2.0  # seconds


@dataclass(frozen=True)
class RejectionLimit:
    """How many photos may be rejected, of those that were found.

    An image without a photo does not count: labels often name more images than there are photos.

    Attributes
    ----------
    share
        The share that may be rejected; if None, 5 %, or 20 photos if these are more.

    Examples
    --------
    >>> RejectionLimit(0.05).exceeded(6, 100), RejectionLimit(0.05).exceeded(5, 100)
    (True, False)
    >>> RejectionLimit().exceeded(20, 20), RejectionLimit().exceeded(21, 100)
    (False, True)
    """

    share: float | None = None

    @classmethod
    def of(cls, settings: RunSettings) -> RejectionLimit:
        """Return the limit of a command; one without such a setting has none."""
        return cls(settings.max_rejected if isinstance(settings, RejectionPolicy) else 1.0)

    def exceeded(self, rejected: int, found: int) -> bool:
        """Whether more photos are rejected than may be."""
        if self.share is None:
            return rejected > max(_SHARE * found, _FEW)
        return rejected > self.share * found

    def __str__(self) -> str:
        return f"{100 * (_SHARE if self.share is None else self.share):.4g} %"


@contextmanager
def warning_of_rejected(run: Run, done: Accumulator[int]) -> Iterator[Accumulator[int]]:
    """Warn once while a block puts photos through the network, if too many are rejected.

    Parameters
    ----------
    done
        Counts the photos that are done.

    Yields
    ------
    pyspark.Accumulator
        Workers add the photos rejected, except those that are missing.
    """
    rejected = run.spark.sparkContext.accumulator(0)
    with meanwhile(_watch, run, done, rejected):
        yield rejected


def _watch(run: Run, done: Any, rejected: Any, ended: threading.Event) -> None:
    limit = RejectionLimit.of(run.settings)
    while not ended.wait(_POLL):
        bad, seen = rejected.value, done.value
        if limit.exceeded(bad, seen):
            run.stages.say(
                f"      warning: {bad:,} of {seen:,} photos so far are rejected, more than "
                f"{limit}; if it stays so, the run ends after this stage"
            )
            return


def check_rejected(
    run: Run, featurized: Featurized, ledger: LedgerFile | None = None, *, some_needed: bool = False
) -> None:
    """End a run that rejected too many photos, and keep what it has.

    Parameters
    ----------
    ledger
        Is kept too.
    some_needed
        Whether the run also ends if every photo that was found is rejected, however few.

    Raises
    ------
    RejectedError
        With the reasons, and the folder next to the output where the features, the rejected
        photos and the ledger are.
    """
    reasons = {name: n for name, n in featurized.reasons.items() if name != Reason.NO_PHOTO}
    rejected = sum(reasons.values())
    found, limit = featurized.featurized + rejected, RejectionLimit.of(run.settings)
    if some_needed and rejected == found > 0:
        what = f"none of the {found:,} photos that were found gives features"
        remedy, settings = "mend these photos", []
    elif limit.exceeded(rejected, found):
        share = f"{100 * rejected / found:.1f} %"
        what = f"{rejected:,} of {found:,} photos ({share}) are rejected, more than {limit}"
        remedy, settings = "mend or remove these photos, or allow more", ["max_rejected"]
    else:
        return
    listed = ", ".join(f"{count:,} {reason}" for reason, count in reasons.items())
    example = _example(featurized)
    kept = _keep(run, featurized, ledger)
    raise RejectedError(
        f"{what}: {listed}; for example {example}. What was computed is in {kept}, with the "
        f"reasons in rejected/; {remedy}",
        settings=settings,
    )


def _example(featurized: Featurized) -> str:
    row = featurized.rejected.where(F.col(REASON) != Reason.NO_PHOTO.value).first()
    return f"{row[IMAGE_ID]}: {row[ERROR]}" if row else ""


def _keep(run: Run, featurized: Featurized, ledger: LedgerFile | None) -> str:
    """Complete the run's folder, and give it a name that no run uses as its output."""
    featurized.rejected.write.parquet(f"{run.folder}/rejected")
    run.files.rename(f"{run.folder}/_work/features", f"{run.folder}/features")
    if ledger is not None:
        run.files.write_json(f"{run.folder}/ledger.json", ledger)
    run.finish({"stopped": "too many photos are rejected", **featurized.to_note()})
    return keep(run.files, run.folder, run.files.absolute(run.settings.output).rstrip("/"))
