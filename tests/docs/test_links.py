"""Every internal link in the Markdown files leads to a file and a heading that exist."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

FILES = [
    REPOSITORY / "README.md",
    REPOSITORY / "CHANGELOG.md",
    REPOSITORY / "CONTRIBUTING.md",
    REPOSITORY / "benchmarks" / "RESULTS.md",
    REPOSITORY / "bootstrap" / "README.md",
    *sorted((REPOSITORY / "docs").rglob("*.md")),
]
LINK = re.compile(r"\]\((?!\w+:)([^)\s]*)\)")


def without_code(text: str) -> str:
    """Return Markdown without its fenced and indented code and its code spans."""
    text = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"^    .*$", "", text, flags=re.MULTILINE)
    return re.sub(r"`[^`\n]*`", "code", text)


def links_of(path: Path) -> Iterator[tuple[Path, str]]:
    """Yield the file and the fragment that each internal link names."""
    for target in LINK.findall(without_code(path.read_text(encoding="utf-8"))):
        name, _, fragment = target.partition("#")
        yield (path.parent / name).resolve() if name else path, fragment


def anchors_of(path: Path) -> set[str]:
    """Return the anchors of a file's headings, as Python-Markdown makes them."""
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL | re.M)
    return {slug(heading) for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE)}


def slug(heading: str) -> str:
    plain = unicodedata.normalize("NFKD", re.sub(r"[`*]|\]\([^)]*\)|\[", "", heading))
    words = re.sub(r"[^\w\s-]", "", plain.encode("ascii", "ignore").decode()).strip().lower()
    return re.sub(r"[-\s]+", "-", words)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_internal_links_resolve(path: Path) -> None:
    for target, fragment in links_of(path):
        inside = target.relative_to(REPOSITORY.resolve()).parts
        generated = inside[:2] == ("docs", "commands")  # tests/docs/test_pages.py has these
        assert generated or target.exists(), f"{path.name} links to {target}"
        if fragment and not generated:
            assert fragment in anchors_of(target), f"{path.name} links to {target}#{fragment}"


def test_links_and_anchors_are_found() -> None:
    found = LINK.findall(without_code("[a](b.md#c), `[x](y)`, [web](https://a.example), [d](#e)"))
    assert found == ["b.md#c", "#e"]
    assert slug("1. `keep` gives null, and more") == "1-keep-gives-null-and-more"
