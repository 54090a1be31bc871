"""A digest of everything that decides what a network is: the name that the cache finds it by."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from hashlib import file_digest, sha256
from pathlib import Path

from sparkles.version import package_versions

__all__ = ["code_digest", "digest_recipe"]


def digest_recipe(ingredients: Mapping[str, object], packages: tuple[str, ...]) -> str:
    """Return a digest of a network's ingredients, of this code and of the packages' versions.

    Parameters
    ----------
    ingredients
        What the network is made from, as JSON can hold it.
    packages
        Names of the packages that make the network; another version is another recipe.

    Returns
    -------
    str
        SHA-256 in hex. Equal recipes give equal networks.
    """
    recipe = {
        **ingredients,
        "code": code_digest(),
        "versions": package_versions(packages),
    }
    return sha256(json.dumps(recipe, sort_keys=True).encode()).hexdigest()


@functools.cache
def code_digest() -> str:
    """Return the SHA-256 of the code that makes networks: a change of it empties every cache."""
    digest = sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        with path.open("rb") as file:
            digest.update(file_digest(file, "sha256").digest())
    return digest.hexdigest()
