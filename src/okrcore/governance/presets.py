"""Collect the rules of the library: all of them, and those that any organisation can start with."""

from __future__ import annotations

from okrcore.governance.policy import Policy
from okrcore.governance.rules import RULES

_DEMANDING = (
    "OKR119",  # weights of a few to one are a choice, too
    "OKR120",  # directories of owners and teams often hold more than goals need
    "OKR212",  # a month is the rhythm of many numbers
    "OKR221",  # definitions often live in the system that a number comes from
    "OKR411",  # not everybody closes a cycle with a check-in
    "OKR512",  # people round what they type
    "OKR513",
)
"""Rules that ask for a way of working that not everybody shares."""

STRICT = Policy(rules=RULES)
"""Every rule there is."""

STANDARD = STRICT.without(*_DEMANDING)
"""The rules that any organisation can start with; STRICT has a few more demanding ones."""
