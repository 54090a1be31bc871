"""How many photos a second a virtual processor puts through a network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sparkles.choices import Precision
from sparkles.emr.cost.catalog import Instance, read_data
from sparkles.errors import SettingsError

__all__ = ["Pilot", "Rate", "find_rate"]

_NATIVE_BF16 = ("amx", "avx512_bf16")


@dataclass(frozen=True)
class Pilot:
    """What a pilot measured on the user's own photos.

    Attributes
    ----------
    network, precision
        What ran, and what it computed in.
    cpu
        ``avx2``, ``avx512``, ``avx512_bf16`` or ``amx``.
    per_vcpu
        Photos a second for each virtual processor, all of them busy.
    worker_mb
        Resident size of the largest Python worker in MiB.
    photos, seconds
        How many were measured, and for how long.
    """

    network: str
    precision: str
    cpu: str
    per_vcpu: float
    worker_mb: int
    photos: int
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """As a file keeps it."""
        return asdict(self)

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Pilot:
        """Read back what :meth:`to_json` gave.

        Raises
        ------
        SettingsError
            If it is no pilot.
        """
        try:
            return cls(**content)
        except TypeError as error:
            raise SettingsError(
                f"pilot: expected what `sparkles emr estimate --pilot` wrote: {error}"
            ) from error


@dataclass(frozen=True)
class Rate:
    """Photos a second for each virtual processor, and where the figure comes from."""

    precision: str
    per_vcpu: float
    basis: str


def find_rate(
    instance: Instance,
    network: str,
    precision: Precision = Precision.AUTO,
    pilot: Pilot | None = None,
) -> Rate | None:
    """The rate on an instance type.

    Parameters
    ----------
    instance
        The type.
    network
        As ``InceptionV3``, which is the one in the table; others need a pilot.
    precision
        ``auto`` is bf16 where the CPU has it natively and f32 elsewhere, as for the featurizer.
    pilot
        A measurement; for other CPUs and precisions it is scaled by the table's ratios.

    Returns
    -------
    Rate or None
        ``None`` where the type has no such precision, or nothing is known of it (GPUs).

    Raises
    ------
    SettingsError
        If the network is not in the table and there is no pilot of it.

    Examples
    --------
    >>> from sparkles.emr.cost.catalog import find_instance
    >>> find_rate(find_instance("m7i.4xlarge"), "InceptionV3")
    Rate(precision='bf16', per_vcpu=21.1, basis='trial')
    """
    data = read_data("throughput.json")
    if instance.gpu:
        return None
    table = {(row["cpu"], row["precision"]): row for row in data["rates"]}
    wanted = _resolve(precision, instance.cpu)
    row = table.get((instance.cpu, wanted))
    if pilot is None:
        if network != data["network"]:
            raise SettingsError(
                f"no rate of {network} is known; measure it with --pilot PHOTOS, or take "
                f"--model {data['network']}"
            )
        return Rate(wanted, row["per_vcpu"], row["basis"]) if row else None
    if pilot.network != network:
        raise SettingsError(f"the pilot measured {pilot.network}, not {network}; measure it anew")
    if (pilot.cpu, pilot.precision) == (instance.cpu, wanted):
        return Rate(wanted, pilot.per_vcpu, "pilot")
    here = table.get((pilot.cpu, pilot.precision))
    if row is None or here is None:
        return None
    scaled = pilot.per_vcpu * row["per_vcpu"] / here["per_vcpu"]
    return Rate(wanted, round(scaled, 2), f"pilot on {pilot.cpu} in {pilot.precision}, scaled")


def _resolve(precision: Precision, cpu: str) -> str:
    if precision is not Precision.AUTO:
        return precision.value
    return "bf16" if cpu in _NATIVE_BF16 else "f32"
