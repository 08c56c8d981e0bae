"""List the words for scales and units that people write behind numbers, in several languages."""

from __future__ import annotations

import re
from collections.abc import Mapping

_SCALES = """
12 dozen dutzend douzaine docena dozzina d\u00fazia
100 hundred hundert ciento honderd hundra
1000 thousand thousands tausend tausende tsd mille mila milhar milhares duizend tusen tusind tys
1000 \u0442\u044b\u0441 \u5343
10000 \u4e07 \u842c
100000 lakh lakhs lac lacs
1000000 million millions mio mill mills mlls mll mln mn millionen mill\u00f3n millones milione milioni
1000000 milh\u00e3o milh\u00f5es
1000000 miljoen miljoner miljon milion miliony milion\u00f3w milyon \u043c\u043b\u043d
10000000 crore crores
100000000 \u5104 \u4ebf
1000000000 billion billions bn mrd milliarde milliarden milliard milliards miliardo miliardi mld
1000000000 miljard miljarder miliard miliardy miliard\u00f3w milyar mia \u043c\u043b\u0440\u0434
1000000000000 trillion trillions billionen billones bill\u00f3n biljoen biljon bilh\u00f5es \u5146
"""
SCALES: Mapping[str, int] = {
    word: int(factor) for factor, *words in map(str.split, _SCALES.strip().split("\n")) for word in words
}
"""Words for how many of its kind a number counts, in small letters; a billion is the English one."""

OPEN = frozenset((*"kKmMbBtTgG", "MM", "mil", "Mil", "MIL", "tn", "bin", "bi", "mi", "Bio"))
"""What may be one of several scales, or a unit."""
MONEY = {"k": 1000, "T": 1000, "M": 1_000_000, "Mio": 1_000_000, "mn": 1_000_000, "bn": 1_000_000_000}
MONEY_WORD = re.compile(r"(k|T|M|Mio|mn|bn)([A-Z]{3})")
"""A currency with its scale, such as kEUR."""
ALIASES: Mapping[str, str] = {
    "hrs": "hours",
    "std": "hours",
    "mins": "minutes",
    "secs": "seconds",
    "wk": "week",
    "wks": "weeks",
    "mth": "month",
    "mths": "months",
    "mos": "months",
    "yrs": "years",
    "pp": "percentage_point",
    "ppt": "percentage_point",
    "bps": "basis_point",
    "bp": "basis_point",
}
"""Short forms of units, in small letters."""
PAIRS: Mapping[str, str] = {
    "percentage points": "percentage_point",
    "percentage point": "percentage_point",
    "basis points": "basis_point",
    "basis point": "basis_point",
    "per cent": "%",
    "calendar days": "days",
    "calendar day": "day",
}
"""Units of two words."""
_STOP = """
a an and as at but by for from if in into is it no not of on or per than that the to up via vs with within
after before between during each every when where which while
der die das im mit pro und von zu par de du des en et la le les por al el y di
"""
STOP = frozenset(_STOP.split())
"""Words behind a number that are no unit and no scale, but begin what narrows it."""
