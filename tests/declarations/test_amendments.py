"""Two versions compared: what was loosened is told as that, and nothing that did not change (S21.3)."""

from __future__ import annotations

import datetime as dt
import re

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import okrcore as okr
from okrcore.declarations import JUDGEMENTS, Amendment, compare_portfolios
from okrcore.definitions import DatedBands
from okrcore.surfaces.stories import story
from okrcore.testing import portfolios

YEAR = okr.Cycle.year(2026)
Q2 = okr.Cycle.quarter(2026, 2)
GOAL = okr.Objective(id="o", title="Sort faster", cycle="2026")
SHARE = okr.KeyResult(id="share", objective="o", title="Same-day share", measure=okr.Target(90, 96))
UPTIME = okr.Kpi(id="uptime", title="Uptime", target=okr.Band(low=98), limit=okr.Band(low=95))
PROJECT = okr.Initiative(id="i", title="I")
STEP = okr.Milestone(id="m", initiative="i", title="M", due=dt.date(2026, 6, 1))
FIRM = okr.Portfolio.of(YEAR, Q2, GOAL, SHARE, UPTIME, PROJECT, STEP)


def amended(old: okr.Portfolio, found: tuple) -> okr.Portfolio:
    """Return `old` with the amendments put in force, by nothing but what they say."""
    index = {one.id: one for one in old.definitions}
    wholes = {"priorities": old.priorities, "units": old.units, "calendar": old.calendar}
    changed: dict[str, dict[str, object]] = {}
    for one in found:
        if one.subject in wholes and not one.field:
            wholes[one.subject] = one.after
        elif one.field:
            changed.setdefault(one.subject, {})[one.field] = one.after
        elif one.after is None:
            del index[one.subject]
        else:
            index[one.subject] = one.after
    for name, fields in changed.items():
        parts = {field.partition(".")[2]: after for field, after in fields.items() if "." in field}
        whole = {field: after for field, after in fields.items() if "." not in field}
        if parts:
            whole["measure"] = attrs.evolve(index[name].measure, **parts)
        index[name] = attrs.evolve(index[name], **whole)
    table = () if wholes["priorities"] is None else (wholes["priorities"],)
    return okr.Portfolio.of(*index.values(), *table, wholes["calendar"], units=wholes["units"])


@given(portfolios(), portfolios())
def test_amendments_put_in_force_give_the_new_version(old, new):
    assert amended(old, compare_portfolios(old, new)) == new


CODE = re.compile(r"\b[A-Z]\w+\(|datetime\.")


@pytest.mark.parametrize("name", ["logistics", "software"])
def test_no_amendment_is_told_in_code(name):
    """Whatever was declared is told in words: no class and no date as Python writes it."""
    full, _ = story(name)
    empty = okr.Portfolio.of()
    whole = [*compare_portfolios(empty, full), *compare_portfolios(full, empty)]
    each = [
        Amendment(
            subject=one.id, field=field.name, before=getattr(one, field.name), after=None, kind="changed"
        )
        for one in full.definitions
        for field in attrs.fields(type(one))
    ]
    for one in (*whole, *each):
        row = one.as_row()
        assert not CODE.search(" ".join(map(str, (one, row["before"], row["after"]))))


def test_measures_and_bands_are_told_in_words():
    plan = okr.Target(0, 40, plan=[("2026-06-30", 30)])
    calls = okr.KeyResult(id="calls", objective="o", title="C", measure=plan)
    steps = okr.KeyResult(
        id="steps", objective="o", title="S", measure=okr.Checklist(["a", okr.Item("b", weight=2)])
    )
    old = FIRM.with_(calls, steps)
    new = old.with_(
        attrs.evolve(calls, measure=okr.Target(0, 40, plan=[("2026-06-30", 20)])),
        attrs.evolve(steps, measure=okr.Checklist(["a"])),
        attrs.evolve(SHARE, measure=okr.Band(high=24, over="cycle")),
        attrs.evolve(UPTIME, target=okr.Band(low=97, high=99), cadence="weekly", guardrail=True),
        attrs.evolve(STEP, after=[okr.Dependency("n", lag_days=3)]),
        okr.Milestone(id="n", initiative="i", title="N", due=dt.date(2026, 5, 1)),
    )
    assert [str(one) for one in compare_portfolios(old, new)] == [
        "calls: measure.plan 30 on 2026-06-30 -> 20 on 2026-06-30, loosened",
        "m: after none -> n (lag days 3), changed",
        "n: added",
        "share: measure 90 to 96 -> at most 24 over the cycle, changed",
        "steps: measure.items a, b (weight 2) -> a, loosened",
        "uptime: cadence none -> weekly, changed",
        "uptime: guardrail no -> yes, tightened",
        "uptime: target at least 98 -> 97 to 99, changed",
    ]


