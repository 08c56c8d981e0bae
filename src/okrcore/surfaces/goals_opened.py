"""Open the goals that a command or a run of tests names: documents, or the versions that a ledger keeps."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence

import attrs

from okrcore.declarations.declared_versions import Declarations
from okrcore.declarations.in_force import AnyPortfolio, versions_of
from okrcore.definitions.fields import FIRST_DAY
from okrcore.definitions.moments import AsOf, parse_as_of
from okrcore.definitions.portfolio import Portfolio
from okrcore.documents.loading import Place, load_with_places
from okrcore.errors import DocumentError
from okrcore.history.history import History
from okrcore.history.journal import Journal
from okrcore.surfaces.facts_opened import is_ledger, open_histories, open_journals

Path = str | os.PathLike[str]


@attrs.frozen(kw_only=True)
class Goals:
    """What is declared, where each definition stands, and the numbers and answers about it.

    `before` are the places in the documents that it is compared with; `history` and `journal` None: none.
    """

    declared: AnyPortfolio
    places: Mapping[str, Place] = attrs.field(factory=dict)
    before: Mapping[str, Place] = attrs.field(factory=dict)
    history: History | None = None
    journal: Journal | None = None

    @property
    def observed(self) -> History:
        """The history, an empty one where there is none."""
        return History.of() if self.history is None else self.history

    @property
    def newest(self) -> Portfolio:
        """What is declared last of all."""
        versions = versions_of(self.declared)
        return self.declared if versions is None else versions.at()  # type: ignore[return-value]


def open_goals(files: Sequence[Path], history: Iterable[Path] = (), journal: Iterable[Path] = ()) -> Goals:
    """Return what documents declare, or the versions in a ledger that stands in their place.

    Such a ledger gives its observations and entries, too, where no other files of them are named. Raises
    DocumentError for a ledger beside other files, and for one in which nothing is declared.
    """
    numbers, answers = open_histories(history), open_journals(journal)
    ledgers = [os.fspath(path) for path in files if is_ledger(os.fspath(path))]
    if not ledgers:
        portfolio, places = load_with_places(files)
        return Goals(declared=portfolio, places=places, history=numbers, journal=answers)
    if len(files) > 1:
        raise DocumentError(f"{ledgers[0]}: a ledger stands alone; name it, or the documents")
    from okrcore.ledger.ledger import Ledger

    with Ledger.open(ledgers[0]) as ledger:
        if not len(ledger.declarations):
            raise DocumentError(
                f"{ledgers[0]}: nothing is declared in this ledger; name documents, or Ledger.declare them"
            )
        return Goals(
            declared=ledger.declarations,
            history=ledger.history if numbers is None else numbers,
            journal=ledger.journal if answers is None else answers,
        )


def compared_with(goals: Goals, old: Sequence[Path], as_of: AsOf) -> Goals:
    """Return goals as a version from `as_of` on, after what `old` declares: documents or a ledger.

    Of documents it is what was declared from ever on; of a ledger all its versions come before, and its
    observations and entries count where none are named.
    """
    if not old:
        return goals
    if versions_of(goals.declared) is not None:
        raise DocumentError("a ledger has its own versions; name documents to compare them with others")
    before = open_goals(old)
    kept = versions_of(before.declared)
    earlier = Declarations.of((FIRST_DAY, before.newest)) if kept is None else kept
    declared = earlier.append(goals.newest, at=parse_as_of(as_of))
    return attrs.evolve(
        goals,
        declared=declared,
        before=before.places,
        history=before.history if goals.history is None else goals.history,
        journal=before.journal if goals.journal is None else goals.journal,
    )
