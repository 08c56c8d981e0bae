"""Order the rules of a table by its hit policy: who wins where several match (S14.2, S14.5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from okrcore.definitions.digraph import circles, grouped
from okrcore.definitions.priority_outcomes import Outcome
from okrcore.definitions.priority_table import PriorityTable
from okrcore.priorities import s_feel_literals as literals
from okrcore.priorities.closure import closure
from okrcore.priorities.table_report import TableFinding

_NAMES = {
    "U": "UNIQUE",
    "A": "ANY",
    "P": "PRIORITY",
    "F": "FIRST",
    "R": "RULE ORDER",
    "O": "OUTPUT ORDER",
    "C": "COLLECT",
    "C+": "COLLECT SUM",
    "C<": "COLLECT MIN",
    "C>": "COLLECT MAX",
    "C#": "COLLECT COUNT",
}
_LETTERS = {name: letter for letter, name in _NAMES.items()}

SINGLE = frozenset("UAPF")
"""The policies with one winner; the others return what all matching rules say."""
RANKED = frozenset("PO")
BY_ROW = frozenset("FRC")
"""The policies whose answer depends on the order of the rows."""


def letter_of(table: PriorityTable) -> str:
    """Return the hit policy as DMN's letters; "" where it is none of DMN's.

    >>> letter_of(PriorityTable(columns=[], rules=[], default=None, hit_policy="collect sum"))
    'C+'
    """
    name = table.hit_policy.strip().upper()
    return name if name in _NAMES else _LETTERS.get(name, "")


def policy_faults(table: PriorityTable) -> Iterator[TableFinding]:
    """Yield what contradicts the hit policy: an unknown name, winners that cannot be ranked or summed."""
    letter = letter_of(table)
    name = repr(table.hit_policy)
    if not letter:
        known = ", ".join(_NAMES)
        yield TableFinding(kind="policy", message=f"hit policy {name} is unknown; write one of {known}")
        return
    if table.overrides and letter not in "UA":
        text = f"overrides do not go with hit policy {name}; drop them, or write UNIQUE"
        yield TableFinding(kind="policy", message=text)
    if letter in RANKED:
        for winner in sorted({rule.then.winner for rule in table.rules} - set(ranking_of(table))):
            text = f"hit policy {name}: {winner!r} has no rank; name it in ranking, strongest first"
            yield TableFinding(kind="policy", message=text)
    if letter in ("C+", "C<", "C>"):
        for rule in table.rules:
            if literals.position("number", rule.then.winner) is None:
                text = f"rule {rule.id!r}: hit policy {name} takes numbers, not {rule.then.winner!r}"
                yield TableFinding(kind="policy", message=text, rules=(rule.id,))


def beaten_by(table: PriorityTable) -> list[int]:
    """Return, for each rule, the bits of the rules that beat it where both match; transitive."""
    count, letter = len(table.rules), letter_of(table)
    if letter == "F":
        return [(1 << index) - 1 for index in range(count)]
    if letter == "P":
        return _by_rank(_ranks(table))
    return overridden_by(table, {rule.id: index for index, rule in enumerate(table.rules)})


def overridden_by(table: PriorityTable, place: Mapping[str, int]) -> list[int]:
    """Return, for each place, the bits of the rules that override the rule there, through others too."""
    direct = [0] * len(place)
    for winner, loser in table.overrides:
        direct[place[loser]] |= 1 << place[winner]
    return closure(direct)


def override_circles(table: PriorityTable) -> list[tuple[str, ...]]:
    """Return paths of rule ids that override each other in a circle, each from its first id back to it."""
    return [(*path, path[0]) for path in circles(grouped(table.overrides))]


def same(a: Outcome | None, b: Outcome | None) -> bool:
    """Whether two outcomes decide the same: winner and effect; the reason given does not count."""
    return (a and (a.winner, a.effect)) == (b and (b.winner, b.effect))


def ranking_of(table: PriorityTable) -> tuple[str, ...]:
    """Return the winners of a ranked policy, strongest first: as given, else as the rules first name them."""
    if letter_of(table) not in RANKED:
        return ()
    return table.ranking or tuple(dict.fromkeys(rule.then.winner for rule in table.rules))


def in_output_order(table: PriorityTable, rules: Sequence[int]) -> list[int]:
    """Return matching rules by the rank of their winners, rows of one rank in their order."""
    ranks = _ranks(table)
    return sorted(rules, key=lambda index: ranks[index])


def _ranks(table: PriorityTable) -> list[int]:
    """The place of each rule's winner in the ranking."""
    place = {winner: rank for rank, winner in enumerate(ranking_of(table))}
    return [place.get(rule.then.winner, len(place)) for rule in table.rules]


def _by_rank(ranks: Sequence[int]) -> list[int]:
    """Return, for each rule, the bits of those with a rank before its own."""
    held: dict[int, int] = {}
    for index, rank in enumerate(ranks):
        held[rank] = held.get(rank, 0) | 1 << index
    above, before = 0, {}
    for rank in sorted(held):
        before[rank] = above
        above |= held[rank]
    return [before[rank] for rank in ranks]
