"""Draw a few numbers into a cell: a bar, an effect with its interval, a span of days, counts by sign."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

from okrcore.display.drawing import bar, mark, tone
from okrcore.display.numbers import effect, percent
from okrcore.display.tags import Html, tag
from okrcore.frozen import freeze_fields

BAR = (60.0, 14.0)
"""Width and height of a bar on a page."""
_APART = 0.07
WHISKER = (118.0, 16.0)
"""Width and height of an effect on a page."""


@attrs.frozen
class Bar:
    """A share of 0 to 1, None where it is unknown, as a bar with a stroke at what is `due` by now.

    >>> Bar(0.34, 0.75).text(ascii=True), Bar(0.34).text()
    ('###....|..', '███░░░░░░░')
    """

    share: float | None
    due: float | None = None
    said: str = ""
    """The share as it is written beside the bar; "": in whole percents."""

    def text(self, ascii: bool = False) -> str:
        """Return it in ten signs."""
        return bar(self.share, self.due, blocks=not ascii)

    def html(self) -> Html:
        """Return it as a picture, which says both numbers to who cannot see it."""
        wide, high = BAR
        held = min(max(self.share or 0.0, 0.0), 1.0)
        due = None if self.due is None or not 0 <= self.due <= 1 else self.due * wide
        middle = {"y": 4, "height": 6}
        return tag(
            "svg",
            tag("rect", x=0, width=wide, class_="trk", **middle),
            tag("rect", x=0, width=held * wide, class_="fil", **middle) if held else None,
            None if due is None else tag("path", d=["M", due, " 1v12"], class_="due"),
            role="img",
            aria_label=(self.said or percent(self.share))
            + (f", due {percent(self.due)}" if due is not None else ""),
            viewBox=["0 0 ", wide, " ", high],
            width=wide,
            height=high,
        )


@attrs.frozen
class Whisker:
    """An effect of -1 to 1 with the interval it lies in; below `smallest` it is too small to matter.

    A dot that is not `tested` is hollow.

    >>> Whisker(0.63, 0.27, 0.83).text(ascii=True)
    '          :  |--o-|  '
    """

    value: float
    low: float
    high: float
    smallest: float = 0.0
    tested: bool = True

    def text(self, ascii: bool = False) -> str:
        """Return it in 21 signs, one for each tenth of -1 to 1."""
        signs = [" "] * 21
        signs[10] = ":"
        low, high, at = (_tenth(one) for one in (self.low, self.high, self.value))
        dot = "o" if ascii else "●" if self.tested else "○"
        line, left, right = ("-", "|", "|") if ascii else ("─", "├", "┤")
        for place in range(low, high + 1):
            signs[place] = line
        signs[low], signs[high] = left, right
        signs[at] = dot
        return "".join(signs)

    def html(self) -> Html:
        """Return it as a picture: a dot, a whisker, and shaded what is too small to manage by."""
        wide, high = WHISKER
        low, top, at = (_across(one, wide) for one in (self.low, self.high, self.value))
        small = _across(-self.smallest, wide)
        middle = high / 2
        return tag(
            "svg",
            tag("rect", x=small, y=1, width=wide - 2 * small, height=high - 2, class_="lim")
            if self.smallest
            else None,
            tag("path", d=["M", wide / 2, " 0V", high], class_="mean"),
            tag("path", d=["M", low, " ", middle, "H", top, *_end(low), *_end(top)], class_="ln"),
            tag("circle", cx=at, cy=middle, r=3.2, class_="d ink" if self.tested else "d hollow"),
            role="img",
            aria_label=f"effect {effect(self.value, self.low, self.high)}",
            viewBox=["0 0 ", wide, " ", high],
            width=wide,
            height=high,
        )


def _end(at: float) -> tuple[object, ...]:
    return ("M", at, " 5v6")


def _tenth(value: float) -> int:
    return round((min(max(value, -1.0), 1.0) + 1) * 10)


def _across(value: float, wide: float) -> float:
    return 4 + (min(max(value, -1.0), 1.0) + 1) / 2 * (wide - 8)


@attrs.frozen(kw_only=True)
class Track:
    """A piece of work between days: as planned, as expected now, when it is due, and what day it is.

    All are shares, 0 to 1, of the span that the tracks of one grid have in common. `label` says it in words.

    >>> track = Track(planned=(0.0, 0.4), expected=(0.0, 0.55), due=0.4, now=0.55, label="hall 2, 37 d late")
    >>> track.text(ascii=True)
    '########|!!:........'
    """

    planned: tuple[float, float]
    expected: tuple[float, float]
    due: float
    now: float
    label: str

    def text(self, ascii: bool = False) -> str:
        """Return it in 20 signs: filled as expected, marked past its due date, a stroke where it is due."""
        empty, full, late, due, now = tuple(".#!|:" if ascii else "·█▓┃┊")
        signs = [empty] * 20
        first, last, limit = (round(one * 20) for one in (*self.expected, self.due))
        for at in range(max(first, 0), min(max(last, first + 1), 20)):
            signs[at] = late if at >= limit else full
        for share, sign in ((self.now, now), (self.due, due)):
            if 0 <= share <= 1:
                signs[min(round(share * 20), 19)] = sign
        return "".join(signs)

    def html(self) -> Html:
        """Return it as a picture as wide as its cell, with strokes that do not shrink."""
        (planned, planned_end), (start, end) = self.planned, self.expected
        kept = min(end, self.due)
        late = max(start, self.due)
        return tag(
            "svg",
            _part(planned, planned_end, 4, 5, "pln"),
            _part(start, kept, 11, 6, "now") if kept > start else None,
            _stroke(planned_end, start, "gap") if start > planned_end else None,
            _stroke(late, end, "late") if end > late else None,
            _upright(self.due, 1, 20, "due"),
            _upright(self.now, 0, 22, "nowl"),
            role="img",
            aria_label=self.label,
            class_="fluid",
            width="100%",
            height=22,
        )


def _at(share: float) -> list[object]:
    return [min(max(share, 0.0), 1.0) * 100, "%"]


def _part(start: float, end: float, y: int, height: int, name: str) -> Html:
    return tag("rect", x=_at(start), y=y, width=_at(end - start), height=height, class_=name)


def _stroke(start: float, end: float, name: str) -> Html:
    return tag("line", x1=_at(start), x2=_at(end), y1=14, y2=14, class_=name)


def _upright(at: float, top: int, bottom: int, name: str) -> Html:
    return tag("line", x1=_at(at), x2=_at(at), y1=top, y2=bottom, class_=name)


def _to_places(places: Iterable[tuple[float, str]]) -> tuple[tuple[float, str], ...]:
    return tuple(places)


@attrs.frozen
class Ruler:
    """The names of places across the tracks of one grid, 0 to 1, and where it is `now`; of pages alone.

    >>> Ruler([(0.0, "Jun"), (0.5, "Jul")], now=0.4).text()
    ''
    """

    places: tuple[tuple[float, str], ...] = attrs.field(converter=_to_places)
    now: float

    def text(self, ascii: bool = False) -> str:
        """Return nothing: a terminal has no room for it."""
        return ""

    def html(self) -> Html:
        """Return the names in their places, but those that "now" would cover."""
        apart = [(place, name) for place, name in self.places if abs(place - self.now) > _APART]
        names = [tag("text", name, x=_at(place), y=11) for place, name in apart if place < 1 - _APART]
        now = tag("text", "now", x=_at(self.now), y=11, text_anchor="middle", class_="nowt")
        return tag("svg", names, now, class_="fluid", width="100%", height=14, aria_hidden="true")


@attrs.frozen(field_transformer=freeze_fields)
class Stack:
    """How many there are of each status, as one bar of parts in the order given.

    >>> Stack({"off-track": 12, "no-data": 31, "on-track": 40}).text()
    '12! 31? 40+'
    """

    counts: Mapping[str, int]

    def text(self, ascii: bool = False) -> str:
        """Return each count with its sign; statuses of one sign count together."""
        return " ".join(f"{count}{sign}" for sign, (_, count) in self._parts().items())

    def html(self) -> Html:
        """Return it as a picture as wide as its cell."""
        total = sum(self.counts.values()) or 1
        parts, done = [], 0
        for word, count in self._parts().values():
            parts.append(
                tag(
                    "rect",
                    x=_at(done / total),
                    y=2,
                    width=_at(count / total),
                    height=10,
                    class_=f"s {tone(word)}",
                )
            )
            done += count
        said = ", ".join(f"{count} {word}" for word, count in self.counts.items() if count)
        return tag(
            "svg", *parts, role="img", aria_label=said or "none", class_="fluid", width="100%", height=14
        )

    def _parts(self) -> dict[str, tuple[str, int]]:
        parts: dict[str, tuple[str, int]] = {}
        for word, count in self.counts.items():
            if count:
                first, before = parts.get(mark(word), (word, 0))
                parts[mark(word)] = first, before + count
        return parts
