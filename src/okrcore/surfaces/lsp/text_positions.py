"""Find words in the text of a document, and their lines and columns."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property
from itertools import accumulate

import attrs

_WORD = re.compile(r"\"(?:[^\"\\\n]|\\.)*+\"|'[^'\n]*+'|[^\s,\[\]{}\"'#:]+(?::[^\s,\[\]{}\"'#:]+)*+")


@attrs.frozen
class Span:
    """A part of one line: the line and the columns it begins and ends at, counted from 0, in characters."""

    line: int
    begin: int
    end: int


@attrs.frozen(eq=False)
class TextLines:
    """The lines of a text, as documents count them: they end at line feeds alone.

    >>> lines = TextLines("teams:\\n  - id: 'sales'")
    >>> lines.word(lines.text.index("sales"))
    ('sales', Span(line=1, begin=9, end=14))
    """

    text: str

    @cached_property
    def all(self) -> tuple[str, ...]:
        """Each line, without its end."""
        return tuple(line.removesuffix("\r") for line in self.text.split("\n"))

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *accumulate(len(line) + 1 for line in self.text.split("\n"))]

    def at(self, offset: int) -> tuple[int, int]:
        """Return line and column of an offset; the first of the text where it is none."""
        offset = min(max(offset, 0), len(self.text))
        line = min(bisect_right(self._starts, offset), len(self.all)) - 1
        return line, min(offset - self._starts[line], len(self.all[line]))

    def offset(self, line: int, column: int) -> int:
        """Return the offset of a line and column; the nearest there is where the text has none such."""
        line = min(max(line, 0), len(self.all) - 1)
        return self._starts[line] + min(max(column, 0), len(self.all[line]))

    def span(self, line: int | None, column: int | None) -> Span:
        """Return what is marked for a place that counts from 1: a word, or where it is unknown the line."""
        row = min(max((line or 1) - 1, 0), len(self.all) - 1)
        text = self.all[row]
        begin = len(text) - len(text.lstrip()) if column is None else min(column - 1, len(text))
        if column is None:
            return Span(row, begin, max(len(text.rstrip()), begin))
        if text.startswith("#", begin):
            return Span(row, begin, len(text.rstrip()))
        word = _WORD.match(text, begin)
        return Span(row, begin, word.end() if word else min(begin + 1, len(text)))

    def word(self, offset: int) -> tuple[str, Span] | None:
        """Return the word or quoted text at an offset, and where it is; None between words."""
        row, column = self.at(offset)
        for found, span in self.words(row):
            if span.begin <= column <= span.end:
                return found, span
        return None

    def words(self, row: int) -> Iterator[tuple[str, Span]]:
        """Yield the words and quoted texts of a line, the quotes left out."""
        for match in _WORD.finditer(self.all[row]):
            quoted = match[0][0] in "\"'" and len(match[0]) > 1
            text = match[0][1:-1] if quoted else match[0].removesuffix(":")
            yield text, Span(row, match.start() + quoted, match.start() + quoted + len(text))