def test_a_long_list_is_told_from_where_it_differs():
    names = [f"step-{number}" for number in range(40)]
    steps = okr.KeyResult(id="steps", objective="o", title="S", measure=okr.Checklist(names))
    fewer = attrs.evolve(steps, measure=okr.Checklist(names[:-1]))
    (one,) = compare_portfolios(FIRM.with_(steps), FIRM.with_(fewer))
    was, now = str(one).removeprefix("steps: measure.items ").removesuffix(", loosened").split(" -> ")
    assert was == f"{now}, step-39"
    assert was.startswith("...")


@given(portfolios(), portfolios(), portfolios())
def test_two_steps_cover_one(first, second, third):
    def touched(old, new):
        return {(one.subject, one.field.partition(".")[0]) for one in compare_portfolios(old, new)}

    steps = touched(first, second) | touched(second, third)
    whole = {subject for subject, field in steps if not field}
    assert {one for one in touched(first, third) if one[0] not in whole} <= steps


@given(portfolios())
def test_what_did_not_change_is_no_amendment(portfolio):
    again = okr.from_dict(okr.Portfolio, okr.to_dict(portfolio))
    assert compare_portfolios(portfolio, again) == ()


def kinds(*changed, old=FIRM):
    return {(one.subject, one.field): one.kind for one in compare_portfolios(old, old.with_(*changed))}


@given(st.sampled_from([(0.0, 10.0), (10.0, 0.0)]), st.floats(-9, 9), st.floats(-9, 9))
def test_a_target_is_loosened_where_every_value_makes_more_progress(ends, start, goal):
    """The kind follows the progress that values between the ends have before and after."""
    old = okr.Target(*ends)
    new = okr.Target(ends[0] + start / 10, ends[1] + goal / 10)
    share = attrs.evolve(SHARE, measure=old)
    found = kinds(attrs.evolve(SHARE, measure=new), old=FIRM.with_(share))
    values = [ends[0] + (ends[1] - ends[0]) * step / 4 for step in range(5)]
    more = [okr.progress(new, value) - okr.progress(old, value) for value in values]
    if set(found.values()) == {"loosened"}:
        assert min(more) >= -1e-12
    if set(found.values()) == {"tightened"}:
        assert max(more) <= 1e-12


def later(target, limit):
    return DatedBands(start="2027-01-01", target=okr.Band(low=target), limit=okr.Band(low=limit))


