"""Read what was recorded under an id's former names under its present one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol, TypeVar

from okrcore.definitions.derived_cache import Derivation
from okrcore.definitions.portfolio import KINDS, Portfolio
from okrcore.frozen import FrozenDict


class Renamable(Protocol):
    """A history or a journal."""

    def renamed(self, ids: Mapping[str, str]) -> Renamable:
        """Return it with other ids, {old: new}."""


R = TypeVar("R", bound=Renamable | None)


def followed(portfolio: Portfolio, recorded: R) -> R:
    """Return a history or journal with each former id of the portfolio's definitions as the present one.

    Where nothing was renamed it is the same object, and else the same one for the same portfolio version.
    """
    ids = present_ids(portfolio)
    return recorded.renamed(ids) if ids and recorded is not None else recorded  # type: ignore[return-value]


def present_ids(portfolio: Portfolio) -> Mapping[str, str]:
    """Return the present id of each id that a definition had before."""
    return _PRESENT.of(portfolio)


def present(name: str, ids: Mapping[str, str]) -> str:
    """Return the present name of an id, or of an item of a checklist ("<key result>#<item>").

    >>> present("a", {"a": "b"}), present("a#pilot", {"a": "b"}), present("c", {"a": "b"})
    ('b', 'b#pilot', 'c')
    """
    if name in ids:
        return ids[name]
    owner, mark, item = name.partition("#")
    return f"{ids[owner]}{mark}{item}" if mark and owner in ids else name


def is_named(names: Iterable[str], ids: Mapping[str, str]) -> bool:
    """Return whether any name is a former one."""
    return any(present(name, ids) != name for name in names)


def _present(portfolio: Portfolio) -> FrozenDict[str, str]:
    return FrozenDict({old: one.id for one in portfolio.definitions for old in one.formerly})


_PRESENT = Derivation(tuple(KINDS.values()), _present)
