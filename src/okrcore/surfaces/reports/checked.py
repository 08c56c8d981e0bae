"""Hold a check as surfaces show it: findings with their places, split into new and accepted ones."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import Path

import attrs

from okrcore.definitions.ignores import Ignore
from okrcore.definitions.joined_ids import parted_ids
from okrcore.display import Rows
from okrcore.documents.loading import Place
from okrcore.findings import Finding
from okrcore.frozen import FrozenDict
from okrcore.governance.checking import CheckResult
from okrcore.governance.pages import PAGES
from okrcore.governance.policy import Policy
from okrcore.governance.rule import SEVERITIES
from okrcore.surfaces.baseline import Baseline, Key


@attrs.frozen(kw_only=True)
class Checked:
    """What one check found: `fresh` findings count, `accepted` are in the baseline, `gone` no longer.

    `pages` is the address below which the pages of rules are read.
    """

    as_of: dt.date | dt.datetime
    policy: Policy
    result: CheckResult
    fresh: tuple[Finding, ...]
    accepted: tuple[Finding, ...] = ()
    gone: FrozenDict[Key, int] = attrs.field(factory=lambda: FrozenDict[Key, int]())
    pages: str = PAGES

    @classmethod
    def of(
        cls,
        result: CheckResult,
        *,
        policy: Policy,
        as_of: dt.date | dt.datetime,
        places: Mapping[str, Place],
        baseline: Baseline,
        before: Mapping[str, Place] = FrozenDict(),
        pages: str = PAGES,
    ) -> Checked:
        """Return a check's result with the place of each subject, and what the baseline accepts apart.

        `before` are places in older documents, for findings about what was amended since.
        """
        amended = {one.code for one in policy.rules if "declarations" in one.needs}

        where = {**places, **{name: place for name, place in before.items() if name not in places}}

        def placed(findings: Iterable[Finding]) -> tuple[Finding, ...]:
            found = located(findings, where)
            return tuple(_beside(one, before) if one.code in amended else one for one in found)

        found = placed(result.findings)
        waived = [
            attrs.evolve(one, finding=placed([one.finding])[0], ignore=_where(one.ignore))
            for one in result.ignored
        ]
        fresh, accepted = baseline.split(found)
        return cls(
            as_of=as_of,
            policy=policy,
            result=attrs.evolve(
                result,
                findings=Rows(found),
                ignored=tuple(waived),
                expired=tuple(map(_where, result.expired)),
                unused=tuple(map(_where, result.unused)),
            ),
            fresh=fresh,
            accepted=accepted,
            gone=baseline.gone(found),
            pages=pages,
        )

    def fails(self, least: str) -> bool:
        """Return whether a new finding is as bad as `least` ("never": none is).

        A waiver in a document that covers nothing is as bad as a warning: it stands there to be removed.
        """
        if least == "never":
            return False
        counted = SEVERITIES[: SEVERITIES.index(least) + 1]
        if "warning" in counted and any(one.location for one in self.result.unused):
            return True
        return any(one.severity in counted for one in self.fresh)

    @property
    def idle_waivers(self) -> tuple[tuple[Ignore, str], ...]:
        """The waivers that silence nothing, and why: they have expired, or cover nothing."""
        told = [(one, f"expired on {one.until}: ignore of") for one in self.result.expired]
        told += [(one, "ignores nothing:") for one in self.result.unused]
        return tuple((one, f"{why} {one.code} {one.subject or ''}: {one.reason}") for one, why in told)


def located(findings: Iterable[Finding], places: Mapping[str, Place]) -> tuple[Finding, ...]:
    """Return findings with the file, line and column of what they are about.

    Of a conflict that is its first side; of the portfolio as a whole the first file there is.
    """
    first = next(iter(places.values()), None)
    start = None if first is None else Place(first.file, 1, 1)

    def at(finding: Finding) -> Finding:
        sides = parted_ids(finding.subject.partition(":")[2])
        place = next((places[name] for name in (finding.subject, *sides) if name in places), start)
        if finding.location is not None or place is None or place.file is None:
            return finding
        return attrs.evolve(finding, location=(_seen(place.file), place.line, place.column))

    return tuple(at(one) for one in findings)


def _where(ignore: Ignore) -> Ignore:
    """Return an ignore with its file as a reader types it."""
    file, line, column = ignore.location or ("", None, None)
    return attrs.evolve(ignore, location=(_seen(file), line, column)) if file else ignore


def _beside(finding: Finding, before: Mapping[str, Place]) -> Finding:
    """Return a finding with the place of its subject in older documents, where it stands in them."""
    place = before.get(finding.subject)
    if place is None or place.file is None:
        return finding
    location = (_seen(place.file), place.line, place.column)
    if location == finding.location:  # it is declared there alone
        return finding
    where = ":".join(str(part) for part in location[:2] if part is not None)
    return attrs.evolve(
        finding,
        message=f"{finding.message} (before: {where})",
        evidence=(*finding.evidence, ("place_before", location)),
    )


def _seen(file: str) -> str:
    """A path as a reader types it: below the working directory without the way to there."""
    path = Path(file)
    here = Path.cwd()
    inside = path.is_absolute() and path.is_relative_to(here)
    return (path.relative_to(here) if inside else path).as_posix()
