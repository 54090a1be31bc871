"""A run as figures, galleries and a page."""

from sparkles.report.charts import CHARTS, draw_charts
from sparkles.report.gallery import Card, Gallery

__all__ = ["CHARTS", "Card", "Gallery", "draw_charts"]
