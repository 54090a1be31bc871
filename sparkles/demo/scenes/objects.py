"""The classes that can be drawn, with their Open Images names and machine ids."""

from __future__ import annotations

from dataclasses import dataclass

from sparkles.demo.scenes import cars, creatures, household, houses, trees, vehicles
from sparkles.demo.scenes.backdrop import Place
from sparkles.demo.scenes.variant import Variant

__all__ = ["CAR", "OBJECTS", "OTHER_CLASSES", "TREE", "DemoClass"]


@dataclass(frozen=True)
class DemoClass:
    """A class of objects.

    Attributes
    ----------
    name
        Its display name in Open Images.
    mid
        Its machine id in Open Images.
    variants
        The ways in which it can look.
    places
        The places where it is typical.
    airborne
        Whether it needs no ground under it.
    """

    name: str
    mid: str
    variants: tuple[Variant, ...]
    places: tuple[Place, ...]
    airborne: bool = False


CAR = "Car"
TREE = "Tree"

_INDOORS = (Place.ROOM, Place.STUDIO, Place.PATTERN)
_FIELDS = (Place.MEADOW, Place.SNOW, Place.DESERT, Place.ROAD)
_STREETS = (Place.ROAD, Place.TOWN, Place.DESERT, Place.SNOW, Place.MEADOW)
_SKIES = (Place.MEADOW, Place.SEA, Place.TOWN, Place.SNOW, Place.STUDIO)

_CLASSES = (
    DemoClass(CAR, "/m/0k4j", cars.CAR_VARIANTS, _STREETS),
    DemoClass(TREE, "/m/07j7r", trees.TREE_VARIANTS, (*_FIELDS, Place.TOWN)),
    DemoClass("House", "/m/03jm5", houses.HOUSE_VARIANTS, (*_FIELDS, Place.SEA)),
    DemoClass("Boat", "/m/019jd", vehicles.BOAT_VARIANTS, (Place.SEA,)),
    DemoClass("Airplane", "/m/0cmf2", vehicles.AIRPLANE_VARIANTS, _SKIES, airborne=True),
    DemoClass("Bicycle", "/m/0199g", vehicles.BICYCLE_VARIANTS, _STREETS),
    DemoClass("Balloon", "/m/01j51", vehicles.BALLOON_VARIANTS, _SKIES, airborne=True),
    DemoClass("Person", "/m/01g317", creatures.PERSON_VARIANTS, (*_STREETS, Place.ROOM)),
    DemoClass("Bird", "/m/015p6", creatures.BIRD_VARIANTS, _SKIES, airborne=True),
    DemoClass("Fish", "/m/0ch_cf", creatures.FISH_VARIANTS, (Place.SEA, *_INDOORS), airborne=True),
    DemoClass("Cat", "/m/01yrx", creatures.CAT_VARIANTS, (*_INDOORS, Place.MEADOW)),
    DemoClass("Flower", "/m/0c9ph5", household.FLOWER_VARIANTS, (Place.MEADOW, *_INDOORS)),
    DemoClass("Mushroom", "/m/052sf", household.MUSHROOM_VARIANTS, (Place.MEADOW, *_INDOORS)),
    DemoClass("Chair", "/m/01mzpv", household.CHAIR_VARIANTS, _INDOORS),
    DemoClass("Lamp", "/m/0dtln", household.LAMP_VARIANTS, _INDOORS),
    DemoClass("Coffee cup", "/m/02p5f1q", household.CUP_VARIANTS, _INDOORS),
    DemoClass("Umbrella", "/m/0hnnb", household.UMBRELLA_VARIANTS, (Place.SEA, *_STREETS)),
    DemoClass("Clock", "/m/01x3z", household.CLOCK_VARIANTS, _INDOORS, airborne=True),
)

OBJECTS: dict[str, DemoClass] = {each.name: each for each in _CLASSES}

OTHER_CLASSES: tuple[str, ...] = tuple(name for name in OBJECTS if name not in (CAR, TREE))
"""All classes except Car and Tree: the demo backbone is trained on these."""
