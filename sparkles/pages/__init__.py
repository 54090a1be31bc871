"""What all pages share: figures in one style, and HTML pages that need no other file."""

from sparkles.pages.html import render_page
from sparkles.pages.picture import Picture

__all__ = ["Picture", "render_page"]
