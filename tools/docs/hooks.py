"""MkDocs' hooks: add the generated pages, and adapt links and docstrings' references."""

from __future__ import annotations

import re
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from tools.docs.links import rewrite_links
from tools.docs.pages import ROOT, decision_pages, generated_pages

__all__ = ["on_config", "on_files", "on_page_content", "on_page_markdown"]

# A reference of reStructuredText in a docstring, after Markdown has made code of its target.
_ROLE = re.compile(r":(?:class|func|meth|mod|attr|exc|data):<code>(~?)([\w.]+)</code>")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put the pages of folders in the place of the folders in the navigation."""
    commands = sorted(page for page in generated_pages() if page.startswith("commands/"))
    pages = {"decisions/*": decision_pages(), "commands/*": commands}
    config.nav = _fill(config.nav, pages)
    return config


def _fill(entry: Any, pages: dict[str, list[str]]) -> Any:
    if isinstance(entry, dict):
        return {title: _fill(value, pages) for title, value in entry.items()}
    if isinstance(entry, list):
        filled = [_fill(value, pages) for value in entry]
        known = {value for value in filled if isinstance(value, str)}
        flat: list[Any] = []
        for value in filled:
            flat += [path for path in value if path not in known] if _is_pages(value) else [value]
        return flat
    return pages.get(entry, entry)


def _is_pages(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(path, str) for path in value)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages and the benchmarks' figures."""
    for path, text in generated_pages().items():
        files.append(File.generated(config, path, content=text))
    for figure in sorted((ROOT / "benchmarks" / "results").glob("*.png")):
        path = f"results/{figure.name}"
        files.append(File.generated(config, path, abs_src_path=str(figure)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Let links that lead out of docs/ lead to the pages of their targets."""
    if page.file.generated_by:
        return markdown
    return rewrite_links(markdown, f"docs/{page.file.src_uri}", page.file.src_uri)


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Link the references in docstrings to the objects' entries, where they have one."""
    return _ROLE.sub(_reference, html)


def _reference(match: re.Match[str]) -> str:
    name = match[2]
    shown = name.rpartition(".")[2] if match[1] else name
    return f'<autoref optional identifier="{name}"><code>{shown}</code></autoref>'
