"""For tools that call it; everything that it would state is in pyproject.toml."""

from setuptools import setup

setup()
