"""The journal: entries under the rules of a history (S18, S8)."""

from __future__ import annotations

import datetime as dt
import hashlib
import pickle
from itertools import pairwise
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from okrcore.errors import HistoryError
from okrcore.history.entry import KINDS, OUTCOMES, Change, Entry
from okrcore.history.journal import Journal, entry_of, line_of

DAY = dt.date(2026, 3, 2)
NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)

changes = st.builds(
    Change, st.text(min_size=1, max_size=3), by=st.text(max_size=2), due=st.none() | st.dates()
)


@st.composite
def entry(draw: st.DrawFn) -> Entry:
    kind = draw(st.sampled_from(KINDS))
    closing = kind == "closing"
    return Entry(
        kind,
        draw(st.sampled_from("ab")),
        draw(st.sampled_from("xy")),
        draw(
            st.integers(-2, 2).map(lambda d: DAY + dt.timedelta(days=d))
            | st.integers(-60, 60).map(lambda h: NOON + dt.timedelta(hours=h))
        ),
        text=draw(st.text(max_size=2)),
        changes=draw(st.lists(changes, max_size=2)),
        status=draw(st.none() | st.just("on-track")),
        confidence=draw(st.none() | st.floats(0, 1)),
        team=draw(st.none() | st.just("t")),
        outcome=draw(st.sampled_from(OUTCOMES)) if closing else None,
        score=draw(st.none() | st.floats(-1, 2)) if closing else None,
    )


entries = st.lists(entry(), max_size=8)


@given(entries, st.data())
def test_delivery_changes_nothing(given_entries: list[Entry], data: st.DataObject) -> None:
    """The same entry twice is one, in whatever pieces they come."""
    again = given_entries + data.draw(st.permutations(given_entries))
    places = sorted(data.draw(st.lists(st.integers(0, len(again)), max_size=4)))
    journal = Journal.of()
    kept = []
    for a, b in pairwise([0, *places, len(again)]):
        kept.append((journal, list(journal)))
        journal = journal.append(again[a:b])
    once = Journal.of(given_entries)
    assert list(journal) == list(dict.fromkeys(given_entries)) == list(once)
    assert journal.root == once.root
    assert len(journal) == len(set(given_entries))
    assert journal.append(given_entries) is journal
    assert all(list(old) == before for old, before in kept)


@given(entries, st.sampled_from("abc"), st.sampled_from(KINDS), st.integers(-70, 70))
def test_entries_are_found_by_subject_kind_and_time(
    given_entries: list[Entry], subject: str, kind: str, hours: int
) -> None:
    """S0.8: a date-only entry compares as a calendar day."""
    journal, until = Journal.of(given_entries), NOON + dt.timedelta(hours=hours)

    def early(one: Entry) -> bool:
        return one.at <= until if isinstance(one.at, dt.datetime) else one.at <= until.date()

    found = journal.entries(subject=subject, kind=kind, until=until)
    assert set(found) == {e for e in given_entries if e.subject == subject and e.kind == kind and early(e)}
    assert journal.entries(kind=kind) == tuple(e for e in journal.entries() if e.kind == kind)
    assert journal.entries() == Journal.of(given_entries[::-1]).entries()
    times = [one.at if isinstance(one.at, dt.datetime) else end(one.at) for one in journal.entries()]
    assert times == sorted(times)


def test_until_includes_its_own_moment() -> None:
    journal = Journal.of([Entry("check-in", "kr", "me", NOON), Entry("check-in", "kr", "me", DAY)])
    assert len(journal.entries(until=NOON)) == 2
    assert len(journal.entries(until=NOON - dt.timedelta(microseconds=1))) == 1
    assert len(journal.entries(until=NOON - dt.timedelta(days=1))) == 0


def end(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time.max, dt.UTC)


@given(entries, st.data())
def test_an_old_root_proves_the_first_entries(given_entries: list[Entry], data: st.DataObject) -> None:
    """S8.3, for the journal."""
    journal = Journal.of(given_entries)
    count = data.draw(st.integers(0, len(journal)))
    old = Journal.of(list(journal)[:count]).root
    assert journal.verify(root=old).ok
    assert journal.verify().ok
    if count:
        changed = list(journal)
        place = data.draw(st.integers(0, count - 1))
        changed[place] = attrs.evolve(changed[place], text=changed[place].text + "!")
        if changed[place] not in list(journal):
            assert not Journal.of(changed).verify(root=old).ok
        assert not Journal.of(list(journal)[: count - 1]).verify(root=old).ok


