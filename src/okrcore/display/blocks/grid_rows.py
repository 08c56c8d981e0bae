"""Lay out rows of cells under named columns, each with its sign, some with a reason that opens under it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import Literal

import attrs

from okrcore.display.blocks.block import Tree
from okrcore.display.blocks.inks import Ink, Marked, Say
from okrcore.display.drawing import Step, mark, stroke, tone
from okrcore.display.tags import Html, joined, tag
from okrcore.display.text import clipped, padded, width, wrapped

_DEEPEST = 3
"""Rows deeper than this stand where this one does on a page."""
_NARROWEST = 8
MOST_ON_PAPER = 24
"""Of more rows than this only those that need a look are printed."""


@attrs.frozen
class GridColumn:
    """A column: its name, how it is set (`kind`, a class of the stylesheet), and on which surface it stands.

    One that `yields` is cut on a terminal until the line fits. The name of one that is not `titled` is read
    out alone, and on a page a `picture` may stand for it. Before that of a `stroked` one stands the sign that
    its bars have for what is due.
    """

    name: str
    kind: str = ""
    right: bool = attrs.field(default=False, kw_only=True)
    on: Literal["both", "text", "page"] = attrs.field(default="both", kw_only=True)
    yields: bool = attrs.field(default=False, kw_only=True)
    titled: bool = attrs.field(default=True, kw_only=True)
    picture: Ink | None = attrs.field(default=None, kw_only=True)
    stroked: bool = attrs.field(default=False, kw_only=True)

    def head(self, *, blocks: bool) -> str:
        """Return its name as it stands over its cells."""
        return f"{stroke(blocks)} {self.name}" if self.stroked else self.name


def _to_inks(cells: Iterable[Ink | str]) -> tuple[Ink, ...]:
    return tuple(Say(cell) if isinstance(cell, str) else cell for cell in cells)


def _to_columns(columns: Iterable[GridColumn]) -> tuple[GridColumn, ...]:
    return tuple(columns)


@attrs.frozen
class GridRow:
    """Cells, one a column; judged by `word` (read as `label`), `depth` steps in.

    It is `strong` where it leads those under it. `reasons` are the steps of a tree that opens under it on a
    page.
    """

    cells: tuple[Ink, ...] = attrs.field(converter=_to_inks)
    word: str = attrs.field(default="", kw_only=True)
    label: str | None = attrs.field(default=None, kw_only=True)
    depth: int = attrs.field(default=0, kw_only=True)
    strong: bool = attrs.field(default=False, kw_only=True)
    reasons: tuple[Step, ...] = attrs.field(default=(), kw_only=True)


@attrs.frozen
class GridRest:
    """A row that says which rows are not shown."""

    said: str
    depth: int = 0


def _to_tuple(rows: Iterable[GridRow | GridRest]) -> tuple[GridRow | GridRest, ...]:
    return tuple(rows)


_Line = list[str] | str
"""The texts of a line, its sign first; or one that stands across the columns."""
_SIGN = 3


@attrs.frozen(kw_only=True)
class Grid:
    """Rows under columns; `caption` says what they are, `more` which rows are left out and where they are.

    `kind` is how the table is set on a page. Of no rows nothing is shown but `more`; of very many those that
    are good are left out on paper, which says so.

    >>> columns = (GridColumn("goal"), GridColumn("score", right=True))
    >>> grid = Grid(columns=columns, rows=[GridRow(["speed", "49 %"], word="off-track")], caption="Goals")
    >>> print(*grid.lines(40), sep="\\n")
       goal   score
    !  speed   49 %
    """

    columns: tuple[GridColumn, ...] = attrs.field(converter=_to_columns)
    rows: tuple[GridRow | GridRest, ...] = attrs.field(converter=_to_tuple)
    caption: str
    kind: str = ""
    more: str = ""
    shows_caption: bool = False

    def lines(self, columns: int, ascii: bool = False) -> list[str]:
        """Return the rows in columns; a row is as high as the highest of its cells."""
        if not self.rows:
            return wrapped(self.more, columns)
        places = [at for at, column in enumerate(self.columns) if column.on != "page"]
        shown = [self.columns[at] for at in places]
        texts: list[_Line] = [
            ["", *(column.head(blocks=not ascii) if column.titled else "" for column in shown)]
        ]
        texts += [line for row in self.rows for line in _texts(row, places, ascii)]
        sign = _SIGN * any(isinstance(row, GridRow) and row.word for row in self.rows)
        drawn = _aligned(texts, shown, columns - sign)
        return [*(line[_SIGN - sign :] for line in drawn), *wrapped(self.more, columns)]

    def html(self) -> Html:
        """Return a table that stays one where a narrow page sets its rows as cards."""
        note = tag("p", self.more, class_="note") if self.more else None
        if not self.rows:
            return joined(note)
        dense = len(self.rows) > MOST_ON_PAPER
        quiet = dense and sum(_is_quiet(row) for row in self.rows)
        paper = f"On paper: {len(self.rows) - quiet} of {len(self.rows)} rows, those that need a look."
        shown = [(at, column) for at, column in enumerate(self.columns) if column.on != "text"]
        heads = (
            tag("th", _head(one), scope="col", role="columnheader", class_=_class(one)) for _, one in shown
        )
        judged = any(isinstance(row, GridRow) and row.word for row in self.rows)
        return joined(
            tag(
                "table",
                tag("caption", self.caption, class_=None if self.shows_caption else "vh"),
                tag("thead", tag("tr", heads, role="row"), role="rowgroup"),
                tag("tbody", (_row(row, shown, judged) for row in self.rows), role="rowgroup"),
                role="table",
                class_=f"{self.kind} dense" if dense else self.kind,
            ),
            note,
            tag("p", paper, class_="note po") if quiet else None,
        )


def _head(column: GridColumn) -> Html:
    if column.titled and column.picture is None:
        return joined(column.head(blocks=False))
    return joined(tag("span", column.name, class_="vh"), column.picture.html() if column.picture else None)


def _class(column: GridColumn, depth: int = 0) -> str:
    inset = f"in{min(depth, _DEEPEST)}" if depth else ""
    return " ".join(filter(None, (column.kind, "r" if column.right else "", inset)))


def _is_quiet(row: GridRow | GridRest) -> bool:
    return isinstance(row, GridRow) and tone(row.word) == "good"


def _row(row: GridRow | GridRest, shown: Sequence[tuple[int, GridColumn]], judged: bool) -> Html:
    if isinstance(row, GridRest):
        inset = f"in{min(row.depth, _DEEPEST)}" if row.depth else ""
        cell = tag("td", tag("small", row.said), role="cell", colspan=len(shown), class_=inset)
        return tag("tr", cell, role="row", class_="rest")
    (first, lead), *others = shown
    head = row.cells[first]
    name = Marked(row.word, head, row.label).html() if judged else head.html()
    if row.reasons:
        why = tag("div", Tree(row.reasons).html(), class_="more")
        name = tag("details", tag("summary", name), why)
    return tag(
        "tr",
        tag("th", name, scope="row", role="rowheader", class_=_class(lead, row.depth)),
        (tag("td", row.cells[at].html(), role="cell", class_=_class(column)) for at, column in others),
        role="row",
        class_=" ".join(["obj"] * row.strong + ["quiet"] * _is_quiet(row)),
    )


def _texts(row: GridRow | GridRest, places: Sequence[int], ascii: bool) -> list[_Line]:
    """Return the lines of a row, as many as the highest of its cells has."""
    if isinstance(row, GridRest):
        return [f"... {row.said}"]
    cells = [row.cells[at].text(ascii).split("\n") for at in places]
    cells[0] = ["  " * min(row.depth, 2 * _DEEPEST) + text for text in cells[0]]
    signs = [mark(row.word)]
    return [list(texts) for texts in zip_longest(signs, *cells, fillvalue="")]


def _aligned(lines: Sequence[_Line], columns: Sequence[GridColumn], room: int) -> list[str]:
    """Return lines of texts as columns behind their signs, those that yield cut until a line fits."""
    full = [line for line in lines if not isinstance(line, str)]
    widths = [max(width(line[at]) for line in full) for at in range(1, len(columns) + 1)]
    over = sum(widths) + 2 * (len(widths) - 1) - room
    for at in reversed(range(len(widths))):
        if columns[at].yields and over > 0:
            kept = max(widths[at] - over, min(widths[at], _NARROWEST))
            over -= widths[at] - kept
            widths[at] = kept
    drawn = []
    for line in lines:
        if isinstance(line, str):
            drawn.append(" " * _SIGN + clipped(line, room))
            continue
        sized = zip(line[1:], widths, columns, strict=True)
        texts = [padded(clipped(text, size), size, column.right) for text, size, column in sized]
        drawn.append(padded(line[0], _SIGN) + clipped("  ".join(texts).rstrip(), room))
    return drawn
