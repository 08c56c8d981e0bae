"""Pull into a ledger: batch by batch, each acknowledged, from where the system's last pull ended."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator

import attrs
import numpy as np
from numpy.typing import NDArray

from okrcore._log import logger
from okrcore.definitions.days import to_instant, to_microseconds
from okrcore.errors import HistoryError
from okrcore.history.history import History
from okrcore.history.instants import Moment, end_of, span, to_moment
from okrcore.history.observation import Observation
from okrcore.history.records import Batch, Records, end_of_days
from okrcore.ledger.ledger import Ledger
from okrcore.sources.pull_source import PullSource

_LOG = logger(__name__)

MOST_PULLS = 8
"""In so many pulls are measures asked for that were last seen at different times."""

_FOREVER = dt.datetime(9999, 12, 31, 23, 59, 59, 999999, dt.UTC)


@attrs.frozen(kw_only=True)
class Pulled:
    """What a pull brought so far, counted in observations.

    Of what was `delivered` so many were `added` to the ledger; of these `corrected` replace an earlier value.
    """

    system: str
    delivered: int = 0
    added: int = 0
    corrected: int = 0


def pull_into(
    ledger: Ledger,
    source: PullSource,
    measures: Collection[str] | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
    *,
    begin: Moment | None = None,
    pulled_at: Moment | None = None,
    overlap: dt.timedelta = dt.timedelta(0),
    progress: Callable[[Pulled], None] | None = None,
) -> Pulled:
    """Pull observations into a ledger, each batch durable before the next is asked for; return the counts.

    A pull that was interrupted is simply repeated. Where `since` is None and the source resumes, it begins,
    for each measure, `overlap` before the last moment that the ledger has of this system and query; a
    measure that the ledger does not know, or a source that does not resume, is read from `begin`. What the
    ledger has already is left out, so repeating a pull changes nothing. With `measures` None the source
    resumes at the earliest of the last moments: name the measures wherever new ones may appear.

    `pulled_at` is the moment of the pull. A value that differs from the one the system gave before is a
    correction that became known then; without `pulled_at` such a value is refused. What is given for a time
    that is not over, such as today, became known then as well. (A source that restates says so itself.)
    `progress` is called after each batch. Raises HistoryError as the source does, and for a source that
    resumes but does not give each measure in order of time; batches before stay acknowledged.

    >>> import tempfile
    >>> from pathlib import Path
    >>> from okrcore.sources.files import FileSource
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = Path(folder.name, "kpis.csv")
    >>> _ = path.write_text("measure,at,value\\nuptime,2026-01-05,98.5\\n")
    >>> source = FileSource(path=path, system="sheet", mode="manual")
    >>> with Ledger.open(Path(folder.name, "kpis.ledger")) as ledger:
    ...     pull_into(ledger, source), pull_into(ledger, source)
    (Pulled(system='sheet', delivered=1, added=1, corrected=0), Pulled(system='sheet', delivered=1, added=0,
    corrected=0))
    >>> folder.cleanup()
    """
    if overlap < dt.timedelta(0):
        raise HistoryError("overlap is negative; give a timedelta from zero up")
    moment = None if pulled_at is None else end_of(to_moment(pulled_at, "pulled_at"))
    done = Pulled(system=source.system)
    before = ledger.refresh()
    for names, start in _starts(before, source, measures, since, begin, overlap):
        highs: dict[str, int] = {}
        for batch in source.pull(names, start, until):
            if source.resumes:
                _check_order(batch, highs, source.system, names is None)
            size = len(ledger.history)
            if source.restates:
                history, corrected = ledger.append(batch), 0
            else:
                history, corrected = _appended(ledger, before, batch, source.system, moment)
            done = attrs.evolve(
                done,
                delivered=done.delivered + len(batch),
                added=done.added + len(history) - size,
                corrected=done.corrected + corrected,
            )
            if progress is not None:
                progress(done)
    _LOG.info("pulled from %s: %d delivered, %d added", done.system, done.delivered, done.added)
    return done


def resume_at(history: History, source: PullSource, measure: str) -> dt.date | dt.datetime | None:
    """Return the last moment that a history has of a measure from this source; None where it has none."""
    last = history.latest(measure, _FOREVER)
    if last is None:
        return None
    if _is_of(last, source):
        return last.at
    own = [one.at for one in history.observations(measure) if _is_of(one, source)]
    return max(own, key=lambda at: (end_of(at), not isinstance(at, dt.datetime)), default=None)


def _is_of(one: Observation, source: PullSource) -> bool:
    return one.source is not None and (one.source.system, one.source.query) == (source.system, source.query)


def _starts(
    history: History,
    source: PullSource,
    measures: Collection[str] | None,
    since: Moment | None,
    begin: Moment | None,
    overlap: dt.timedelta,
) -> Iterator[tuple[Collection[str] | None, Moment | None]]:
    """Yield which measures to pull from when, in at most nine pulls."""
    if since is not None or not source.resumes:
        yield measures, begin if since is None else since
        return
    named = history.measures if measures is None else tuple(dict.fromkeys(measures))
    last = {name: resume_at(history, source, name) for name in named}
    unseen = [name for name, at in last.items() if at is None]
    seen = sorted((_earlier(at, overlap), name) for name, at in last.items() if at is not None)
    if measures is None:
        yield None, seen[0][0] if seen else begin
        return
    if unseen:
        yield unseen, begin
    size = -(-len({at for at, _ in seen}) // MOST_PULLS)
    group: list[str] = []
    moments: list[dt.datetime] = []
    for at, name in seen:
        if moments and at != moments[-1] and len(set(moments)) == size:
            yield group, moments[0]
            group, moments = [], []
        group.append(name)
        moments.append(at)
    if group:
        yield group, moments[0]


def _earlier(at: dt.date | dt.datetime, overlap: dt.timedelta) -> dt.datetime:
    """Return the first instant of a moment, less the overlap; never before the first day there is."""
    first = span(at)[1]
    try:
        return first - overlap
    except OverflowError:
        return dt.datetime.min.replace(tzinfo=dt.UTC)


def _times(records: Records) -> NDArray[np.int64]:
    return np.where(records.day, end_of_days(records.time), records.time) if len(records) else records.time


def _check_order(batch: History, highs: dict[str, int], system: str, together: bool) -> None:
    """Refuse a measure that goes back in time: its last moment would not say what is still missing.

    Measures that were not named are looked at `together`: of one that comes late nothing would be known.
    """
    given = batch.batch()
    names = [""] if together else given.measures
    own = np.zeros(len(batch), np.int32) if together else given.records.code
    order = np.argsort(own, kind="stable")
    code, time = own[order], _times(given.records)[order]
    first = np.append(True, code[1:] != code[:-1])
    back = ~first & np.append(False, time[1:] < time[:-1])
    for place in np.flatnonzero(first).tolist():
        if time[place] < highs.get(names[code[place]], time[place]):
            back[place] = True
    if back.any():
        place = int(np.flatnonzero(back)[0])
        name = given.measures[given.records.code[order[place]]]
        raise HistoryError(
            f"system {system!r}: {name!r} goes back in time at {to_instant(int(time[place])).isoformat()};"
            " order the query by time, then pull once more with since= to where this pull began"
        )
    last = np.append(first[1:], True)
    highs.update((names[one], at) for one, at in zip(code[last].tolist(), time[last].tolist(), strict=True))


def _appended(
    ledger: Ledger, known: History, batch: History, system: str, pulled_at: dt.datetime | None
) -> tuple[History, int]:
    """Append what is new in a batch; return the history, and how many of it were corrections."""
    fresh, corrected = _settled(known, batch, system, pulled_at, careful=False)
    try:
        return ledger.append(fresh), corrected
    except HistoryError:
        fresh, corrected = _settled(known, batch, system, pulled_at, careful=True)
        return ledger.append(fresh), corrected


def _settled(
    known: History, batch: History, system: str, pulled_at: dt.datetime | None, careful: bool
) -> tuple[History, int]:
    """Return what is new in a batch, with the time that it became known; and how much of it is corrected.

    What the history has word for word stays, since it leaves that out; `careful` looks at it as well, and
    so is always looked at what is `early`: given for a time that is not over when it is pulled.
    """
    given = batch.batch()
    records, time = given.records, _times(given.records)
    codes = known.codes(given.measures)[records.code]
    early = np.zeros(len(records), np.bool_)
    if pulled_at is not None:
        early = (records.recorded == time) & (time > to_microseconds(pulled_at))
    asked = np.flatnonzero((records.recorded == time) & (codes >= 0))
    day, at = records.day[asked], records.time[asked]
    low_day, high_day = np.where(day, at, 1), np.where(day, at, 0)
    low, high = np.where(day, 1, at), np.where(day, 0, at)
    offsets, rows = known.window_rows(codes[asked], low_day, low, high_day, high)
    asked = asked[np.diff(offsets) > 0]
    found = known.take(rows)
    units = np.array([known.units[one] for one in found.unit.tolist()], object)
    own = np.array([given.contexts[one].unit for one in records.context[asked].tolist()], object)
    same = (found.recorded == found.at) & (found.value == records.value[asked]) & (units == own)
    same &= ~early[asked]
    kept = np.ones(len(records), np.bool_)
    corrections = []
    for place in range(len(asked)) if careful else np.flatnonzero(~same).tolist():
        row = int(asked[place])
        one = _observation(given, row)
        old = _current(known, known.observation(int(rows[place])), one, system)
        if old is None:
            continue
        kept[row] = False
        if (old.value, old.unit) != (one.value, one.unit):
            corrections.append(_correction(old, one, system, pulled_at))
    if pulled_at is not None:
        recorded = np.where(early, to_microseconds(pulled_at), records.recorded)
        records = attrs.evolve(records, recorded=recorded)
    rest = Batch.of(records.select(np.flatnonzero(kept)), given.measures, given.contexts)
    return History().with_batch(rest).append(corrections), len(corrections)


def _observation(batch: Batch, row: int) -> Observation:
    one = History().with_batch(
        Batch.of(batch.records.select(slice(row, row + 1)), batch.measures, batch.contexts)
    )
    return one.observation(0)


def _current(known: History, chosen: Observation, new: Observation, system: str) -> Observation | None:
    """Return what the system said last for the same measure and time; None where it said nothing."""
    if chosen.source is not None and chosen.source.system == system:
        return chosen
    same = [
        one
        for one in known.observations(new.measure)
        if one.source is not None
        and one.source.system == system
        and (one.at, isinstance(one.at, dt.datetime)) == (new.at, isinstance(new.at, dt.datetime))
    ]
    return max(same, key=lambda one: one.recorded_at, default=None)


def _correction(
    old: Observation, new: Observation, system: str, pulled_at: dt.datetime | None
) -> Observation:
    if pulled_at is not None and pulled_at > old.recorded_at:
        return attrs.evolve(new, recorded_at=pulled_at)
    remedy = (
        "give pulled_at, the moment of the pull, from which on it is known"
        if pulled_at is None
        else f"give a pulled_at that is later than {old.recorded_at.isoformat()}"
    )
    raise HistoryError(
        f"system {system!r}: {new.measure!r} at {new.at} was {old.value} {old.unit}".rstrip()
        + f" and is now {new.value} {new.unit}".rstrip()
        + f"; {remedy}"
    )