def test_the_root_is_what_the_document_says() -> None:
    one = Entry("check-in", "kr", "me", DAY, text="\u00e9", changes=[Change("x", due=DAY), "y"], confidence=1)
    line = (
        b'{"at":"2026-03-02","by":"me","changes":[["x","","2026-03-02"],["y","",null]],"confidence":1.0,'
        b'"kind":"check-in","status":null,"subject":"kr","team":null,"text":"\\u00e9"}\n'
    )
    origin = hashlib.sha256(b"okrcore journal 1").digest()
    assert Journal.of([one]).root == "1:" + hashlib.sha256(origin + line).hexdigest()
    many = [attrs.evolve(one, text=str(n)) for n in range(4097)]
    lines = [line.replace(b"\\u00e9", str(n).encode()) for n in range(4097)]
    sealed = hashlib.sha256(origin + b"".join(lines[:4096])).digest()
    assert Journal.of(many).root == "4097:" + hashlib.sha256(sealed + lines[4096]).hexdigest()
    assert Journal.of(many[:4096]).root == "4096:" + hashlib.sha256(sealed).hexdigest()


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"kind": "checkin"}, "kind is 'checkin'; give one of check-in"),
        ({"subject": ""}, "subject is empty; name it"),
        ({"by": None}, "by is None; give text"),
        ({"at": "soon"}, "'soon' is no date"),
        ({"at": dt.datetime(2026, 3, 2)}, "has no timezone"),  # noqa: DTZ001
        ({"text": 3}, "text is 3"),
        ({"status": ""}, "status is empty; leave it out"),
        ({"team": ""}, "team is empty; leave it out"),
        ({"confidence": 7}, "7 out of 10 is 0.7"),
        ({"confidence": float("nan")}, "confidence is nan; give a number"),
        ({"confidence": True}, "confidence is True"),
        ({"changes": "all"}, "changes is 'all'; give a list"),
        ({"changes": [3]}, r"changes\[0\] is 3"),
        ({"changes": [Change("")]}, r"changes\[0\] is Change"),
        ({"changes": [Change("x", due=NOON)]}, r"changes\[0\] is Change"),
    ],
)
def test_faulty_entries_are_refused(change: dict[str, Any], fault: str) -> None:
    good: dict[str, Any] = {"kind": "check-in", "subject": "kr", "by": "me", "at": DAY}
    assert Entry(**good).changes == ()
    with pytest.raises(HistoryError, match=fault):
        Entry(**(good | change))


def test_all_faults_arrive_together() -> None:
    """S0.4."""
    with pytest.raises(HistoryError) as caught:
        Entry("x", "", "", "soon", text=3, changes=[1], status="", confidence=9, team="")  # type: ignore[arg-type, list-item]
    assert len(caught.value.problems) == 9
    with pytest.raises(HistoryError, match="an entry is 5, but must be an Entry"):
        Journal.of([5])  # type: ignore[list-item]


def test_entries_are_values() -> None:
    one = Entry("notice", "kr", "me", NOON, team="t")
    assert pickle.loads(pickle.dumps(one)) == one
    assert list(pickle.loads(pickle.dumps(Journal.of([one])))) == [one]
    assert attrs.evolve(one, team=None).team is None
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        one.text = "x"  # type: ignore[misc]
    assert repr(Journal.of([one])) == "<Journal of 1 entries>"


@given(entries)
def test_lines_read_back(given_entries: list[Entry]) -> None:
    assert [entry_of(line_of(one)) for one in given_entries] == given_entries


@pytest.mark.parametrize("line", [b"", b"[]", b"{}", b"3", b'{"kind": "notice"}\n', b"\xff", b"null"])
def test_what_is_no_line_is_refused(line: bytes) -> None:
    with pytest.raises(HistoryError, match="line"):
        entry_of(line)


def test_a_root_of_the_first_version_holds() -> None:
    """Fields that entries gained since stand in a line only where they are set (S21.2)."""
    journal = Journal.of(
        [
            Entry("check-in", "throughput", "lane-lead", "2026-03-02", confidence=0.7, status="on-track"),
            Entry(
                "adjustment",
                "throughput",
                "lane-lead",
                "2026-03-02T10:00:00+00:00",
                text="slow",
                changes=["one lane a night", Change("train", by="kim", due=dt.date(2026, 4, 1))],
            ),
            Entry("notice", "m1", "coo", "2026-03-03", team="sales"),
        ]
    )
    assert journal.root == "3:f5755102e47f0d09257234bd47f63b449a97283559c2bf7593a8dedf9e27c18c"


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({}, "outcome is None, but must be one of achieved"),
        ({"outcome": "done"}, "outcome is 'done', but must be one of achieved"),
        ({"outcome": "missed", "score": True}, "score is True, but must be a finite number"),
        ({"outcome": "missed", "score": float("inf")}, "score is inf, but must be a finite number"),
    ],
)
def test_a_closing_says_how_it_ended(given: dict[str, Any], fault: str) -> None:
    with pytest.raises(HistoryError, match=fault):
        Entry("closing", "kr", "me", DAY, **given)
    assert Entry("closing", "kr", "me", DAY, outcome="partly", score=1).score == 1.0
    with pytest.raises(HistoryError, match="only a closing has one"):
        Entry("check-in", "kr", "me", DAY, outcome="missed")
