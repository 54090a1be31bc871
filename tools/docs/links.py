"""Links between files of the repository, as links between pages of the site."""

from __future__ import annotations

import posixpath
import re

__all__ = ["PAGES", "rewrite_links"]

# Files and folders of the repository whose page has another path than in docs/.
PAGES = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "benchmarks/RESULTS.md": "benchmarks.md",
    "bootstrap/README.md": "bootstrap.md",
    "docs/decisions": "decisions/index.md",
    "examples": "examples.md",
}
_TARGET = re.compile(r"(?<=\]\()(?!\w+:|#)([^)#\s]+)")


def rewrite_links(markdown: str, source: str, page: str) -> str:
    """Replace links of a file in the repository by links of its page.

    Parameters
    ----------
    markdown
        The file's text.
    source
        Its path in the repository.
    page
        The path of its page in the site.

    Examples
    --------
    >>> rewrite_links("[why](../../benchmarks/RESULTS.md#scale)", "docs/a/b.md", "a/b.md")
    '[why](../benchmarks.md#scale)'
    >>> rewrite_links("[S3](docs/s3.md), [web](https://a.example)", "README.md", "index.md")
    '[S3](s3.md), [web](https://a.example)'
    """

    def rewrite(match: re.Match[str]) -> str:
        path = posixpath.normpath(posixpath.join(posixpath.dirname(source), match[1]))
        return posixpath.relpath(_page_of(path), posixpath.dirname(page) or ".")

    return _TARGET.sub(rewrite, markdown)


def _page_of(path: str) -> str:
    if path in PAGES:
        return PAGES[path]
    folder, _, name = path.partition("/")
    if folder == "docs":
        return name
    if folder == "notebooks":
        return path.replace(".ipynb", ".md")
    if folder == "examples":
        return PAGES["examples"]
    if path.startswith("benchmarks/results/"):
        return name
    return path  # not in the site: MkDocs reports the link
