"""Make the styles of pages and fragments, from the palette and what stands in `data/look`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.resources import files

from okrcore.display.palette import DARK, LIGHT, MIDTONES
from okrcore.display.tags import Html


def page_style() -> Html:
    """Return the style of a page: light, dark where the reader asks for it, light on paper."""
    dark = f"@media (prefers-color-scheme:dark){{{_variables(':root', DARK)}}}"
    paper = f"@media print{{{_variables(':root', LIGHT)}}}"
    scheme = ":root{color-scheme:light dark}@media print{:root{color-scheme:light}}"
    return _style(scheme, _variables(":root", LIGHT), dark, paper, _text("page.css"))


def fragment_style() -> Html:
    """Return the style of blocks in an element of the class `okr`, on any background."""
    return _style(_variables(".okr", MIDTONES), _text("fragment.css"))


def _style(*parts: str) -> Html:
    return Html(f"<style>{''.join(parts)}</style>")


def _variables(where: str, colours: Mapping[str, str]) -> str:
    return f"{where}{{{''.join(f'--{name}:{colour};' for name, colour in colours.items())}}}"


def _text(name: str) -> str:
    """Return a stylesheet without comments and without blanks that say nothing."""
    text = (files("okrcore") / "data" / "look" / name).read_text("utf-8")
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    text = re.sub(r"\s+", " ", text)
    return re.sub(r" ?([{};,]) ?|(:) (?=[^{}]*[;}])", lambda found: found[1] or found[2], text).strip()
