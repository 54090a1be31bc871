"""The documentation site: pages that are generated, and links that lead out of docs/."""
