"""Estimates of a job's hours and dollars, part by part, with the assumptions behind them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sparkles.choices import Precision
from sparkles.emr.cost.catalog import Instance, find_instance, instances
from sparkles.emr.cost.sizing import Sizing, size
from sparkles.emr.cost.tables import price_table, throughput_table
from sparkles.emr.cost.throughput import Pilot, Rate, find_rate
from sparkles.errors import SettingsError

__all__ = ["Estimate", "Job", "compare", "describe", "estimate", "recommend"]

_START_MINUTES = 8.0  # instances, bootstrap with a cold archive, applications
_NETWORK_MINUTES = {"f32": 0.6, "bf16": 0.6, "int8": 1.5}  # conversion; int8 also calibrates
_REST_MINUTES = 3.0  # the join, the logistic regression, metrics
_NODE_GB = 104  # root volume of 40 GB and data volume of 64 GB, as in emr/*.json
_HOURS_PER_MONTH = 730
_MINIMUM_HOURS = 1 / 60


@dataclass(frozen=True)
class Job:
    """The work to estimate.

    Attributes
    ----------
    images
        The number of photos that go through the network.
    network, precision
        The network, and the number format that it computes in.
    pilot
        A measurement of this network. Without one, the table of rates is used.
    spot
        How many of the executor nodes are Spot instances.
    master
        The master's instance type.
    """

    images: int
    network: str = "InceptionV3"
    precision: Precision = Precision.AUTO
    pilot: Pilot | None = None
    spot: int = 0
    master: str = "m4.xlarge"

    def __post_init__(self) -> None:
        if self.images < 1:
            raise SettingsError(f"images: expected 1 or more, got {self.images}")


@dataclass(frozen=True)
class Estimate:
    """The time and money that a job needs on given nodes.

    Attributes
    ----------
    job, sizing, rate
        The inputs of the calculation.
    minutes, dollars
        Time and cost of each part.
    assumptions
        The inputs that are neither measured nor published prices.
    """

    job: Job
    sizing: Sizing
    rate: Rate
    minutes: dict[str, float]
    dollars: dict[str, float]
    assumptions: list[str] = field(default_factory=list)

    @property
    def hours(self) -> float:
        """Hours from the launch request to the end of the job."""
        return sum(self.minutes.values()) / 60

    @property
    def total(self) -> float:
        """Total cost in dollars."""
        return sum(self.dollars.values())

    @property
    def per_1000(self) -> float:
        """Dollars per thousand photos."""
        return 1000 * self.total / self.job.images


def estimate(job: Job, instance: Instance, count: int) -> Estimate:
    """Estimate a job's hours and dollars.

    Each group of nodes costs number x hours x (EC2 or Spot price + EMR fee + EBS); S3 requests
    are added. AWS bills by the second, for at least a minute. The fee has no Spot discount.

    Raises
    ------
    SettingsError
        If no rate is known for this instance type, network and precision, or no executor fits.

    Examples
    --------
    >>> from sparkles.emr.cost.catalog import find_instance
    >>> known = estimate(Job(images=41_620), find_instance("m7i.4xlarge"), 3)
    >>> round(known.hours, 1), round(known.total, 2), round(known.per_1000, 4)
    (0.2, 0.7, 0.0169)
    """
    if not 0 <= job.spot <= count:
        raise SettingsError(f"spot: expected 0 to {count}, the number of nodes, got {job.spot}")
    rate = find_rate(instance, job.network, job.precision, job.pilot)
    if rate is None:
        raise SettingsError(
            f"no rate is known for {job.network} in {job.precision} on {instance.name}: "
            f"{_why_unknown(instance)}"
        )
    sizing = size(instance, count, job.pilot.worker_mb if job.pilot else None)
    minutes = _minutes(job, sizing, rate)
    hours = max(sum(minutes.values()) / 60, _MINIMUM_HOURS)
    dollars = _dollars(job, instance, count, hours)
    return Estimate(job, sizing, rate, minutes, dollars, _assumptions(job, instance, rate))


def compare(job: Job, count: int, names: Iterable[str] | None = None) -> list[Estimate]:
    """Estimate the job on every instance type that can run it, the cheapest first."""
    found = []
    for name in names or instances():
        instance = find_instance(name)
        try:
            found.append(estimate(job, instance, count))
        except SettingsError:
            if names is not None:
                raise
    return sorted(found, key=lambda each: each.total)


def recommend(estimates: list[Estimate]) -> Estimate:
    """Return the estimate with the smallest product of hours and dollars."""
    return min(estimates, key=lambda each: each.hours * each.total)


def _minutes(job: Job, sizing: Sizing, rate: Rate) -> dict[str, float]:
    cores = sizing.executors * sizing.cores
    efficiency = throughput_table()["efficiency_across_cores"]
    return {
        "start and bootstrap": _START_MINUTES,
        "network": _NETWORK_MINUTES[rate.precision],
        "featurize": job.images / (rate.per_vcpu * cores * efficiency) / 60,
        "join, train, evaluate": _REST_MINUTES,
    }


def _dollars(job: Job, instance: Instance, count: int, hours: float) -> dict[str, float]:
    prices = price_table()
    master = find_instance(job.master)
    disk = _NODE_GB * prices["ebs_gb_month"] / _HOURS_PER_MONTH
    spot_price = instance.ec2 * prices["assumed_spot_price"]
    ec2 = (count - job.spot) * instance.ec2 + job.spot * spot_price
    return {
        "master": hours * (master.ec2 + master.emr),
        "nodes": hours * ec2,
        "EMR fee": hours * count * instance.emr,
        "EBS": hours * (count + 1) * disk,
        "S3 requests": job.images / 1000 * prices["s3_get_per_1000"],
    }


def _assumptions(job: Job, instance: Instance, rate: Rate) -> list[str]:
    prices = price_table()
    assumed = [
        f"start and bootstrap {_START_MINUTES:g} min, join, training and metrics "
        f"{_REST_MINUTES:g} min",
        "with many cores, each reaches nine tenths of the rate measured with two",
    ]
    if rate.basis != "pilot":
        assumed.append(f"rate of {rate.precision} on {instance.cpu}: {rate.basis}")
    if instance.emr_assumed:
        share = prices["assumed_emr_fee"]
        assumed.append(f"EMR fee of {instance.name}: {share:.0%} of the EC2 price")
    if job.spot:
        assumed.append(f"Spot price: {prices['assumed_spot_price']:.0%} of the on-demand price")
    return assumed


def _why_unknown(instance: Instance) -> str:
    if instance.gpu:
        return f"its {instance.gpu} was not measured; run a job of a thousand photos on one"
    return "bf16 needs AMX (m7i, r7i, c7i); use precision f32 or int8"


def describe(estimates: list[Estimate]) -> str:
    """Format a table of estimates, the parts of the recommended one, and its assumptions."""
    chosen, prices = recommend(estimates), price_table()
    job = chosen.job
    lines = [
        f"{job.images:,} photos through {job.network}; prices of {prices['as_of']}, "
        f"{prices['region']}, on demand",
        "",
        f"  {'type':<13}{'nodes':>6}{'cores':>7}{'in':>6}{'photos/s':>10}{'hours':>8}{'$':>9}"
        f"{'$/1,000':>10}  rate",
    ]
    for each in estimates:
        cores = each.sizing.executors * each.sizing.cores
        speed = job.images / each.minutes["featurize"] / 60
        lines.append(
            f"  {each.sizing.instance.name:<13}{each.sizing.count:>6}{cores:>7}"
            f"{each.rate.precision:>6}{speed:>10,.0f}{each.hours:>8.2f}{each.total:>9.2f}"
            f"{each.per_1000:>10.4f}  {each.rate.basis}"
        )
    if len(estimates) > 1:
        lines += ["", f"recommended, by hours x dollars: {chosen.sizing.instance.name}"]
    lines += ["", f"{chosen.sizing.instance.name}, part by part:"]
    lines += [f"  {name:<22}{value:>8.1f} min" for name, value in chosen.minutes.items()]
    lines += [f"  {name:<22}{value:>8.3f} $" for name, value in chosen.dollars.items()]
    lines += ["", "assumed:"] + [f"  {each}" for each in chosen.assumptions]
    return "\n".join(lines)
