"""Make a rule of a function: give it a code, a severity, why it holds, and how to mend what breaks it."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from pickle import PicklingError, UnpicklingError
from typing import Any, Literal, cast, get_args, get_type_hints

import attrs
import numpy as np
import numpy.typing as npt

from okrcore.definitions.codes import CODE, family_of
from okrcore.definitions.fields import shown
from okrcore.errors import DefinitionError, OkrError, RuleError
from okrcore.findings import Finding
from okrcore.frozen import FrozenDict
from okrcore.governance.context import Context
from okrcore.governance.example import Example, to_example
from okrcore.governance.subject_rows import SubjectRows
from okrcore.governance.subjects import SEEN, row_of

Severity = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
Said = Finding | str
"""What a rule yields: a finding, or its message alone; what it leaves empty is the rule's own."""
Where = Callable[[SubjectRows, Context, Mapping[str, Any]], npt.NDArray[np.bool_]]
"""Tells which rows a rule looks at: of rows, context and the rule's parameters, a truth value a row."""

INPUTS = {
    "declarations": "versions of what was declared",
    "history": "a history",
    "journal": "a journal",
    "records": "a history whose single records are at hand",
}
"""The inputs that a rule may need, as they are told where they are absent."""


@attrs.frozen(kw_only=True, repr=False)
class Rule:
    """One governance rule; made by `governance_rule`, collected by a `Policy`.

    `sees` is the type of the values it judges, `needs` the inputs without which it is skipped ("history",
    "journal", "records", "declarations"), `parameters` its keyword arguments with their defaults. `summary`
    says what should be, `why` what happens otherwise, `fix` how to mend it; `passes` and `fails` are
    examples. `where` is a condition on columns: the function is asked of the rows for which it holds, and
    need not repeat it. Of drafts only errors of OKR1 and OKR2 are asked, and what says so in
    `drafts` (S21.5).

    Calling a rule asks it of one value, `find` of many at once; both find the same, and fill in code,
    severity, subject and fix.
    """

    code: str
    severity: Severity
    name: str
    summary: str
    why: str
    fix: str
    sees: type
    needs: frozenset[str]
    parameters: FrozenDict[str, Any]
    function: Callable[..., Iterable[Said] | None]
    in_context: bool
    where: Where | None
    passes: Example | None
    fails: Example | None
    drafts: bool = False

    @property
    def asks_drafts(self) -> bool:
        """Whether it is asked of drafts too."""
        return self.drafts or (self.severity == "error" and family_of(self.code) in {"OKR1", "OKR2"})

    @property
    def asks_closed(self) -> bool:
        """Whether it is asked of closed goals too: integrity looks back, all else is about what goes on."""
        return family_of(self.code) == "OKR5"

    def __call__(self, value: Any, context: Context | None = None, **parameters: Any) -> Iterator[Finding]:
        """Yield what the rule finds in one value; raises RuleError where the rule fails.

        `context` may be None where neither the function nor `where` asks it anything.
        """
        yield from self.find(row_of(value), context, **parameters)

    def find(self, rows: SubjectRows, context: Context | None = None, **parameters: Any) -> Iterator[Finding]:
        """Yield what the rule finds in rows, in their order; raises RuleError where the rule fails."""
        for row in self.look_at(rows, context, parameters):
            yield from self.find_at(row, rows, context, parameters)

    def look_at(
        self, rows: SubjectRows, context: Context | None, parameters: Mapping[str, Any]
    ) -> Sequence[int]:
        """Return the rows for which `where` holds; raises RuleError where it fails."""
        if self.where is None or not len(rows):
            return range(len(rows))
        try:
            mask: Any = self.where(rows, cast("Context", context), {**self.parameters, **parameters})
            found: list[int] = np.flatnonzero(np.broadcast_to(mask, len(rows))).tolist()
        except Exception as error:
            raise self._crash("all that it sees", error) from error
        return found

    def find_at(
        self, row: int, rows: SubjectRows, context: Context | None, parameters: Mapping[str, Any]
    ) -> Iterator[Finding]:
        """Yield what the function says of one row; raises RuleError where it fails."""
        value, subject = rows.value(row), rows.ids[row]
        arguments = (value, context) if self.in_context else (value,)
        try:
            for said in self.function(*arguments, **parameters) or ():
                yield self._finding(said, subject)
        except RuleError:
            raise
        except Exception as error:
            raise self._crash(shown(subject), error) from error

    def _crash(self, subject: str, error: Exception) -> RuleError:
        what = str(error) if isinstance(error, OkrError) else f"{type(error).__name__}: {error}"
        place = f"{self.function.__module__}.{self.function.__qualname__}"
        advice = f"correct {place} or what it is set to, or leave the rule out"
        return RuleError(f"rule {self.code} failed on {subject}: {what}; {advice}")

    def _finding(self, said: Said, subject: str) -> Finding:
        if isinstance(said, str):
            return Finding(
                code=self.code, severity=self.severity, subject=subject, message=said, fix=self.fix
            )
        return Finding(
            code=said.code or self.code,
            severity=self.severity if not said.code else said.severity,
            subject=said.subject or subject,
            message=said.message,
            fix=said.fix or self.fix,
            evidence=said.evidence,
            location=said.location,
        )

    def __repr__(self) -> str:
        return f"<Rule {self.code} {self.name}>"

    def __hash__(self) -> int:
        return hash((self.code, self.function))

    def __copy__(self) -> Rule:
        return self

    def __deepcopy__(self, memo: Any) -> Rule:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle a rule as the name under which its module has it, and what was changed since.

        Raises PicklingError of a rule that is no name of its module, such as one made within a function.
        """
        place = self.function.__module__, self.function.__qualname__
        declared = _declared_at(*place)
        if declared is None or declared.function is not self.function:
            what = f"rule {self.code} is {'.'.join(place)}, but must be a name of its module to be pickled"
            raise PicklingError(f"{what}; define it at the top of {place[0]}")
        fields = [one.name for one in attrs.fields(Rule)]
        changed = {name: getattr(self, name) for name in fields}
        changed = {name: value for name, value in changed.items() if getattr(declared, name) is not value}
        return _restored, (*place, changed)


def _declared_at(module: str, name: str) -> Rule | None:
    try:
        found = attrgetter(name)(importlib.import_module(module))
    except (AttributeError, ImportError):
        return None
    return found if isinstance(found, Rule) else None


def _restored(module: str, name: str, changed: Mapping[str, Any]) -> Rule:
    declared = _declared_at(module, name)
    if declared is None:
        raise UnpicklingError(f"{module}.{name} is no rule, but must be one; install the version that has it")
    return attrs.evolve(declared, **changed) if changed else declared


def governance_rule(
    code: str,
    *,
    severity: Severity = "warning",
    fix: str = "",
    needs: Iterable[str] = (),
    passes: Example | str | None = None,
    fails: Example | str | None = None,
    where: Where | None = None,
    drafts: bool = False,
) -> Callable[[Callable[..., Iterable[Said] | None]], Rule]:
    """Return what turns a function into a `Rule`; nothing is registered, a policy collects rules.

    The annotation of the function's first argument says what it sees: a definition (Objective, Kpi, Link,
    ...), a state (KeyResultState, ...), LinkEvidence, Conflict, Decision, Tolerance, PriorityTable, or the
    whole Portfolio. A second argument annotated `Context` is handed the rest. Keyword-only arguments are
    parameters that a policy may set; their defaults count otherwise. The docstring's first line says what
    should be, the rest why. It yields findings or messages.

    `needs` names inputs besides those that the annotation implies: "history", "journal", "records" for a
    history in columns, whose single records can be read, or "declarations" for versions of the portfolio.
    `passes` and `fails` are examples (text: a YAML document) that `okrcore.testing.check_rule_examples` runs.
    `drafts` asks it of drafts too.

    Raises DefinitionError with every fault.

    >>> from okrcore import Kpi
    >>> @governance_rule("ACME12", fix="name the source system")
    ... def a_kpi_has_a_source(kpi: Kpi) -> Iterator[str]:
    ...     \"\"\"A KPI names the system that its numbers come from.\"\"\"
    ...     if kpi.source is None:
    ...         yield "has no source"
    >>> [str(finding) for finding in a_kpi_has_a_source(Kpi(id="uptime", title="Uptime"))]
    ['ACME12: uptime: has no source: name the source system']
    """

    def made(function: Callable[..., Iterable[Said] | None]) -> Rule:
        faults = []
        if not (isinstance(code, str) and CODE.fullmatch(code)):
            faults.append(f"code {shown(code)}: give capital letters and a number, such as 'ACME12'")
        if severity not in SEVERITIES:
            faults.append(f"severity {shown(severity)}: give one of {', '.join(SEVERITIES)}")
        sees, in_context, parameters, wrong = _signature(function)
        extra = frozenset((needs,) if isinstance(needs, str) else needs)
        if unknown := extra - set(INPUTS):
            faults.append(f"needs {sorted(unknown)}: give {' or '.join(map(repr, INPUTS))}")
        summary, _, why = inspect.cleandoc(function.__doc__ or "").partition("\n")
        if not summary:
            faults.append("has no docstring; say in its first line what should be")
        faults += wrong
        if faults:
            name = getattr(function, "__qualname__", shown(function))
            raise DefinitionError("; ".join(f"rule {name}: {fault}" for fault in faults))
        return Rule(
            code=code,
            severity=severity,
            name=function.__name__.replace("_", "-"),
            summary=summary,
            why=why.strip(),
            fix=fix,
            sees=sees,
            needs=extra | SEEN[sees].needs,
            parameters=FrozenDict(parameters),
            function=function,
            in_context=in_context,
            where=where,
            passes=to_example(passes),
            fails=to_example(fails),
            drafts=drafts,
        )

    return made


def fault(message: str, *, subject: str = "", fix: str = "", **evidence: Any) -> Finding:
    """Return what a rule yields where a message alone is not enough: the rule fills in what is empty.

    `evidence` holds the numbers it rests on, by name.

    >>> fault("has 7 key results", most=5).evidence
    (('most', 5),)
    """
    return Finding(
        code="", severity="warning", subject=subject, message=message, fix=fix,
        evidence=tuple(evidence.items()),
    )  # fmt: skip


def _signature(function: Callable[..., Any]) -> tuple[type, bool, dict[str, Any], list[str]]:
    """Return what a function sees, whether it takes a context, its parameters, and what is wrong with it."""
    try:
        hints = get_type_hints(function)
        given = list(inspect.signature(function).parameters.values())
    except Exception as error:
        return object, False, {}, [f"its annotations cannot be read ({error}); import what they name"]
    places = [one for one in given if one.kind is not one.KEYWORD_ONLY]
    parameters = {one.name: one.default for one in given if one.kind is one.KEYWORD_ONLY}
    faults = [
        f"parameter {name} has no default; give one"
        for name, default in parameters.items()
        if default is inspect.Parameter.empty
    ]
    if not 1 <= len(places) <= 2 or any(one.kind in {one.VAR_POSITIONAL, one.VAR_KEYWORD} for one in given):
        return object, False, {}, [*faults, "takes one value and perhaps a Context; parameters by keyword"]
    sees = hints.get(places[0].name)
    if sees not in SEEN:
        known = ", ".join(kind.__name__ for kind in SEEN)
        faults.append(f"sees {getattr(sees, '__name__', shown(sees))}; annotate it with one of {known}")
    if len(places) == 2 and hints.get(places[1].name) is not Context:
        faults.append(f"argument {places[1].name} is no Context; annotate it so")
    return sees or object, len(places) == 2, parameters, faults
