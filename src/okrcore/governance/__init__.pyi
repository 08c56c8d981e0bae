"""Check what should not be: rules with codes, policies that collect them, and the check that runs them."""

from okrcore.definitions.ignores import Ignore as Ignore
from okrcore.findings import Finding as Finding
from okrcore.governance.checking import CheckResult as CheckResult
from okrcore.governance.checking import Skipped as Skipped
from okrcore.governance.checking import Waived as Waived
from okrcore.governance.checking import check as check
from okrcore.governance.checking import check_in_full as check_in_full
from okrcore.governance.context import Context as Context
from okrcore.governance.example import Example as Example
from okrcore.governance.integrity_findings import integrity as integrity
from okrcore.governance.pages import explain_rule as explain_rule
from okrcore.governance.pages import list_rules as list_rules
from okrcore.governance.policy import Policy as Policy
from okrcore.governance.presets import STANDARD as STANDARD
from okrcore.governance.presets import STRICT as STRICT
from okrcore.governance.rule import Rule as Rule
from okrcore.governance.rule import governance_rule as governance_rule
