"""Keep versions of what was declared: immutable, append-only, dated, chained by hashes (S21.1)."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import pairwise
from typing import Any

import attrs
from attrs import field

from okrcore.declarations.amendment import Amendment
from okrcore.declarations.originals import original_goals
from okrcore.declarations.version import Version, begin_of
from okrcore.declarations.version_lines import changes, line, rebuilt, shared
from okrcore.definitions.portfolio import Portfolio
from okrcore.display import Rows
from okrcore.errors import HistoryError, OkrError, Problem
from okrcore.frozen import FrozenDict
from okrcore.history.chain import read_root
from okrcore.history.instants import Moment, span, to_moment
from okrcore.history.results import Verification
from okrcore.public_form import headed

ORIGIN = hashlib.sha256(b"okrcore declarations 1").digest()
"""The hash before the first version."""


@attrs.frozen(eq=False, repr=False)
class Declarations:
    """Versions of a portfolio in order of delivery; to definitions what a History is to observations.

    Iterating gives each `Version`. Two are equal where they hold the same versions in the same order.

    >>> from okrcore.definitions.people import Team
    >>> spring = Portfolio.of(Team(id="sales"))
    >>> declared = Declarations.of().append(spring, at="2026-03-01", by="jo")
    >>> declared = declared.append(spring.with_(Team(id="support")), at="2026-05-04", by="kim", why="split")
    >>> [team.id for team in declared.at("2026-04-30").teams], len(declared)
    (['sales'], 2)
    >>> print(*declared.amendments())
    support: added by kim on 2026-05-04: split
    """

    _versions: tuple[Version, ...] = field(default=(), alias="_versions")

    @classmethod
    def of(cls, *portfolios: tuple[Moment, Portfolio]) -> Declarations:
        """Return declarations of these (date, portfolio) pairs, one version each; without any, empty ones."""
        made = cls()
        for at, portfolio in portfolios:
            made = made.append(portfolio, at=at)
        return made

    def append(
        self,
        portfolio: Portfolio,
        *,
        at: Moment,
        recorded_at: Moment | None = None,
        by: str = "",
        why: str = "",
        authors: Mapping[str, str] | None = None,
        reasons: Mapping[str, str] | None = None,
        based_on: str | None = None,
        observations: str = "",
    ) -> Declarations:
        """Return these with one more version: in force from `at`, known from `recorded_at` (None: from `at`).

        An equal of the version delivered last is none, and these are returned. A version with an `at`
        before that of another is kept in its order of time, and marked backdated. `authors` and `reasons`
        say by subject who changed it and why, where that is not `by` and `why`. `based_on` is the root that
        the change was made from: raises HistoryError where another version came between, and for what
        is no portfolio, moment or text. Cost in proportion to the number of definitions.
        """
        if not isinstance(portfolio, Portfolio):
            raise HistoryError(
                f"portfolio is a {type(portfolio).__name__}, but must be a Portfolio; load one"
            )
        if based_on is not None and based_on != self.root:
            raise HistoryError(
                f"based_on is {based_on}, but must be the root now, {self.root}: another version came"
                " between; look at it, and declare again"
            )
        newest = self._versions[-1].portfolio if self._versions else Portfolio.of()
        found = changes(newest, portfolio)
        if self._versions and not found:
            return self._accepting(portfolio)
        told = {
            "by": by,
            "why": why,
            "observations": observations,
            "authors": dict(authors or {}),
            "reasons": dict(reasons or {}),
            "changes": found,
            "at": to_moment(at, "at"),
            "recorded_at": to_moment(at if recorded_at is None else recorded_at, "recorded_at"),
        }
        said = {name: value for name, value in told.items() if value not in ("", {}) or name == "changes"}
        return self._with(shared(newest, portfolio), said, line(said))

    @classmethod
    def of_lines(cls, lines: Iterable[bytes]) -> Declarations:
        """Return what was declared, from the canonical lines of its versions, in order of delivery.

        Raises HistoryError naming the first line that does not read, or not as it was written. Cost in
        proportion to what changed, and a copy of one index a version.
        """
        made, newest = cls(), Portfolio.of()
        for number, one in enumerate(lines):
            try:
                told = json.loads(one)
                if line(told) != one:
                    raise ValueError("it is not as it was written")
                newest = rebuilt(newest, told["changes"])
                made = made._with(newest, told, one)
            except (OkrError, ValueError, TypeError, KeyError, AttributeError) as error:
                raise HistoryError(f"version {number} does not read: {error}") from error
        return made

    def _accepting(self, portfolio: Portfolio) -> Declarations:
        """Return these with what an equal of the newest version accepts of findings; itself where alike."""
        *older, last = self._versions
        if last.portfolio.waivers == portfolio.waivers:
            return self
        newest = last.portfolio.with_waivers(portfolio.waivers)
        return Declarations(_versions=(*older, attrs.evolve(last, portfolio=newest)))

    def _with(self, portfolio: Portfolio, told: Mapping[str, Any], line: bytes) -> Declarations:
        """Return these with a version of which `told` holds the rest; raises HistoryError for no text."""
        texts = {name: told.get(name, "") for name in ("by", "why", "observations")}
        named = {name: told.get(name, {}) for name in ("authors", "reasons")}
        wrong = [name for name, text in texts.items() if not isinstance(text, str)]
        wrong += [name for name, words in named.items() if not _are_texts(words)]
        if wrong:
            raise HistoryError(f"{', '.join(wrong)} must be text; give ids and names")
        at = to_moment(told["at"], "at")
        version = Version(
            portfolio=portfolio,
            at=at,
            recorded_at=to_moment(told["recorded_at"], "recorded_at"),
            by=texts["by"],
            why=texts["why"],
            authors=FrozenDict(named["authors"]),
            reasons=FrozenDict(named["reasons"]),
            backdated=begin_of(at) < self._latest,
            observations=texts["observations"],
            line=line,
            hash=hashlib.sha256(self._last + line).digest(),
        )
        return Declarations(_versions=(*self._versions, version))

    def at(self, as_of: Moment | None = None, known_at: Moment | None = None) -> Portfolio:
        """Return what was in force at `as_of` (None: last of all), as known at `known_at` (None: today's).

        A date means its end. Of versions from one moment on, the one delivered last counts. Raises
        HistoryError before the first version, naming its date, and where there is none.
        """
        return self.version_at(as_of, known_at).portfolio

    def version_at(self, as_of: Moment | None = None, known_at: Moment | None = None) -> Version:
        """Return the version that `at` takes its portfolio from."""
        return self._up_to(as_of, known_at)[-1]

    def _up_to(self, as_of: Moment | None, known_at: Moment | None) -> tuple[Version, ...]:
        """Return the versions in force by a moment and known by another, in order of time; one at least."""
        known = self._in_time if known_at is None else self._known(known_at)
        if not known:
            when = f" by {known_at}; the first was known on {self._first_known}" if self._versions else ""
            raise HistoryError(f"nothing was declared{when}; append a portfolio, or ask for later")
        if as_of is None:
            return known
        _, _, end = span(as_of, "as_of")
        found = known[: bisect_right(known, end, key=lambda one: begin_of(one.at))]
        if not found:
            raise HistoryError(
                f"as_of is {as_of}, but must not be before {known[0].at.isoformat()}, the day of the first"
                " version; ask for that day or a later one"
            )
        return found

    def original(
        self, cycle: str | None = None, as_of: Moment | None = None, known_at: Moment | None = None
    ) -> Portfolio:
        """Return what is declared with each goal of `cycle` (None: of any) as it was once that had settled.

        A cycle settles in its first 14 days; a goal that became active later counts as it was then. Goals
        that were taken out since are in again. `as_of` and `known_at` are those of `at`, which gives the same
        portfolio where no goal is other than it was. Raises HistoryError where no version declares the
        cycle, and as `at` does.
        """
        versions = self._up_to(as_of, known_at)
        if cycle is not None and not any(cycle in one.portfolio for one in versions):
            raise HistoryError(
                f"cycle is {cycle!r}, but no version declares it; give the id of one that is declared"
            )
        cycles = None if cycle is None else (cycle,)
        return original_goals([(one.at, one.portfolio) for one in versions], cycles)

    def amendments(self, since: Moment | None = None, until: Moment | None = None) -> Rows[Amendment]:
        """Return what each version changed in the one before it, in order of time, from `since` to `until`.

        Both ends are included. The first version amends nothing. `score_amendments` adds what each did to
        the score at its moment.
        """
        steps = self.steps(since, until)
        return Rows(one for before, after in steps for one in after.amendments(before))

    def steps(
        self, since: Moment | None = None, until: Moment | None = None, known_at: Moment | None = None
    ) -> tuple[tuple[Version, Version], ...]:
        """Return each version from `since` to `until` after the one before it, as known at `known_at`."""
        known = self._in_time if known_at is None else self._known(known_at)
        first = None if since is None else span(since, "since")[1]
        last = None if until is None else span(until, "until")[2]
        return tuple(
            (before, after)
            for before, after in pairwise(known)
            if (first is None or first <= begin_of(after.at)) and (last is None or begin_of(after.at) <= last)
        )

    @cached_property
    def root(self) -> str:
        """Text `count:hash` over all versions in order of delivery, which proves each prefix (S8.3)."""
        return f"{len(self)}:{self._last.hex()}"

    def as_plain(self) -> dict[str, Any]:
        """Return the public form: the root and every version, in order of delivery, as what it changed."""
        return headed("declarations", versions=len(self), root=self.root, rows=list(self))

    def verify(self, root: str | None = None) -> Verification:
        """Check each hash, and that these begin with the versions of an old `root`.

        Raises HistoryError for text that is no root.
        """
        before = ORIGIN
        for number, one in enumerate(self._versions):
            before = hashlib.sha256(before + one.line).digest()
            if before != one.hash:
                return _fault(number, "was altered, dropped or reordered")
        if root is None:
            return Verification()
        count, _ = read_root(root)
        if count > len(self):
            return _fault(len(self), f"is missing: the root names {count} versions, {len(self)} are here")
        mine = self._versions[count - 1].hash if count else ORIGIN
        same = root == f"{count}:{mine.hex()}"
        return (
            Verification() if same else _fault(max(count - 1, 0), "or one before it is not that of the root")
        )

    def __len__(self) -> int:
        return len(self._versions)

    def __iter__(self) -> Iterator[Version]:
        return iter(self._versions)

    def __eq__(self, other: object) -> bool:
        return self.root == other.root if isinstance(other, Declarations) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.root)

    def __repr__(self) -> str:
        return f"<Declarations of {len(self)} versions>"

    @property
    def _latest(self) -> dt.datetime:
        """The latest moment from which a version is in force; a backdated one is never that."""
        moments = (begin_of(one.at) for one in reversed(self._versions) if not one.backdated)
        return next(moments, dt.datetime.min.replace(tzinfo=dt.UTC))

    @property
    def _last(self) -> bytes:
        return self._versions[-1].hash if self._versions else ORIGIN

    @cached_property
    def _in_time(self) -> tuple[Version, ...]:
        return tuple(sorted(self._versions, key=lambda one: begin_of(one.at)))

    @property
    def _first_known(self) -> str:
        return min((begin_of(one.recorded_at), one.recorded_at) for one in self._versions)[1].isoformat()

    def _known(self, known_at: Moment) -> tuple[Version, ...]:
        _, _, end = span(known_at, "known_at")
        return tuple(one for one in self._in_time if begin_of(one.recorded_at) <= end)


def _are_texts(words: object) -> bool:
    return isinstance(words, dict) and all(isinstance(one, str) for one in (*words, *words.values()))


def _fault(number: int, fault: str) -> Verification:
    return Verification((Problem(f"version {number} {fault}", path=f"version {number}", kind=HistoryError),))
