"""Choose colours by what they say, the one place that does: pages, pictures and plots take them from here.

Colour is judgement: blue means better, orange worse, on every surface, and a sign, shape or word always says
it too. Data are drawn in ink and grey.
"""

from __future__ import annotations

from collections.abc import Mapping

from okrcore.frozen import FrozenDict

LIGHT: Mapping[str, str] = FrozenDict(
    paper="#ffffff",
    wash="#f6f5f1",
    ink="#1b1e22",
    soft="#565d66",
    good="#0b5fa5",
    bad="#b8420b",
    doubt="#7d5a00",
    none="#5a626b",
    data="#33383f",
    fill="#6b7480",
    rule="#8b8f94",
    fan="#c9ced4",
    fan2="#aab1ba",
    limit="#e6e8ea",
    track="#e4e3de",
    hair="#d8d5cd",
)
"""Colours on light paper, by what they are for."""

DARK: Mapping[str, str] = FrozenDict(
    paper="#15181b",
    wash="#1d2125",
    ink="#e9e7e1",
    soft="#a9afb6",
    good="#7fbcf2",
    bad="#ff9c63",
    doubt="#e6c06a",
    none="#a9b1ba",
    data="#d5d8db",
    fill="#8f9aa6",
    rule="#6d747c",
    fan="#3b434b",
    fan2="#525c67",
    limit="#2a3036",
    track="#2c3136",
    hair="#363b41",
)
"""Colours on dark paper, by what they are for."""

MIDTONES: Mapping[str, str] = FrozenDict(
    good="#2b7fd0",
    bad="#c8500f",
    doubt="#9a7400",
    none="#7a828b",
    data="#7a828b",
    fill="#7a828b",
    on="#ffffff",
)
"""Colours that are seen on white and on near black, where nobody knows the theme of a notebook."""

TEXTS = ("ink", "soft", "good", "bad", "doubt", "none")
"""What text is written in: 4.5 to 1 or more on `paper` and on `wash`."""

SHAPES = ("data", "fill", "rule")
"""What lines and bars are drawn in: 3 to 1 or more on `paper`."""

ON_DARK = "#111111"
"""The darkest that a notebook is taken to be."""


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21, as WCAG 2 defines it.

    >>> round(contrast("#000000", "#ffffff")), round(contrast(LIGHT["ink"], LIGHT["paper"]), 1)
    (21, 16.7)
    """
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels)
    return sum(weight * one for weight, one in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
