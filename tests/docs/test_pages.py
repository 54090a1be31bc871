"""The generated pages of the site are complete and follow the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from sparkles import settings as settings_module
from sparkles.settings.base import options_of
from sparkles.settings.command_line import flag
from tests.conftest import REPOSITORY
from tools.docs.links import rewrite_links
from tools.docs.pages import decision_pages, generated_pages

PAGES = generated_pages()
COMMANDS = ("train", "predict", "evaluate", "featurize", "prepare", "explore", "explain", "report")


def navigation() -> list[str]:
    text = (REPOSITORY / "mkdocs.yml").read_text(encoding="utf-8")
    return re.findall(r"[\w/-]+\.md|\w+/\*", str(yaml.safe_load(text)["nav"]))


@pytest.mark.parametrize("command", [*COMMANDS, "demo"])
def test_a_command_page_has_every_option_once(command: str) -> None:
    page = PAGES[f"commands/{command}.md"]
    kind = getattr(settings_module, f"{command.capitalize()}Settings")
    names = [option.name for option in options_of(kind)]
    assert len(names) > 2
    for name in names:
        assert len(re.findall(rf"^\| `{flag(name)}\b(?!-)", page, re.MULTILINE)) == 1, name
    assert page.startswith(f"# sparkles {command}\n")


def test_the_overview_links_every_command() -> None:
    linked = set(re.findall(r"\]\((\w+)\.md\)", PAGES["commands/index.md"]))
    assert {*COMMANDS, "demo", "emr"} <= linked
    assert {f"commands/{name}.md" for name in linked} <= PAGES.keys()


def test_the_page_of_emr_has_its_commands() -> None:
    page = PAGES["commands/emr.md"]
    for command in ("validate", "size", "estimate", "launch", "submit", "logs", "terminate"):
        assert f"\n## sparkles emr {command}\n" in page
    assert "`--dry-run`" in page


def test_help_in_angle_brackets_stays_visible() -> None:
    assert "&lt;ImageID>.jpg" in PAGES["commands/predict.md"]


def test_the_page_of_examples_has_every_program() -> None:
    programs = sorted((REPOSITORY / "examples").glob("*.py"))
    assert len(programs) == 3
    for program in programs:
        assert f"## {program.name}\n" in PAGES["examples.md"]
        assert 20 <= len(program.read_text().splitlines()) <= 50


def test_every_page_is_in_the_navigation() -> None:
    written = [
        path.relative_to(REPOSITORY / "docs") for path in (REPOSITORY / "docs").rglob("*.md")
    ]
    pages = {path.as_posix() for path in written} | PAGES.keys()
    listed = {page for page in pages if page.startswith("commands/")} | set(decision_pages())
    assert pages - listed <= set(navigation())
    assert {"commands/*", "decisions/*"} <= set(navigation())


def test_generated_links_lead_to_pages() -> None:
    written = (REPOSITORY / "docs").rglob("*")
    known = {path.relative_to(REPOSITORY / "docs").as_posix() for path in written} | PAGES.keys()
    for page, text in PAGES.items():
        for target in re.findall(r"\]\((?!\w+:|#)([^)#\s]+)", text):
            path = Path("/", page).parent.joinpath(target)
            name = Path(*path.parts[1:]).as_posix() if ".." not in target else target
            assert name in known or name.startswith("results/"), f"{page}: {target}"


def test_links_are_rewritten() -> None:
    markdown = "[a](../emr.md) [b](../../notebooks/03_on_emr.ipynb) [c](#d) [e](https://f.example)"
    expected = "[a](../emr.md) [b](../notebooks/03_on_emr.md) [c](#d) [e](https://f.example)"
    assert rewrite_links(markdown, "docs/x/y.md", "x/y.md") == expected