@pytest.mark.parametrize(
    ("changed", "field", "kind"),
    [
        (attrs.evolve(SHARE, measure=okr.Target(90, 92)), "measure.goal", "loosened"),
        (attrs.evolve(SHARE, measure=okr.Target(90, 98)), "measure.goal", "tightened"),
        (attrs.evolve(SHARE, measure=okr.Target(80, 96)), "measure.start", "loosened"),
        (attrs.evolve(SHARE, measure=okr.Target(92, 96)), "measure.start", "tightened"),
        (attrs.evolve(SHARE, measure=okr.Target(None, 96)), "measure.start", "changed"),
        (attrs.evolve(SHARE, measure=okr.Target(90, 80)), "measure.goal", "changed"),
        (attrs.evolve(SHARE, measure=okr.Band(low=90)), "measure", "changed"),
        (
            attrs.evolve(SHARE, measure=okr.Target(90, 96, plan=[(dt.date(2026, 7, 1), 91.0)])),
            "measure.plan",
            "loosened",
        ),
        (
            attrs.evolve(SHARE, measure=okr.Target(90, 96, plan=[(dt.date(2026, 7, 1), 95.0)])),
            "measure.plan",
            "tightened",
        ),
        (attrs.evolve(SHARE, measure=okr.Target(90, 96, curve=[(91.0, 0.7)])), "measure.curve", "loosened"),
        (attrs.evolve(SHARE, due=dt.date(2026, 10, 1)), "due", "tightened"),
        (attrs.evolve(SHARE, guardrail=True), "guardrail", "tightened"),
        (attrs.evolve(SHARE, title="Share"), "title", "recorded"),
        (attrs.evolve(SHARE, weight=2.0), "weight", "changed"),
        (attrs.evolve(GOAL, commitment="aspirational"), "commitment", "loosened"),
        (attrs.evolve(GOAL, cycle=Q2.id), "cycle", "tightened"),
        (attrs.evolve(UPTIME, target=okr.Band(low=97)), "target", "loosened"),
        (attrs.evolve(UPTIME, target=okr.Band(low=98, high=99)), "target", "tightened"),
        (attrs.evolve(UPTIME, target=okr.Band(low=97, high=99)), "target", "changed"),
        (attrs.evolve(UPTIME, limit=None), "limit", "changed"),
        (attrs.evolve(UPTIME, dated=[later(97, 95)]), "dated", "loosened"),
        (attrs.evolve(UPTIME, dated=[later(99, 96)]), "dated", "tightened"),
        (attrs.evolve(UPTIME, dated=[later(99, 94)]), "dated", "changed"),
        (attrs.evolve(UPTIME, dated=[later(98, 95)]), "dated", "changed"),
        (attrs.evolve(STEP, due=dt.date(2026, 7, 1)), "due", "loosened"),
        (attrs.evolve(STEP, done=dt.date(2026, 5, 1)), "done", "recorded"),
        (attrs.evolve(PROJECT, stage="decided"), "stage", "recorded"),
        (attrs.evolve(YEAR, end=dt.date(2027, 1, 31)), "end", "loosened"),
    ],
)
def test_the_table_of_fields(changed, field, kind):
    assert kinds(changed) == {(changed.id, field): kind}


def test_a_falling_target_is_mirrored():
    old = FIRM.with_(attrs.evolve(SHARE, measure=okr.Target(20, 5)))
    assert kinds(attrs.evolve(SHARE, measure=okr.Target(20, 8)), old=old) == {
        ("share", "measure.goal"): "loosened"
    }
    assert kinds(attrs.evolve(SHARE, measure=okr.Target(25, 5)), old=old) == {
        ("share", "measure.start"): "loosened"
    }


def test_a_goal_in_another_unit_is_compared_by_what_it_means():
    """1.5 km is less than 2,000 m, whatever the digits say."""
    old = FIRM.with_(attrs.evolve(SHARE, measure=okr.Target(0, 2000), unit="m"))
    assert kinds(attrs.evolve(SHARE, measure=okr.Target(0, 1.5), unit="km"), old=old) == {
        ("share", "measure.goal"): "loosened",
        ("share", "unit"): "changed",
    }


def test_what_is_added_and_taken_out():
    found = compare_portfolios(FIRM, FIRM.without("m", "i").with_(okr.Team(id="t")))
    assert [(one.subject, one.kind) for one in found] == [("i", "removed"), ("m", "removed"), ("t", "added")]


def test_items():
    old = FIRM.with_(attrs.evolve(SHARE, measure=okr.Checklist(["a", "b"])))
    changed = {
        ("a",): "loosened",
        ("a", "b", "c"): "tightened",
        ("a", "c"): "changed",
    }
    for items, kind in changed.items():
        assert kinds(attrs.evolve(SHARE, measure=okr.Checklist(items)), old=old) == {
            ("share", "measure.items"): kind
        }
    titled = okr.Checklist([okr.Item("a", title="A"), "b"])
    assert set(kinds(attrs.evolve(SHARE, measure=titled), old=old).values()) == {"recorded"}


def test_each_judged_field_is_one():
    """A row of the table that names no field of its type would never be asked."""
    parts = {"start", "goal", "plan", "curve", "low", "high", "tolerance", "items"}
    for kind, name in JUDGEMENTS:
        outer, _, inner = name.partition(".")
        assert outer in attrs.fields_dict(kind) or outer == "stage"
        assert not inner or inner in parts


def test_what_it_says():
    found = compare_portfolios(
        FIRM,
        FIRM.with_(attrs.evolve(SHARE, measure=okr.Target(90, 92))),
        at=dt.date(2026, 5, 4),
        by="jo",
        why="late",
    )
    assert str(found[0]) == "share: measure.goal 96 -> 92, loosened by jo on 2026-05-04: late"
