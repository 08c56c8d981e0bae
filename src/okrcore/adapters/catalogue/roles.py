"""Name the roles that a column can have, and what is wrong with a mapping of roles to columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, get_args

from okrcore.definitions.aggregates import Aggregate
from okrcore.definitions.commitments import COMMITMENTS
from okrcore.definitions.fields import is_date, is_text
from okrcore.definitions.goals import Stage
from okrcore.documents.suggestions import nearest

ROLES: Mapping[str, str] = {
    "id": "the id of what the row declares, of one or several columns; else it is made from the title",
    "title": "its title",
    "type": 'what the row declares, where rows differ: words for "objective", "key_result", "kpi"',
    "parent": "id or title of the row above it",
    "alignment": "ids of what is above it, each with a weight: Title(weight: 50%, Id: 7)",
    "order": "its decimal place in the hierarchy: 1.2.1 is below 1.2",
    "objective": "of a key result: id or title of its objective, which is declared where it is not a row",
    "team": "the team",
    "team_title": "the team's title, where `team` is a key",
    "owner": "who answers for it",
    "scope": 'what `scope_value` names: words for "team", "owner" or ""',
    "scope_value": "a team or an owner, as `scope` says",
    "category": "a KPI's category",
    "definition": "a KPI's definition",
    "why": "an objective's reason or description",
    "tags": "further words, of objectives and key results; one or several columns",
    "direction": 'which way is better: words for "higher", "lower" and "maintain"',
    "unit": "the unit of the row's numbers",
    "start": "the baseline",
    "target": "what to reach: a number, or words such as at least 95 %",
    "low": "the lower bound of a KPI's target band",
    "high": "its upper bound",
    "limit": "the bound of what is acceptable, on the side of the direction",
    "worst": "the bound of the worst, likewise",
    "current": "the value at `at`",
    "progress": "the progress at `at`, where that is all there is to know",
    "weight": "the weight in what is above",
    "commitment": 'of an objective: words for "committed", "aspirational" and "learning"',
    "cadence": "how often it is measured: weekly, monthly, quarterly, yearly",
    "aggregate": 'what makes one value of several: words for "sum", "mean", "latest", "max" and "min"',
    "source": "the system that a KPI's numbers come from",
    "initiative": "the initiative that is to move it, by its title",
    "incentivised": "whether a bonus hangs on it",
    "guardrail": "whether it is a guardrail",
    "watchers": "teams to be told, of a KPI",
    "period": "the time it is set for: Q3 2025, H1 2025, 2025, FY23-Q2, 2025-07-01..2025-09-30",
    "begin": "the first day of that time",
    "end": "its last day, or when it is due",
    "status": "the status that somebody declared; words such as on hold or cancelled say the stage too",
    "stage": 'whether a goal is pursued: words for "draft", "active", "paused" and "cancelled"',
    "note": "what was said with the status",
    "check_ins": "check-ins in one cell: Checkin Date: 2025-03-10; User: Ann; Status: On Track; Note: ...",
    "at": "when the values of the row were observed",
    "measure": "of an observation: what was measured",
    "value": "of an observation: how much",
}
"""What a column can mean."""

_PREFIXED = ("team", "owner", "objective", "key_result", "kpi", "initiative")
_TYPES = ("objective", "key_result", "kpi", "initiative")
_MEANINGS: Mapping[str, tuple[str, ...]] = {
    "type": _TYPES,
    "direction": ("higher", "lower", "maintain"),
    "scope": ("team", "owner", ""),
    "commitment": COMMITMENTS,
    "aggregate": get_args(Aggregate),
    "stage": get_args(Stage),
}


def mapping_faults(value: Any) -> Iterable[tuple[str, str]]:
    """Yield the fields of a `ColumnMapping` that are wrong, each with its fault and the remedy."""
    for place, given in (("columns", value.columns), ("words", value.words), ("constants", value.constants)):
        for role in given:
            if role not in ROLES:
                near = nearest(role, ROLES)
                hint = f"did you mean {near!r}?" if near else f"roles are {', '.join(ROLES)}"
                yield f"{place}.{role}", f"{place}: {role!r} is no role; {hint}"
    for role, name in value.columns.items():
        names = name if isinstance(name, tuple) and role in ("tags", "id") else (name,)
        if not names or not all(isinstance(one, str) and one for one in names):
            several = " or several" if role in ("tags", "id") else ""
            yield f"columns.{role}", f"columns.{role} is {name!r}; name one column{several}"
    for role, words in value.words.items():
        fault = is_mapping(words) or _first(is_text(meaning) for meaning in words.values())
        if fault:
            yield f"words.{role}", f"words.{role} {fault}"
            continue
        for word, meaning in words.items():
            if meaning not in _MEANINGS.get(role, (meaning,)):
                one = ", ".join(map(repr, _MEANINGS[role]))
                yield f"words.{role}.{word}", f"words.{role}.{word} means {meaning!r}; give one of {one}"
    for role, constant in value.constants.items():
        if not isinstance(constant, str | float | int):
            yield (
                f"constants.{role}",
                f"constants.{role} is {constant!r}; give text, a number or true or false",
            )
    for name, day in value.observations.items():
        if fault := is_date(day):
            yield f"observations.{name}", f"observations.{name} {fault}"
    for kind, prefix in value.prefixes.items():
        if (
            kind not in _PREFIXED
            or not isinstance(prefix, str)
            or not prefix.isprintable()
            or prefix[:1].isspace()
        ):
            one = ", ".join(_PREFIXED)
            yield f"prefixes.{kind}", f"prefixes.{kind} is {prefix!r}; give printable text for one of {one}"
    for key, kind in value.nested.items():
        if kind not in _TYPES[:3]:
            yield f"nested.{key}", f"nested.{key} is {kind!r}; give one of {', '.join(_TYPES[:3])}"
    for role, sign in value.separators.items():
        if role not in ROLES or not isinstance(sign, str) or not sign:
            yield (
                f"separators.{role}",
                f"separators.{role} is {sign!r}; give the text that parts a role's cells",
            )
    if len(value.separator) != 1:
        yield "separator", f"separator is {value.separator!r}; give one character"
    yield from _missing(value)


def _missing(value: Any) -> Iterable[tuple[str, str]]:
    given = {*value.columns, *value.constants}
    if value.rows == "observation":
        for role in ("measure", "at", "value"):
            if role not in given and not (role == "at" and value.at):
                yield f"columns.{role}", f"columns.{role} is missing; name the column"
        return
    if not given & {"id", "title"}:
        yield "columns.title", "columns name neither title nor id; name one"
    if "type" in value.columns and "type" not in value.words:
        yield "words.type", f"words.type is missing; say which words mean {', '.join(_TYPES)}"
    placed = value.parent_above or given & {"objective", "parent", "order", "type", "alignment"}
    if value.rows == "key_result" and not placed:
        yield (
            "columns.objective",
            "columns.objective is missing: key results need one; name the column or a constant",
        )


def _first(faults: Iterable[str | None]) -> str | None:
    return next((fault for fault in faults if fault), None)


def is_mapping(value: object) -> str | None:
    """A mapping from text."""
    good = isinstance(value, Mapping) and all(isinstance(key, str) and key for key in value)
    return None if good else f"is {value!r}; give a mapping from text"
