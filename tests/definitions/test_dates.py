"""A date is taken as ISO text wherever one is asked, and what is no date is told with what to write."""

from __future__ import annotations

import datetime as dt
import typing

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import okrcore as okr
from okrcore.governance import Ignore
from okrcore.priorities import Column, Effect, Tolerate

TOLERATION = Effect(tolerate=Tolerate())
DAY = dt.date(2026, 6, 30)
ASKED = [
    (okr.Cycle, {"id": "c", "start": DAY, "end": DAY}),
    (okr.KeyResult, {"id": "k", "objective": "o", "title": "", "measure": okr.Target(0, 1), "due": DAY}),
    (okr.Initiative, {"id": "i", "title": "", "start": DAY, "end": DAY}),
    (
        okr.Milestone,
        {"id": "m", "initiative": "i", "title": "", "due": DAY, "start": DAY, "finish": DAY, "done": DAY},
    ),
    (okr.Link, {"source": "a", "target": "b", "sign": 1, "reviewed": DAY}),
    (okr.Waypoint, {"date": DAY, "value": 1}),
    (okr.Tolerance, {"sides": ["a", "b"], "winner": "a", "effect": TOLERATION, "start": DAY, "end": DAY}),
    (okr.Change, {"what": "x", "due": DAY}),
    (Tolerate, {"until": DAY}),
    (Ignore, {"code": "OKR1", "reason": "x", "until": DAY}),
    (Column, {"name": "objective.due", "kind": "date", "low": DAY, "high": DAY}),
]
FIELDS = [(kind, given, name) for kind, given in ASKED for name, value in given.items() if value == DAY]


def hints(kind):
    return typing.get_type_hints(kind)


def test_every_date_of_a_definition_is_asked_below():
    """Each field of a definition whose annotation is a date stands in the table above."""
    definitions = [okr.Cycle, okr.Team, okr.Owner, okr.Objective, okr.KeyResult, okr.Kpi, okr.Initiative]
    definitions += [okr.Milestone, okr.Link, okr.Tolerance, okr.Waypoint, okr.Change, Tolerate, Ignore]
    dated = {
        (kind, field.name)
        for kind in definitions
        for field in attrs.fields(kind)
        if dt.date in (hints(kind)[field.name], *typing.get_args(hints(kind)[field.name]))
    }
    assert dated <= {(kind, name) for kind, _, name in FIELDS}


@pytest.mark.parametrize(("kind", "given", "name"), FIELDS)
def test_text_is_the_date_it_names(kind, given, name):
    assert kind(**{**given, name: DAY.isoformat()}) == kind(**given)


@pytest.mark.parametrize(
    ("kind", "given", "name"), [row for row in FIELDS if row[0] not in (okr.Change, Column)]
)
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("soon", "give"),
        ("2026-02-30", "give"),
        ("2026-W02", "give"),
        ("20260630", "give"),
        ("30.06.2026", "give"),
        (dt.datetime(2026, 6, 30, tzinfo=dt.UTC), "give"),
        ("2026-06-30T00:00:00Z", "give"),
        (20260630, "give"),
    ],
)
def test_what_is_no_date_is_refused_with_the_remedy(kind, given, name, text, said):
    with pytest.raises(okr.DefinitionError, match=said) as error:
        kind(**{**given, name: text})
    assert name in str(error.value)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("soon", "end is 'soon'; give a date such as 2026-12-31"),
        ("2026-02-30", "end is '2026-02-30', which no calendar has; give a date such as 2026-12-31"),
        ("2026-12-31T10:00", "an instant; give its date alone, such as 2026-12-31"),
        ("1500-01-01", "end is 1500-01-01; give a date from 1600-01-01 to 2400-12-31"),
    ],
)
def test_the_message_never_shows_as_remedy_what_was_given(given, said):
    with pytest.raises(okr.DefinitionError, match=said):
        okr.Cycle(id="c", start="2026-01-01", end=given)


@given(st.dates(dt.date(1600, 1, 1), dt.date(2400, 12, 31)))
def test_any_day(day):
    assert okr.Waypoint(day.isoformat(), 1) == okr.Waypoint(day, 1)
    assert okr.Target(0, 1, plan=[(day.isoformat(), 0.5)]) == okr.Target(0, 1, plan=[(day, 0.5)])
