"""List the words that say which way is better, before a number and behind it, in several languages."""

from __future__ import annotations

import re

_HIGHER = (
    "at or above|at or over|at or greater than|at least|no less than|not less than|no fewer than"
    "|no lower than|not lower than|not below|never below|greater than or equal to|equal or greater than"
    "|equal to or greater than|equal or above|equal or more than|more than or equal to|greater than|more than"
    "|higher than|above|over|exceeding|exceeds|minimum of|minimum|min|>=|=>|>|\u2265|\u2a7e|\u2267"
    "|mindestens|wenigstens|nicht weniger als|nicht unter|mehr als|au moins|pas moins de|plus de|au minimum"
    "|al menos|por lo menos|no menos de|m\u00e1s de|como m\u00ednimo"
    "|almeno|non meno di|pi\u00f9 di|pelo menos"
    "|mais de|minstens|ten minste|meer dan|minst"
)
_LOWER = (
    "at or below|at or under|at or less than|at most|no more than|not more than|no greater than"
    "|not greater than|no higher than|not higher than|not above|never above|does not exceed|do not exceed"
    "|not exceeding|not to exceed|must not exceed|less than or equal to|equal or less than"
    "|equal to or less than|equal or below|fewer than or equal to|less than|fewer than|lower than"
    "|smaller than|below|under|up to|maximum of|maximum|max|<=|=<|<|\u2264|\u2a7d|\u2266"
    "|h\u00f6chstens|maximal|nicht mehr als|nicht \u00fcber|weniger als|bis zu|au plus|pas plus de|moins de"
    "|au maximum|como m\u00e1ximo|a lo sumo|no m\u00e1s de|menos de"
    "|al massimo|non pi\u00f9 di"
    "|meno di|no m\u00e1ximo"
    "|hoogstens|niet meer dan|minder dan|h\u00f6gst"
)
_AFTER_HIGHER = "or more|or above|or over|or greater|or higher|and above|and more|and over|at least|minimum"
_AFTER_LOWER = "or less|or below|or under|or fewer|or lower|and below|and less|and under|at most|maximum"


def _phrase(phrases: str) -> str:
    each = sorted(phrases.split("|"), key=len, reverse=True)
    return "|".join(rf"\b{one}\b" if one[0].isalpha() else re.escape(one) for one in each)


DIRECTION = re.compile(f"(?P<higher>{_phrase(_HIGHER)})|(?P<lower>{_phrase(_LOWER)})", re.IGNORECASE)
"""Words before a number, named "higher" or "lower"."""
AFTER = re.compile(
    rf"\s*(?:(?P<higher>{_phrase(_AFTER_HIGHER)}|\+(?!\S))|(?P<lower>{_phrase(_AFTER_LOWER)}))", re.IGNORECASE
)
"""Words behind one."""
