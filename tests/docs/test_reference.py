"""The Python reference has every public name, and no other."""

from __future__ import annotations

import re
from importlib import import_module

import pytest

from tests.conftest import REPOSITORY

API = REPOSITORY / "docs" / "api"
PAGES = {path.name: path.read_text(encoding="utf-8") for path in sorted(API.glob("*.md"))}
# The table of the first page says which packages are public, and where each is described.
PUBLIC = dict(re.findall(r"^\| \[`([\w.]+)`\]\((\w+\.md)\)", PAGES["index.md"], re.MULTILINE))


def entries(text: str) -> list[str]:
    return re.findall(r"^::: ([\w.]+)$", text, re.MULTILINE)


DESCRIBED = {entry: page for page, text in PAGES.items() for entry in entries(text)}


def object_named(entry: str) -> object:
    """Return the object of an entry that is exported by the package that it names."""
    package, _, name = entry.rpartition(".")
    module = import_module(package)
    assert name in module.__all__, f"{entry} is described, but not in __all__ of {package}"
    found: object = getattr(module, name)
    return found


def test_every_page_is_of_a_public_package() -> None:
    assert set(PUBLIC.values()) == PAGES.keys() - {"index.md"}


@pytest.mark.parametrize("package", PUBLIC)
def test_every_public_name_is_described(package: str) -> None:
    if package in DESCRIBED:  # as a whole: mkdocstrings follows its __all__
        return
    described = {id(object_named(entry)) for entry in DESCRIBED if entry not in PUBLIC}
    module, text = import_module(package), PAGES[PUBLIC[package]]
    missing = [
        name
        for name in module.__all__
        if id(getattr(module, name)) not in described and f"`{package}.{name}`" not in text
    ]
    assert not missing, f"docs/api/{PUBLIC[package]} lacks {', '.join(missing)}"


@pytest.mark.parametrize("entry", DESCRIBED)
def test_every_described_name_is_public(entry: str) -> None:
    assert entry in PUBLIC or object_named(entry) is not None


def test_no_name_is_described_twice() -> None:
    named = [entry for text in PAGES.values() for entry in entries(text)]
    assert len(named) == len(set(named))
