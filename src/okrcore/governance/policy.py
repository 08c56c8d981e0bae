"""Choose rules in advance, as one value: which are asked, how they are set, what is ignored until when."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

import attrs
from attrs import field

from okrcore.definitions.codes import family_of, names
from okrcore.definitions.fields import is_a, shown, to_texts, to_tuple
from okrcore.definitions.ignores import Ignore, to_ignores
from okrcore.errors import DefinitionError, Problem, raise_all
from okrcore.frozen import FrozenDict
from okrcore.governance.rule import SEVERITIES, Rule
from okrcore.scoring.scoring_policy import ScoringPolicy


def _to_rules(values: Iterable[Rule]) -> tuple[Rule, ...]:
    return to_tuple(values)


def _to_parameters(values: Mapping[str, Mapping[str, Any]]) -> FrozenDict[str, FrozenDict[str, Any]]:
    given: Any = values
    if not isinstance(given, Mapping) or not all(isinstance(value, Mapping) for value in given.values()):
        return given  # type: ignore[no-any-return]  # named by the check
    return FrozenDict({code: FrozenDict(value) for code, value in given.items()})


@attrs.frozen(kw_only=True, repr=False)
class Policy:
    """Rules and how they are used: a value, like everything it holds; registers nothing.

    `parameters` sets rules by code or family: {"OKR102": {"most": 7}, "OKR4": {"severity": "error"}}; what is
    said of a code beats what is said of its family, and "severity" goes with every rule. `ignore` holds
    `Ignore` values or mappings of their fields. `scoring` is how goals are judged where a rule asks for
    states. A policy pickles and copies as long as its rules are names of their modules.

    Raises DefinitionError with every fault: a code twice, a code or parameter that no rule has, a value of
    another type.

    >>> from okrcore import STANDARD
    >>> policy = STANDARD.with_parameters({"OKR102": {"most": 7}})
    >>> policy.settings(policy.rule("OKR102"))
    {'most': 7}
    """

    rules: tuple[Rule, ...] = field(converter=_to_rules)
    scoring: ScoringPolicy = ScoringPolicy()
    ignore: tuple[Ignore, ...] = field(default=(), converter=to_ignores)
    parameters: Mapping[str, Mapping[str, Any]] = field(factory=dict, converter=_to_parameters)

    def __attrs_post_init__(self) -> None:
        raise_all([Problem(text, path, kind=DefinitionError) for path, text in self._faults()])

    @cached_property
    def codes(self) -> frozenset[str]:
        """The codes of its rules."""
        return frozenset(rule.code for rule in self.rules)

    def with_rules(self, *rules: Rule) -> Policy:
        """Return a policy with these rules added, or put in place of those of the same code."""
        fresh = {rule.code: rule for rule in rules}
        if len(fresh) < len(rules):
            raise DefinitionError("a code is given twice; give each rule its own")
        kept = [fresh.pop(rule.code, rule) for rule in self.rules]
        return attrs.evolve(self, rules=(*kept, *fresh.values()))

    def without(self, *codes: str) -> Policy:
        """Return a policy without the rules of these codes or families, and without what was said of them."""
        if missing := [code for code in codes if not self.selected([code])]:
            raise DefinitionError(unknown_code(missing[0], self.rules))
        gone = {rule.code for rule in self.selected(codes)}
        left = tuple(rule for rule in self.rules if rule.code not in gone)

        def holds(code: str) -> bool:
            return any(rule.code not in gone for rule in self.selected([code]))

        known = {code: value for code, value in self.parameters.items() if holds(code)}
        ignored = tuple(one for one in self.ignore if holds(one.code))
        return attrs.evolve(self, rules=left, parameters=known, ignore=ignored)

    def with_parameters(self, parameters: Mapping[str, Mapping[str, Any]]) -> Policy:
        """Return a policy whose rules are set so, beside what was set before."""
        merged = {code: {**self.parameters.get(code, {}), **value} for code, value in parameters.items()}
        return attrs.evolve(self, parameters={**self.parameters, **merged})

    def with_ignored(self, *ignore: Ignore | Mapping[str, Any]) -> Policy:
        """Return a policy that also ignores these."""
        return attrs.evolve(self, ignore=(*self.ignore, *to_ignores(ignore)))

    def rule(self, code: str) -> Rule:
        """Return the rule of a code; raises DefinitionError with the nearest code there is."""
        found = next((rule for rule in self.rules if rule.code == code), None)
        if found is None:
            raise DefinitionError(unknown_code(code, self.rules))
        return found

    def selected(self, select: Iterable[str] | None) -> tuple[Rule, ...]:
        """Return the rules of some codes or families ("OKR1", "OKR"), by code; None: all."""
        given = None if select is None else to_texts((select,) if isinstance(select, str) else select)
        found = (
            rule
            for rule in self.rules
            if given is None or any(names(one, rule.code, self.codes) for one in given)
        )
        return tuple(sorted(found, key=lambda one: one.code))

    def settings(self, rule: Rule) -> dict[str, Any]:
        """Return the parameters of a rule that are set, by name; "severity" among them where it is set."""
        found: dict[str, Any] = {}
        for code in sorted(self.parameters, key=len):
            if names(code, rule.code, self.codes):
                known = {*rule.parameters, "severity"}
                found |= {name: value for name, value in self.parameters[code].items() if name in known}
        return found

    def _faults(self) -> Iterator[tuple[str, str]]:
        if fault := next((one for one in map(is_a(Rule), self.rules) if one), None):
            yield "rules", f"rules: one {fault}"
            return
        codes = [rule.code for rule in self.rules]
        for code in sorted({code for code in codes if codes.count(code) > 1}):
            yield "rules", f"code {code} is borne by two rules; keep one, or use with_rules"
        if fault := is_a(ScoringPolicy)(self.scoring):
            yield "scoring", f"scoring {fault}"
        for one in self.ignore:
            if not self.selected([one.code]):
                yield "ignore", unknown_code(one.code, self.rules)
        if fault := is_a(FrozenDict)(self.parameters):
            yield "parameters", f"parameters {fault}"
            return
        for code, values in self.parameters.items():
            yield from self._parameter_faults(code, values)

    def _parameter_faults(self, code: str, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        rules = self.selected([code])
        if not rules:
            yield f"parameters.{code}", unknown_code(code, self.rules)
            return
        for name, value in values.items():
            path = f"parameters.{code}.{name}"
            owners = [rule for rule in rules if name in rule.parameters]
            if name == "severity":
                if value not in SEVERITIES:
                    yield path, f"{code}: severity is {shown(value)}; give one of {', '.join(SEVERITIES)}"
            elif not owners:
                known = sorted({known for rule in rules for known in rule.parameters} | {"severity"})
                yield path, f"{code}: parameter {name!r} is unknown; known are {', '.join(known)}"
            elif any(not _like(value, rule.parameters[name]) for rule in owners):
                default = owners[0].parameters[name]
                yield path, f"{code}: {name} is {shown(value)}; give a value such as {shown(default)}"

    def __repr__(self) -> str:
        return f"<Policy of {len(self.rules)} rules>"


_DIGITS = str.maketrans("OI", "01")  # letters that are typed for digits


def unknown_code(code: object, rules: Collection[Rule]) -> str:
    """Return the message of a code or family that no rule has, with the nearest one."""
    known = [name for rule in rules for name in (rule.code, family_of(rule.code))]
    alike = {name.translate(_DIGITS): name for name in known}
    near = difflib.get_close_matches(str(code).upper().translate(_DIGITS), alike, n=1)
    hint = f"did you mean {alike[near[0]]}?" if near else "`okrcore rules` lists them"
    return f"no rule has code {shown(code)}; {hint}"


def _like(value: object, default: object) -> bool:
    """Whether a value is of the default's type; whole numbers are numbers, lists are tuples."""
    if default is None:
        return True
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(value, bool) and isinstance(default, bool)
    if isinstance(default, int | float):
        return isinstance(value, int | float) and value == value
    if isinstance(default, tuple):
        return isinstance(value, tuple | list) and all(isinstance(one, str) for one in value)
    return isinstance(value, type(default))
