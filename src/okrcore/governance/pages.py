"""Show rules to a reader: a table of all, a page of each."""

from __future__ import annotations

import attrs
import numpy as np

from okrcore.display import Table
from okrcore.governance.example import Example
from okrcore.governance.policy import Policy
from okrcore.governance.presets import STANDARD, STRICT
from okrcore.governance.rule import INPUTS, Rule
from okrcore.history.entry import Entry
from okrcore.history.instants import end_of
from okrcore.history.observation import Observation

PAGES = "https://github.com/your-organisation/okrcore/blob/main/docs/reference/rules"
"""Where the pages of the library's rules are read, unless a configuration says where a copy of them lies."""
SHOWN = 12
"""How many observations of an example a page shows."""


def list_rules(policy: Policy = STANDARD) -> tuple[Rule, ...]:
    """Return the rules of a policy, by code, each with the severity that the policy gives it.

    >>> rule = list_rules()[0]
    >>> rule.code, rule.severity, rule.needs
    ('OKR101', 'error', frozenset())
    """
    return tuple(
        attrs.evolve(rule, severity=policy.settings(rule).get("severity", rule.severity))
        for rule in policy.selected(None)
    )


def rules_table(policy: Policy = STANDARD) -> Table:
    """Return one row a rule of a policy, by code: code, severity, what it sees and needs, what should be."""
    rows = [
        (rule.code, rule.severity, rule.sees.__name__, ", ".join(sorted(rule.needs)), rule.summary)
        for rule in list_rules(policy)
    ]
    names = ("code", "severity", "sees", "needs", "rule")
    return Table({name: np.array([row[at] for row in rows], dtype=object) for at, name in enumerate(names)})


def page_address(code: str, pages: str = PAGES) -> str | None:
    """Return the address of the page of a rule; None where the catalogue has no such rule.

    >>> page_address("OKR101", "https://okr.example.org/rules/")
    'https://okr.example.org/rules/OKR101.md'
    """
    return f"{pages.rstrip('/')}/{code}.md" if code in STRICT.codes else None


def explain_rule(code: str, policy: Policy = STRICT) -> str:
    """Return the page of a rule as Markdown: what should be, why, how to mend it, its parameters, examples.

    Raises DefinitionError with the nearest code where the policy has no such rule.

    >>> print(explain_rule("OKR101").splitlines()[0])
    # OKR101 objective-rests-on-something
    """
    return "\n".join(_page(policy.rule(code), policy)) + "\n"


def _page(rule: Rule, policy: Policy) -> list[str]:
    settings = policy.settings(rule)
    lines = [f"# {rule.code} {rule.name}", "", rule.summary, ""]
    lines += [*rule.why.splitlines(), ""] if rule.why else []
    inputs = " and ".join(INPUTS[name] for name in sorted(rule.needs))
    needs = f" Needs {inputs}; skipped without." if inputs else ""
    severity = settings.get("severity", rule.severity)
    lines += [f"Severity: {severity}. Sees each {rule.sees.__name__}.{needs}", ""]
    lines += [f"Fix: {rule.fix}.", ""] if rule.fix else []
    if rule.parameters:
        lines += ["| parameter | value |", "| --- | --- |"]
        lines += [f"| `{name}` | {settings.get(name, value)!r} |" for name, value in rule.parameters.items()]
        lines += [""]
    for title, example in (("Fails", rule.fails), ("Passes", rule.passes)):
        lines += _example(title, example) if example else []
    return lines[:-1]


def _example(title: str, example: Example) -> list[str]:
    lines = [f"## {title}", ""]
    if example.earlier is not None:
        by = f" by {example.by}" if example.by else ""
        why = f" ({example.why})" if example.why else ""
        lines += ["Declared at first:", "", "```yaml", *example.earlier.splitlines(), "```", ""]
        lines += [f"Declared on {example.amended}{by}{why}:", ""]
    lines += ["```yaml", *example.document.splitlines(), "```", ""]
    if example.observations is not None:
        lines += ["| measure | at | value | known at | source |", "| --- | --- | --- | --- | --- |"]
        lines += [
            f"| {one.measure} | {one.at} | {one.value:g} | {_known(one)} | {_origin(one)} |"
            for one in example.observations[:SHOWN]
        ]
        more = len(example.observations) - SHOWN
        lines += [f"| and {more} more | | | | |"] if more > 0 else []
        lines += [""]
    if example.entries is not None:
        lines += ["| entry | about | by | at | says | changes |", "| --- | --- | --- | --- | --- | --- |"]
        lines += [
            f"| {one.kind} | {one.subject} | {one.by} | {one.at} | {_said(one)} | "
            f"{'; '.join(c.what for c in one.changes)} |"
            for one in example.entries
        ]
        lines += [""]
    if any(given is not None for given in (example.observations, example.entries, example.earlier)):
        lines += [f"As of {example.as_of}.", ""]
    return lines


def _known(one: Observation) -> str:
    """When it was known: the day where that is the end of one, as it is where nothing else was said."""
    at = one.recorded_at
    return f"{at.date() if at == end_of(at.date()) else at}"


def _origin(one: Observation) -> str:
    source = f"{one.source.system} {one.source.mode}" if one.source else ""
    by = f"by {one.by}" if one.by else ""
    definition = f"definition {one.definition}" if one.definition else ""
    return ", ".join(part for part in (source, by, definition) if part)


def _said(entry: Entry) -> str:
    sure = "" if entry.confidence is None else f"confidence {entry.confidence:g}"
    return ", ".join(part for part in (entry.text, entry.status, sure) if part)
