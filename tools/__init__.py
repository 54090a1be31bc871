"""Programs for maintainers, outside the installed package."""
