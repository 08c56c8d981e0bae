"""Check what should not be: rules with codes, policies that collect them, and the check that runs them."""

from okrcore._lazy import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "governance.rule": "governance_rule Rule",
        "governance.example": "Example",
        "governance.context": "Context",
        "governance.policy": "Policy",
        "definitions.ignores": "Ignore",
        "governance.presets": "STANDARD STRICT",
        "governance.checking": "check check_in_full CheckResult Skipped Waived",
        "governance.integrity_findings": "integrity",
        "governance.pages": "list_rules explain_rule",
        "findings": "Finding",
    },
)
