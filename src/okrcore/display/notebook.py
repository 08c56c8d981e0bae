"""Show values in a notebook: a card for what stands alone, a table for what is a list, on any background."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs

from okrcore.display.blocks.asked_items import Items
from okrcore.display.blocks.block import Block, Facts, Para, Section, html
from okrcore.display.blocks.grid_rows import GridColumn, GridRow
from okrcore.display.blocks.inks import Ink, Mark, Row, Say
from okrcore.display.drawing import mark
from okrcore.display.listing import MOST_ROWS, Listing, worst
from okrcore.display.stylesheet import fragment_style
from okrcore.display.tags import Html, tag
from okrcore.display.text import cell, clipped, one_line

MOST_BYTES = 16_000
"""How long an output of a notebook is: it is saved with the notebook, and copied alone."""
_TITLE, _SENTENCE, _FACT, _CELL = 120, 400, 160, 160
_JUDGED = ("status", "judged_zone", "zone", "verdict", "state", "severity", "change", "meaning", "mark")


def fragment(label: str, blocks: Iterable[Block], *, wide: bool = False) -> Html:
    """Return blocks as one output of a notebook: a group with a label, with its own style, no headings.

    What is `wide` scrolls in its own place, by keys too. Listings are cut until it holds at most 16 kB.

    >>> from okrcore.display.blocks import Para
    >>> fragment("KPI uptime", [Para("5 < 6")])[:61]
    '<div role="group" aria-label="KPI uptime" class="okr"><style>'
    """
    kind = {"class_": "okr wide", "tabindex": 0} if wide else {"class_": "okr"}
    name = one_line(clipped(label, _TITLE))
    shown = [_without_heading(one) for one in blocks]
    while True:
        made = tag("div", fragment_style(), html(shown), role="group", aria_label=name, **kind)
        longest = max((one.size for one in shown if isinstance(one, Listing)), default=0)
        if len(made.encode()) <= MOST_BYTES or longest <= 1:
            return made
        most = max(longest * 4 // 5, 1)
        shown = [one.cut(most) if isinstance(one, Listing) else one for one in shown]


def _without_heading(block: Block) -> Block:
    """Return a block whose titles are no headings: a notebook has its own."""
    if isinstance(block, Section):
        return attrs.evolve(block, frame="p", blocks=map(_without_heading, block.blocks))
    return attrs.evolve(block, frame="p") if isinstance(block, Items) else block


def card(
    kind: str,
    id: str,
    *,
    title: str = "",
    word: str = "",
    sentence: str = "",
    facts: Iterable[tuple[str, Ink | str]] = (),
    picture: Ink | None = None,
) -> tuple[Block, ...]:
    """Return the card of one value: its sign and title, what it says in a sentence, a picture, and facts.

    Facts without a text are left out, and long texts are cut.

    >>> from okrcore.display.blocks import text
    >>> print(text(card("KPI", "uptime", title="Uptime", word="healthy", facts=[("value", "99 %")])))
    + Uptime KPI uptime
    value      99 %
    """
    shown = (clipped(one, _TITLE) for one in (title or id, id if title else ""))
    named = (Say(next(shown), "strong"), Say(kind, "soft"), Say(next(shown), "code"))
    head = Row(Mark(word), *named) if mark(word) != " " else Row(*named)
    parts: list[Block] = [Para(head)]
    parts += [Para(clipped(sentence, _SENTENCE))] if sentence else []
    parts += [Para(picture)] if picture is not None else []
    told = [(name, clipped(said, _FACT) if isinstance(said, str) else said) for name, said in facts]
    return (*parts, Facts(told))


def table_listing(columns: Mapping[str, Any], caption: str, *, worst_first: bool = False) -> Listing:
    """Return columns as rows with the sign of their status, at most 20: the worst where they are cut.

    `worst_first` orders those that fit too; rows that are judged alike keep their order.
    """
    count = len(next(iter(columns.values()), ()))
    judged = next((name for name in _JUDGED if name in columns), None)
    words = [cell(value or "") for value in columns[judged]] if judged else [""] * count
    sorts = judged is not None and (worst_first or count > MOST_ROWS)
    places = worst(words) if sorts else list(range(min(count, MOST_ROWS)))
    heads = tuple(GridColumn(name, right=_is_number(column)) for name, column in columns.items())
    rows = [_row([column[at] for column in columns.values()], words[at]) for at in places]
    return Listing(heads, rows, caption, count, "the worst first" if judged else "the first")


def _row(values: Sequence[Any], word: str) -> GridRow:
    told = [
        Say(clipped(cell(value), _CELL), "plain" if isinstance(value, str) else "number") for value in values
    ]
    return GridRow(told, word=word if mark(word) != " " else "")


def _is_number(column: Any) -> bool:
    kind = getattr(getattr(column, "dtype", None), "kind", "")
    return kind in "fiu" if kind else any(isinstance(one, int | float) for one in column)
