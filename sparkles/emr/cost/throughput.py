"""Rates: photos per second that one virtual processor puts through a network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sparkles.choices import Precision
from sparkles.emr.cost.catalog import Instance
from sparkles.emr.cost.tables import throughput_table
from sparkles.errors import SettingsError

__all__ = ["Pilot", "Rate", "find_rate"]

_NATIVE_BF16 = ("amx", "avx512_bf16")


@dataclass(frozen=True)
class Pilot:
    """A measurement on the user's own photos.

    Attributes
    ----------
    network, precision
        The network, and the number format that it computed in.
    cpu
        ``avx2``, ``avx512``, ``avx512_bf16`` or ``amx``.
    per_vcpu
        Photos per second and virtual processor, with all processors busy.
    worker_mb
        Resident size of the largest Python worker in MiB.
    photos, seconds
        The number of photos, and the duration.
    """

    network: str
    precision: str
    cpu: str
    per_vcpu: float
    worker_mb: int
    photos: int
    seconds: float

    def to_json(self) -> dict[str, str | float]:
        """Return the fields by name, for a JSON file."""
        return asdict(self)

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Pilot:
        """Read a pilot from the result of :meth:`to_json`.

        Raises
        ------
        SettingsError
            If the fields are not those of a pilot.
        """
        try:
            return cls(**content)
        except TypeError as error:
            raise SettingsError(
                f"pilot: expected a file that `sparkles emr estimate --save-pilot` wrote: {error}"
            ) from error


@dataclass(frozen=True)
class Rate:
    """Photos per second and virtual processor, with the origin of the number."""

    precision: str
    per_vcpu: float
    basis: str


def find_rate(
    instance: Instance,
    network: str,
    precision: Precision = Precision.AUTO,
    pilot: Pilot | None = None,
) -> Rate | None:
    """Return a network's rate on an instance type.

    Parameters
    ----------
    instance
        The instance type.
    network
        The network's name. The table contains ``InceptionV3``; other networks need a pilot.
    precision
        ``auto`` means bf16 where the CPU supports it natively and f32 elsewhere, as in the
        featurizer.
    pilot
        A measurement. For other CPUs and precisions it is scaled by the table's ratios.

    Returns
    -------
    Rate or None
        ``None`` if the type does not support the precision, or was not measured (GPUs).

    Raises
    ------
    SettingsError
        If the network is not in the table and there is no pilot for it.

    Examples
    --------
    >>> from sparkles.emr.cost.catalog import find_instance
    >>> find_rate(find_instance("m7i.4xlarge"), "InceptionV3")
    Rate(precision='bf16', per_vcpu=21.1, basis='trial')
    """
    table = throughput_table()
    if instance.gpu:
        return None
    rates = {(row["cpu"], row["precision"]): row for row in table["rates"]}
    wanted = _resolve(precision, instance.cpu)
    row = rates.get((instance.cpu, wanted))
    if pilot is None:
        if network != table["network"]:
            raise SettingsError(
                f"no rate is known for {network}; measure it with a pilot "
                f"(`sparkles emr estimate --pilot PHOTOS`), or estimate {table['network']}"
            )
        return Rate(wanted, row["per_vcpu"], row["basis"]) if row else None
    if pilot.network != network:
        raise SettingsError(
            f"the pilot measured {pilot.network}, not {network}; run a pilot with {network}"
        )
    if (pilot.cpu, pilot.precision) == (instance.cpu, wanted):
        return Rate(wanted, pilot.per_vcpu, "pilot")
    measured = rates.get((pilot.cpu, pilot.precision))
    if row is None or measured is None:
        return None
    scaled = pilot.per_vcpu * row["per_vcpu"] / measured["per_vcpu"]
    return Rate(wanted, round(scaled, 2), f"pilot on {pilot.cpu} in {pilot.precision}, scaled")


def _resolve(precision: Precision, cpu: str) -> str:
    if precision is not Precision.AUTO:
        return precision.value
    return "bf16" if cpu in _NATIVE_BF16 else "f32"
