"""A18: results have a public form, are equal when they say the same, and what is not read back is refused."""

from __future__ import annotations

import copy
import datetime as dt
import json
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import okrcore as okr
from okrcore.declarations.version_lines import rebuilt
from okrcore.testing import histories, journals, portfolios

CLOSED = [
    okr.Snapshot,
    okr.Trend,
    okr.History,
    okr.Journal,
    okr.Declarations,
    okr.Policy,
    okr.Plan,
    okr.Decision,
    okr.Amendment,
    okr.Ripple,
]


def deep(levels):
    value = []
    for _ in range(levels):
        value = [value]
    return value


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_public_forms_say_all_and_nothing_private(data):
    portfolio = data.draw(portfolios())
    history, journal = data.draw(histories(portfolio)), data.draw(journals(portfolio))
    snapshot = okr.evaluate(portfolio, history, as_of="2026-06-30", journal=journal)
    forms = [okr.to_dict(one) for one in (snapshot, history, journal)]
    assert [one["kind"] for one in forms] == ["score", "history", "journal"]
    assert all(one["okrcore"] == 1 and not any(key.startswith("_") for key in one) for one in forms)
    assert json.loads(json.dumps(forms, allow_nan=False)) == forms
    assert forms[0]["key_results"] == okr.to_dict(snapshot.key_results)
    assert [okr.from_dict(okr.Observation, row) for row in forms[1]["rows"]] == list(history)
    again = okr.evaluate(portfolio, okr.History.of(history), as_of="2026-06-30", journal=journal)
    assert okr.to_dict(again) == forms[0]


@settings(max_examples=20, deadline=None)
@given(st.lists(portfolios(), max_size=3))
def test_declarations_tell_every_version_and_nothing_private(versions):
    declared = okr.Declarations.of()
    for month, one in enumerate(versions, 1):
        declared = declared.append(one, at=dt.date(2026, month, 1), by="ann", why="a review")
    form = okr.to_dict(declared)
    assert (form["okrcore"], form["kind"], form["root"]) == (1, "declarations", declared.root)
    assert [row["at"] for row in form["rows"]] == [one.at.isoformat() for one in declared]
    assert form["versions"] == len(form["rows"]) == len(declared)
    assert json.loads(json.dumps(form, allow_nan=False)) == form
    assert not any(key.startswith("_") for one in (form, *form["rows"]) for key in one)
    newest = okr.Portfolio.of()
    for row, version in zip(form["rows"], declared, strict=True):
        newest = rebuilt(newest, row["changes"])
        assert newest == version.portfolio


def test_a_chart_of_signals_has_a_head():
    chart = okr.signals([1, 2, 3, 2, 1, 2, 3, 2, 1, 2, 3, 2, 1, 9], better="lower", target=3)
    form = okr.to_dict(chart)
    assert (form["okrcore"], form["kind"]) == (1, "signals")
    assert form["points"] == okr.to_dict(chart.table)
    assert (form["assurance"], form["trial"], len(form["phases"])) == (chart.assurance, False, 1)


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_what_says_the_same_is_equal_and_hashes_alike(data):
    portfolio = data.draw(portfolios())
    history, journal = data.draw(histories(portfolio)), data.draw(journals(portfolio))
    trend = okr.evaluate_many(portfolio, history, as_of=["2026-03-31", "2026-06-30"], journal=journal)
    for one in (history, journal, trend, trend[0], trend[0].key_results):
        for other in (copy.deepcopy(one), pickle.loads(pickle.dumps(one))):
            assert one == other
            assert hash(one) == hash(other)
    more = history.append([okr.Observation("another", "2026-01-01", 1)])
    assert more != history
    assert history != journal
    assert journal.append([okr.Entry("check-in", "x", "ann", "2026-01-01")]) != journal
    assert okr.evaluate_many(portfolio, history, as_of=["2026-03-31"], journal=journal) != trend
    assert trend[0] != trend[1]


@pytest.mark.parametrize("kind", CLOSED)
def test_what_is_not_read_back_says_so_in_one_sentence(kind):
    with pytest.raises(okr.DefinitionError, match=f"{kind.__name__} is not read back by from_dict"):
        okr.from_dict(kind, {})


@pytest.mark.parametrize("value", [okr.STANDARD, okr.STANDARD.rules[0]], ids=["policy", "rule"])
def test_what_holds_code_has_no_form_and_pickles(value):
    with pytest.raises(okr.DefinitionError, match="pickle what holds it"):
        okr.to_dict(value)
    assert pickle.loads(pickle.dumps(value)) == value


def test_what_holds_itself_has_no_form():
    around = []
    around.append(around)
    for value in (around, deep(5000), {"a": deep(5000)}):
        with pytest.raises(okr.DefinitionError, match="holds itself, or is nested too deep"):
            okr.to_dict(value)
    with pytest.raises(okr.OkrError):
        okr.from_dict(okr.Team, {"id": around})
