"""Pages made of what the repository has already: settings, programs, decisions, other texts."""

from __future__ import annotations

import ast
from pathlib import Path

from tools.docs.command_pages import command_pages
from tools.docs.links import PAGES, rewrite_links

__all__ = ["ROOT", "decision_pages", "generated_pages"]

ROOT = Path(__file__).parents[2]


def generated_pages() -> dict[str, str]:
    """Return the Markdown of every generated page by its path in the site."""
    return {
        **_moved_pages(),
        PAGES["docs/decisions"]: _decisions_page(),
        PAGES["examples"]: _examples_page(),
        **command_pages(),
    }


def decision_pages() -> list[str]:
    """Return the decision records' paths in the site, in their order."""
    return sorted(
        path.relative_to(ROOT / "docs").as_posix()
        for path in (ROOT / "docs" / "decisions").glob("[0-9]*.md")
    )


def _moved_pages() -> dict[str, str]:
    files = {path: page for path, page in PAGES.items() if path.endswith(".md")}
    del files["README.md"]  # docs/index.md is the site's first page
    return {
        page: rewrite_links((ROOT / path).read_text(encoding="utf-8"), path, page)
        for path, page in files.items()
    }


def _decisions_page() -> str:
    lines = []
    for path in decision_pages():
        title = (ROOT / "docs" / path).read_text(encoding="utf-8").partition("\n")[0]
        lines.append(f"- [{title.removeprefix('# ')}]({Path(path).name})")
    return (
        "# Decisions\n\nWhy some things are as they are: what was chosen, what else could have "
        "been, and what the choice costs.\n\n" + "\n".join(lines) + "\n"
    )


def _examples_page() -> str:
    parts = [
        "# Examples\n\nShort programs to start from. The tests run each of them on drawn photos, "
        "without a network connection."
    ]
    for path in sorted((ROOT / "examples").glob("*.py")):
        source = path.read_text(encoding="utf-8")
        heading, _, usage = (ast.get_docstring(ast.parse(source)) or "").partition("\n\n")
        code = source.split('"""\n\n', 1)[1]
        parts.append(
            f"## {path.name}\n\n{heading}\n\n{usage}\n\n"
            f'```python title="examples/{path.name}"\n{code.strip()}\n```'
        )
    return "\n\n".join(parts) + "\n"
