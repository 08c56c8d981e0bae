"""Draw a series into a cell: on its way to a target with plan and forecast, or within its limits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import attrs

from okrcore.display.drawing import spark, tone
from okrcore.display.tags import Html, tag

SPARK = (132.0, 30.0)
"""Width and height of a series on a page."""
XMR = (150.0, 30.0)
"""Width and height of a series with limits on a page."""
MOST_SIGNS = 13
"""How many signs a series has on a terminal; of longer ones every second, third ... value, with the last."""

Known = tuple[float, float]
"""A place across, 0 to 1, and a value."""
Spread = tuple[float, float, float, float, float]
"""A place across, 0 to 1, and what forecast paths lie between: the ends of 8 of 10, then those of 5 of 10."""


@attrs.frozen(kw_only=True)
class Spark:
    """A series on its way: values, with the target, the plan and the fan of a forecast where there are any.

    Places `across` are 0 to 1, of a cycle; None spreads the values evenly. The scale is that of all that is
    drawn. The last value has the shape of `status`; `label` says in words what is to be seen.

    >>> Spark(values=(0.0, 0.4, None, 0.8), label="rises").text()
    '▁▅ █'
    """

    values: tuple[float | None, ...]
    label: str
    status: str = ""
    across: tuple[float, ...] | None = None
    target: float | None = None
    plan: tuple[Known, ...] = ()
    fan: tuple[Spread, ...] = ()

    def text(self, ascii: bool = False) -> str:
        """Return its values, a sign each."""
        return spark(thinned(self.values), blocks=not ascii)

    def html(self) -> Html:
        """Return it as a picture: fan, plan, target, line and last value."""
        known = _placed(self.values, self.across)
        held = [value for _, value in (*known, *self.plan)] + ([] if self.target is None else [self.target])
        scale = _Scale.of(SPARK, [*held, *(value for one in self.fan for value in one[1:])])
        lines = (
            *(_band(scale, self.fan, low, high, name) for low, high, name in ((1, 2, "fan"), (3, 4, "fan2"))),
            _line(scale, self.plan, "plan"),
            None
            if self.target is None
            else tag("path", d=["M0 ", scale.y(self.target), "H", SPARK[0]], class_="tgt"),
            _line(scale, known, "ln"),
            _dot(scale, known[-1], self.status) if known else None,
        )
        return _picture(lines, self.label, SPARK)


@attrs.frozen(kw_only=True)
class Xmr:
    """A series with the limits of its process, lowest and highest where values fall by chance.

    Each point has a `meanings` word: improvement, concern, neutral, or "" where it is no signal. Limits may
    step, where another process begins; None where there are none.

    >>> Xmr(values=(1.0, 2.0), low=(0.5, 0.5), high=(2.5, 2.5), meanings=("", ""), label="steady").text()
    '▁█'
    """

    values: tuple[float | None, ...]
    low: tuple[float | None, ...]
    high: tuple[float | None, ...]
    meanings: tuple[str, ...]
    label: str

    def text(self, ascii: bool = False) -> str:
        """Return its values, a sign each."""
        return spark(thinned(self.values), blocks=not ascii)

    def html(self) -> Html:
        """Return it as a picture: the limits as a band, a line, and a shape at each signal."""
        known = _placed(self.values, None)
        scale = _Scale.of(XMR, [one for one in (*self.values, *self.low, *self.high) if one is not None])
        across = _evenly(len(self.values))
        spans = [
            (place, low, high)
            for place, low, high in zip(across, self.low, self.high, strict=True)
            if low is not None and high is not None
        ]
        seen = [
            (place, value, meaning)
            for place, value, meaning in zip(across, self.values, self.meanings, strict=True)
            if value is not None and meaning
        ]
        shapes = [_dot(scale, (place, value), meaning, 1.9) for place, value, meaning in seen]
        if known and not (seen and seen[-1][0] == known[-1][0]):
            shapes.append(_dot(scale, known[-1], "", 1.9))
        lines = (_steps(scale, spans), _line(scale, known, "ln thin"), *shapes)
        return _picture(lines, self.label, XMR)


def thinned(values: Sequence[float | None], most: int = MOST_SIGNS) -> list[float | None]:
    """Return at most so many values, every second, third ... of them, with the last.

    >>> thinned((1.0, 2.0, 3.0, 4.0), 2)
    [2.0, 4.0]
    """
    step = -(-len(values) // most) or 1
    return list(values[(len(values) - 1) % step :: step]) if values else []


def _evenly(count: int) -> list[float]:
    return [at / max(count - 1, 1) for at in range(count)]


def _placed(values: Sequence[float | None], across: Sequence[float] | None) -> list[Known]:
    places = _evenly(len(values)) if across is None else across
    return [(place, one) for place, one in zip(places, values, strict=True) if one is not None]


@attrs.frozen
class _Scale:
    """Where values of `low` to `high` lie in a picture so `wide` and `tall`, with a margin of 3."""

    wide: float
    tall: float
    low: float
    high: float

    @classmethod
    def of(cls, size: tuple[float, float], values: Iterable[float]) -> _Scale:
        held = [*values] or [0.0]
        return cls(*size, min(held), max(held))

    def x(self, place: float) -> float:
        return 3 + min(max(place, 0.0), 1.0) * (self.wide - 6)

    def y(self, value: float) -> float:
        half = self.high / 2 - self.low / 2  # halves, since a span may be no float
        share = (value / 2 - self.low / 2) / half if half else 0.5
        return self.tall - 3 - share * (self.tall - 6)


def _points(scale: _Scale, points: Iterable[Known]) -> list[object]:
    parts: list[object] = []
    for place, value in points:
        parts += ["L" if parts else "M", scale.x(place), " ", scale.y(value)]
    return parts


def _line(scale: _Scale, points: Sequence[Known], name: str) -> Html | None:
    return tag("path", d=_points(scale, points), class_=name) if len(points) > 1 else None


def _band(scale: _Scale, fan: Sequence[Spread], low: int, high: int, name: str) -> Html | None:
    if not fan:
        return None
    around = [(one[0], one[low]) for one in fan] + [(one[0], one[high]) for one in reversed(fan)]
    return tag("path", d=[*_points(scale, around), "z"], class_=name)


def _steps(scale: _Scale, spans: Sequence[tuple[float, float, float]]) -> Html | None:
    """Return limits as a band; where they change it steps half-way between two points."""
    corners: list[tuple[float, float, float]] = []
    for before, now in zip([None, *spans], spans, strict=False):
        if before is None:
            corners.append(now)
        elif before[1:] != now[1:]:
            middle = (before[0] + now[0]) / 2
            corners += [(middle, *before[1:]), (middle, *now[1:])]
    if spans:
        corners.append(spans[-1])
    around = [(place, low) for place, low, _ in corners]
    around += [(place, high) for place, _, high in reversed(corners)]
    return tag("path", d=[*_points(scale, around), "z"], class_="lim") if corners else None


def _dot(scale: _Scale, point: Known, word: str, size: float = 2.6) -> Html:
    """Return a value in the shape of its judgement: disc good, diamond in doubt, square bad, ring no data."""
    x, y = scale.x(point[0]), scale.y(point[1])
    judged = tone(word)
    name = f"d {judged or 'ink'}"
    if judged == "bad":
        return tag("rect", x=x - size, y=y - size, width=2 * size, height=2 * size, class_=name)
    if judged == "doubt":
        reach = size * 1.35
        corners = [x - reach, " ", y, "L", x, " ", y - reach, "L", x + reach, " ", y, "L", x, " ", y + reach]
        return tag("path", d=["M", *corners, "z"], class_=name)
    return tag("circle", cx=x, cy=y, r=size, class_=name)


def _picture(parts: Iterable[Html | None], label: str, size: tuple[float, float]) -> Html:
    wide, tall = size
    return tag(
        "svg",
        *parts,
        role="img",
        aria_label=label,
        viewBox=["0 0 ", wide, " ", tall],
        width=wide,
        height=tall,
    )
