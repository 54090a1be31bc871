"""One view of a request's instance fleets and instance groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Group", "groups_of"]


@dataclass(frozen=True)
class Group:
    """An instance fleet or an instance group.

    Attributes
    ----------
    where
        Its path in the request.
    role
        MASTER, CORE or TASK.
    types
        Names of its instance types.
    on_demand, spot
        The requested capacity: nodes of a group, units of a fleet.
    is_fleet
        Whether it is a fleet.
    has_strategy
        Whether it sets an allocation strategy.
    spot_minutes
        The time limit for obtaining Spot instances, if it sets one.
    """

    where: str
    role: str
    types: tuple[str, ...]
    on_demand: int
    spot: int
    is_fleet: bool
    has_strategy: bool = False
    spot_minutes: int | None = None


def groups_of(instances: Mapping[str, Any]) -> list[Group]:
    """Return the fleets or groups of ``Instances``, in their order.

    Examples
    --------
    >>> group = {"InstanceRole": "CORE", "InstanceType": "r5.xlarge", "InstanceCount": 2}
    >>> groups_of({"InstanceGroups": [group]})[0].types
    ('r5.xlarge',)
    """
    fleets = [_fleet(i, each) for i, each in enumerate(instances.get("InstanceFleets", []))]
    return fleets + [_group(i, each) for i, each in enumerate(instances.get("InstanceGroups", []))]


def _fleet(index: int, fleet: Mapping[str, Any]) -> Group:
    specifications = fleet.get("LaunchSpecifications", {})
    spot = specifications.get("SpotSpecification", {})
    strategies = [each for each in specifications.values() if each.get("AllocationStrategy")]
    return Group(
        where=f"Instances.InstanceFleets[{index}]",
        role=fleet["InstanceFleetType"],
        types=tuple(each["InstanceType"] for each in fleet.get("InstanceTypeConfigs", [])),
        on_demand=fleet.get("TargetOnDemandCapacity", 0),
        spot=fleet.get("TargetSpotCapacity", 0),
        is_fleet=True,
        has_strategy=bool(strategies),
        spot_minutes=spot.get("TimeoutDurationMinutes"),
    )


def _group(index: int, group: Mapping[str, Any]) -> Group:
    is_spot = group.get("Market", "ON_DEMAND") == "SPOT"
    return Group(
        where=f"Instances.InstanceGroups[{index}]",
        role=group["InstanceRole"],
        types=(group["InstanceType"],),
        on_demand=0 if is_spot else group["InstanceCount"],
        spot=group["InstanceCount"] if is_spot else 0,
        is_fleet=False,
    )
