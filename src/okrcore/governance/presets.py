"""The policies that come with the library: all rules, and those that any organisation can start with."""

from __future__ import annotations

from okrcore.governance.policy import Policy
from okrcore.governance.rules import RULES

STRICT = Policy(rules=RULES)
"""Every rule there is."""

STANDARD = STRICT
"""The rules that hold for any organisation; the others ask for a way of working that not all share."""
