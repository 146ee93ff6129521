"""Charts of a report: each a drawing (SVG) that is read at a glance, and the same facts in words."""

from bot.documents.charts.chart import Chart, charts_of, portfolio_charts_of

__all__ = ["Chart", "charts_of", "portfolio_charts_of"]
