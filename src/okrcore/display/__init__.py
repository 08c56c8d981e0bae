"""Tables and short texts for notebooks and terminals: rows as columns, escaped once, here."""

from okrcore.display.drawing import bar, mark, outline, outline_html, spark, stroke
from okrcore.display.table import Column, Table
from okrcore.display.text import (
    apart,
    cell,
    clipped,
    counted,
    figure,
    grid,
    indented,
    number,
    one_line,
    percent,
    plain,
    width,
    wrapped,
)

__all__ = [
    "Column",
    "Table",
    "apart",
    "bar",
    "cell",
    "clipped",
    "counted",
    "figure",
    "grid",
    "indented",
    "mark",
    "number",
    "one_line",
    "outline",
    "outline_html",
    "percent",
    "plain",
    "spark",
    "stroke",
    "width",
    "wrapped",
]
