"""Advise what to write in place of a unit that people write in words or signs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from okrcore.frozen import FrozenDict
from okrcore.units.unit_names import vocabulary

_MEANT = {
    "percentage points": "percentage_point", "percentage point": "percentage_point",
    "percent points": "percentage_point", "% points": "percentage_point", "%-points": "percentage_point",
    "ppt": "percentage_point", "ppts": "percentage_point", "pps": "percentage_point",
    "prozentpunkte": "percentage_point", "prozent": "%", "pct": "%", "per cent": "%", "pourcent": "%",
    "euro": "EUR", "euros": "EUR", "us dollar": "USD", "us dollars": "USD", "dollars": "USD",
}  # fmt: skip
_SIGNS = {
    "\N{EURO SIGN}": "EUR", "\N{POUND SIGN}": "GBP", "\N{INDIAN RUPEE SIGN}": "INR", "\N{YEN SIGN}": "JPY",
    "$": "USD",
}  # fmt: skip
_SEVERAL = {"$": ", or the code of another dollar", "\N{YEN SIGN}": " or CNY"}
_WORDS = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:[ -][A-Za-z][A-Za-z0-9_]*)+")


LONGEST = 64
"""Longer texts are nothing that people call a unit."""


@cache
def _names() -> Mapping[str, str]:
    return FrozenDict({one.casefold(): one for one in vocabulary().names})


def unit_advice(text: str) -> str:
    """Return what to write in place of a text that is no unit; "" where nothing is known of it.

    >>> unit_advice("% points"), unit_advice("NPS points")
    ('write percentage_point', 'write NPS_point, one name, and declare it under units')
    """
    if len(text) > LONGEST:
        return ""
    plain = " ".join(text.casefold().replace(".", "").split())
    if plain in _MEANT:
        return f"write {_MEANT[plain]}"
    for sign, code in _SIGNS.items():
        if sign in text:
            scaled = "" if len(plain) == 1 else ", with the values scaled to it"
            return f"write {code}{_SEVERAL.get(sign, '')}{scaled}"
    if not _WORDS.fullmatch(text.strip()) or plain.startswith("per "):
        return ""
    name = re.sub(r"(?<=[a-z]{2})(?<!s)s$", "", re.sub("[ -]", "_", text.strip()))
    if (known := _names().get(name.casefold())) is not None:
        return f"write {known}"
    return f"write {name}, one name, and declare it under units"
