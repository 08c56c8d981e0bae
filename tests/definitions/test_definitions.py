"""S0.3, S0.4, S0.6 for every definition: what is wrong is refused by name, what is made stays as it is."""

import copy
import datetime as dt
import math
import pickle
import re
from decimal import Decimal
from fractions import Fraction
from typing import Literal, get_args, get_origin, get_type_hints

import attrs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import okrcore as okr
from okrcore import Band, Cadence, DefinitionError, Outcome, Target
from tests.support.paths import ROOT

DAY = dt.date(2026, 6, 30)
GOOD = {
    okr.Band: {"low": 95, "high": 99, "tolerance": 2},
    okr.Cadence: {"text": "weekly"},
    okr.Checklist: {"items": ["design", okr.Item("build", weight=2)]},
    okr.priorities.Column: {"name": "kpi.zone", "values": ["healthy", "watch"]},
    okr.Contribution: {"to": "growth", "weight": 2},
    okr.Cycle: {"id": "2026", "start": dt.date(2026, 1, 1), "end": dt.date(2026, 12, 31)},
    okr.Demand: {"of": "operations", "amount": 12},
    okr.Dependency: {"milestone": "pilot", "lag_days": 2, "likelihood": 0.5, "impact": 0.5, "working": True},
    okr.Effect: {"freeze": "initiative"},
    okr.priorities.Escalate: {"to": "coo", "within": "24h"},
    okr.priorities.Fund: {"amount": 1000},
    okr.priorities.Guardrail: {"id": "G1", "when": {"kpi.zone": "watch"}, "forbid": ["objective"]},
    okr.Initiative: {
        "id": "i",
        "title": "I",
        "start": DAY,
        "end": DAY,
        "demand": [okr.Demand("operations", 1)],
    },
    okr.Item: {"id": "design", "title": "Design", "weight": 1, "milestone": "pilot"},
    okr.KeyResult: {
        "id": "k",
        "objective": "growth",
        "title": "K",
        "measure": Target(0, 1),
        "cadence": "weekly",
    },
    okr.Kpi: {"id": "uptime", "title": "Uptime", "target": Band(low=98), "limit": Band(low=95), "unit": "%"},
    okr.Link: {"source": "uptime", "target": "k", "sign": 1, "weight": 0.5, "lag": "2w..6w"},
    okr.Milestone: {"id": "m", "initiative": "i", "title": "M", "due": DAY, "after": ["pilot"], "weight": 2},
    okr.Objective: {"id": "growth", "title": "Growth", "cycle": "2026", "contributes_to": ["north-star"]},
    okr.Outcome: {"winner": "kpi", "why": "safety"},
    okr.Owner: {"id": "lead", "kind": "role", "team": "operations"},
    okr.PriorityRule: {"id": "P1", "when": {"kpi.zone": "watch"}, "then": Outcome(winner="kpi")},
    okr.PriorityTable: {"columns": [], "rules": [], "default": Outcome(winner="kpi")},
    okr.priorities.Retarget: {"goal": 11_000},
    okr.ScoringPolicy: {"clamp": "floor", "rounding": (2, "floor")},
    okr.Source: {"system": "scada", "mode": "derived"},
    okr.Target: {"start": 10, "goal": 20, "plan": [(DAY, 15)]},
    okr.Team: {"id": "operations", "parent": "enterprise", "capacity": 3, "lead": "coo"},
    okr.priorities.Tolerate: {"within": "limit", "until": DAY},
    okr.Waypoint: {"date": DAY, "value": 3},
}
KINDS = sorted(GOOD, key=lambda kind: kind.__name__)
each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)

ITSELF: list = []
ITSELF.append(ITSELF)
DEEP: list = []
for _ in range(20_000):
    DEEP = [DEEP]
NAIVE = dt.datetime(2026, 1, 1)  # noqa: DTZ001  that is the point
AWARE = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
HOSTILE = [
    None,
    True,
    0,
    -1,
    10**400,
    10**5000,
    -0.0,
    math.nan,
    math.inf,
    -math.inf,
    1e308,
    5e-324,
    1j,
    Decimal("NaN"),
    Decimal("1e999999"),
    Fraction(10**400, 3),
    np.float64(2),
    np.float32("nan"),
    np.int64(3),
    np.bool_(True),
    np.array([1.0, 2.0]),
    np.datetime64("2026-01-01"),
    "",
    " ",
    " a",
    "a\n",
    "\x00",
    "\ud800",
    "\u202e",
    "a" * 100_000,
    "value",
    "cycle-end",
    "1e400",
    "weekly",
    "every 1000 years",
    "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=YEARLY;INTERVAL=1000;BYMONTHDAY=31",
    "9999y",
    "2w..1w",
    "2w..3d",
    b"bytes",
    dt.date.min,
    dt.date.max,
    DAY,
    NAIVE,
    AWARE,
    dt.time(),
    dt.timedelta(1),
    (),
    [],
    {},
    set(),
    {"a": math.nan},
    {1: 2},
    {"kpi.zone": 10**5000},
    [None],
    [1, "a"],
    ["a", "a"],
    [["a"], ["a"]],
    [("a", "b"), ("b", "a")],
    [(DAY, math.inf)],
    [(DAY, 1), (DAY, 1)],
    [(1, 2), (1, 3)],
    range(3),
    ITSELF,
    DEEP,
    object(),
    object,
    len,
    math,
    Target(0, 1),
    Target(None, 1),
    Band(low=0),
    okr.Checklist(["a"]),
    Cadence("monthly"),
    Outcome(winner="x"),
    okr.Team(id="a"),
]


@st.composite
def hostile_arguments(draw, kind):
    """Good arguments with some taken away and some made hostile, or plausible for the field's annotation."""
    hints = get_type_hints(kind)
    arguments = dict(GOOD[kind])
    names = [field.name for field in attrs.fields(kind) if field.init]
    for name in draw(st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True)):
        words = _words(hints.get(name))
        arguments[name] = draw(
            st.one_of(st.sampled_from(HOSTILE), *([st.sampled_from(words)] if words else []))
        )
    return arguments


def _words(hint):
    if get_origin(hint) is Literal:
        return list(get_args(hint))
    return [word for part in get_args(hint) for word in _words(part)]


class TestEveryDefinition:
    @each_kind
    def test_good_arguments_make_it(self, kind):
        value = kind(**GOOD[kind])
        assert attrs.evolve(value) == value

    @each_kind
    @settings(max_examples=40)
    @given(data=st.data())
    def test_only_its_own_errors_come_out(self, kind, data):
        """S0.3: raise what cannot be evaluated; whatever is passed in, the error is an OkrError that tells
        what is wrong, and what is accepted is a value: it hashes, compares, pickles."""
        arguments = data.draw(hostile_arguments(kind))
        made, error = None, None
        try:
            made = kind(**arguments)
        except okr.OkrError as raised:
            error = raised
        if error is None:
            assert hash(made) == hash(kind(**arguments))
            assert pickle.loads(pickle.dumps(made)) == made == copy.deepcopy(made)
            assert repr(made)
        else:
            assert error.problems
            assert all(problem.message for problem in error.problems)
            assert len(str(error)) < 20_000
            assert str(pickle.loads(pickle.dumps(error))) == str(error)

    @each_kind
    @settings(max_examples=20)
    @given(data=st.data())
    def test_all_faults_arrive_at_once_each_at_its_field(self, kind, data):
        """S0.4: all problems are reported at once, each with its path."""
        names = [field.name for field in attrs.fields(kind) if field.init]
        wrong = data.draw(st.sets(st.sampled_from(names), min_size=1))
        with pytest.raises(DefinitionError) as caught:
            kind(**{**GOOD[kind], **dict.fromkeys(wrong, object())})
        if kind is not Cadence:
            assert {problem.path for problem in caught.value.problems} == wrong
        assert type(caught.value) is DefinitionError

    @pytest.mark.parametrize("kind", [kind for kind in KINDS if kind is not okr.ScoringPolicy])
    def test_its_fields_are_all_in_the_reference(self, kind):
        """A field that the reference page does not name is not found by its readers."""
        page = (ROOT / "docs" / "reference" / "definitions.md").read_text(encoding="utf-8")
        section = page.split(f"### {kind.__name__}\n")[1].split("\n#")[0]
        everywhere = re.findall(r"^Every definition also has `(\w+)`", page, re.M)
        assert {field.name for field in attrs.fields(kind)} <= {*everywhere, *re.findall(r"`(\w+)`", section)}

    @each_kind
    def test_it_is_frozen(self, kind):
        """S0.6: definitions are immutable."""
        value = kind(**GOOD[kind])
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(value, attrs.fields(kind)[0].name, "other")
        assert not hasattr(value, "__dict__")

    @each_kind
    def test_lists_are_kept_as_they_were(self, kind):
        """S0.6: a list passed in may change afterwards; the value does not."""
        arguments = {
            name: list(value)
            if isinstance(value, list)
            else dict(value)
            if isinstance(value, dict)
            else value
            for name, value in GOOD[kind].items()
        }
        value = kind(**arguments)
        for passed in arguments.values():
            if isinstance(passed, list | dict):
                passed.clear()
        assert value == kind(**GOOD[kind])

    @pytest.mark.parametrize("id", ["", " ", "a ", "\ta", "a\nb", "\x1b[2J", "\u202eabc", None, 1, b"a"])
    @pytest.mark.parametrize(
        "kind", [kind for kind in KINDS if "id" in attrs.fields_dict(kind) and kind is not okr.Link]
    )
    def test_an_id_is_printable_text_without_space_at_its_ends(self, kind, id):
        with pytest.raises(DefinitionError, match="give"):
            kind(**{**GOOD[kind], "id": id})

    @pytest.mark.parametrize(
        ("kind", "name"),
        [
            (okr.Objective, "contributes_to"),
            (okr.Objective, "tags"),
            (okr.KeyResult, "tags"),
            (okr.Kpi, "guards"),
            (okr.Kpi, "watchers"),
            (okr.Milestone, "after"),
            (okr.Checklist, "items"),
            (okr.priorities.Guardrail, "forbid"),
            (okr.PriorityTable, "rules"),
            (okr.priorities.Column, "values"),
        ],
    )
    def test_text_is_no_list_of_letters(self, kind, name):
        with pytest.raises(DefinitionError, match="give a list"):
            kind(**{**GOOD[kind], name: "abc"})

    @pytest.mark.parametrize(
        ("kind", "name"),
        [
            (okr.Cycle, "start"),
            (okr.KeyResult, "due"),
            (okr.Milestone, "due"),
            (okr.Milestone, "done"),
            (okr.Initiative, "end"),
            (okr.Waypoint, "date"),
            (okr.Link, "reviewed"),
            (okr.priorities.Tolerate, "until"),
        ],
    )
    @pytest.mark.parametrize("instant", [NAIVE, AWARE])
    def test_an_instant_is_no_date(self, kind, name, instant):
        """S3.5: naive datetimes are refused; where a calendar date is asked for, aware ones are too."""
        with pytest.raises(DefinitionError, match="give"):
            kind(**{**GOOD[kind], name: instant})

    @pytest.mark.parametrize("number", [True, False, "5", math.nan, math.inf, 10**400, None, 1j])
    def test_what_is_no_finite_number_is_no_goal(self, number):
        """S0.3: a truth value is no number, and neither NaN nor an infinity can be reached."""
        with pytest.raises(DefinitionError, match="goal"):
            Target(0, number)
        with pytest.raises(DefinitionError, match="weight"):
            okr.Contribution("a", weight=number)


class TestErrors:
    @given(
        st.lists(
            st.sampled_from([okr.errors.UnknownIdError, okr.errors.UnitError, DefinitionError, None]),
            max_size=4,
        )
    )
    def test_one_class_where_all_agree_else_definition_error(self, kinds):
        """S0.4: mixed problems raise DefinitionError, else the one subclass; .problems holds all."""
        from okrcore.errors import raise_all

        problems = [okr.Problem(f"fault {n}", kind=kind) for n, kind in enumerate(kinds)]
        if not problems:
            raise_all(problems)
            return
        with pytest.raises(okr.OkrError) as caught:
            raise_all(problems)
        distinct = {kind or DefinitionError for kind in kinds}
        assert type(caught.value) is (distinct.pop() if len(distinct) == 1 else DefinitionError)
        assert list(caught.value.problems) == problems

    @pytest.mark.parametrize(
        "kind",
        [getattr(okr, name) for name in dir(okr) if name.endswith("Error")],
        ids=lambda kind: kind.__name__,
    )
    def test_every_error_pickles_with_its_problems(self, kind):
        error = kind(
            [okr.Problem("a fault", "a.b", "f.yaml", 3, 5, kind=okr.errors.UnitError), okr.Problem("another")]
        )
        again = pickle.loads(pickle.dumps(error))
        assert type(again) is kind
        assert again.problems == error.problems
        assert again.problems[0].kind is okr.errors.UnitError
        assert str(again) == str(error) == "2 problems\nf.yaml:3:5: a.b: a fault\nanother"
        assert isinstance(error, okr.OkrError)

    def test_the_family(self):
        """The families of API.md: what a caller may catch."""
        for kind in (okr.errors.UnknownIdError, okr.errors.DuplicateIdError, okr.errors.CyclicAlignmentError):
            assert issubclass(kind, DefinitionError)
        for kind in (
            DefinitionError,
            okr.errors.UnitError,
            okr.DocumentError,
            okr.HistoryError,
            okr.errors.TableError,
        ):
            assert issubclass(kind, ValueError)
        assert issubclass(okr.errors.RuleError, RuntimeError)
        assert issubclass(okr.MissingExtraError, ImportError)
        assert "pip install 'okrcore[arrow]'" in str(okr.MissingExtraError.of("pyarrow", "arrow"))


numbers = st.floats(-1e6, 1e6)


class TestMeasures:
    @given(numbers, numbers, st.sampled_from(["at_least", "at_most"]))
    def test_a_direction_against_the_slope_is_refused(self, start, goal, direction):
        """S2.2: a direction that contradicts goal - start is refused."""
        against = goal < start if direction == "at_least" else goal > start
        if against:
            with pytest.raises(DefinitionError, match="contradicts"):
                Target(start, goal, direction)
        else:
            assert Target(start, goal, direction).direction == direction

    @given(st.lists(st.tuples(st.dates(dt.date(2026, 1, 1), DAY), numbers), max_size=5))
    def test_a_plan_is_in_order_of_dates_and_has_one_value_a_date(self, plan):
        """S2.3: two waypoints on one date are refused."""
        dates = [day for day, _ in plan]
        if dates == sorted(set(dates)):
            assert Target(0, 1, plan=plan).plan == tuple(okr.Waypoint(*point) for point in plan)
        else:
            with pytest.raises(DefinitionError, match="plan"):
                Target(0, 1, plan=plan)

    @given(st.one_of(st.none(), numbers), st.one_of(st.none(), numbers))
    def test_a_band_has_a_bound_and_no_inverted_ones(self, low, high):
        """S2.4: one side may be open, not both; S0.3: a band with low > high is an error."""
        if (low is None and high is None) or (low is not None and high is not None and low > high):
            with pytest.raises(DefinitionError):
                Band(low, high)
        else:
            assert (Band(low, high).low, Band(low, high).high) == (low, high)

    @pytest.mark.parametrize("tolerance", [0, -1, math.nan])
    def test_a_tolerance_is_a_positive_distance(self, tolerance):
        with pytest.raises(DefinitionError, match="tolerance"):
            Band(low=1, tolerance=tolerance)

    def test_a_checklist_has_distinct_items_with_some_weight(self):
        """S2.5: a weighted share of items needs items that differ and a weight."""
        for items in ([], ["a", "a"], [okr.Item("a", weight=0)]):
            with pytest.raises(DefinitionError, match="items"):
                okr.Checklist(items)

    @pytest.mark.parametrize(
        "curve", [[(0, 0.5)], [(10, 0.5)], [(6, 0.1), (4, 0.2)], [(5, 0.1), (5, 0.2)], [(11, 1)]]
    )
    def test_a_curve_runs_from_start_to_goal(self, curve):
        with pytest.raises(DefinitionError, match="curve"):
            Target(0, 10, curve=curve)
        with pytest.raises(DefinitionError, match="curve"):
            Target(None, 10, curve=[(5, 0.5)])


class TestGoals:
    def test_a_goal_contributes_to_another_once(self):
        with pytest.raises(DefinitionError, match="twice"):
            okr.Objective(id="a", title="", cycle="c", contributes_to=["b", okr.Contribution("b", 2)])

    @pytest.mark.parametrize("measure", [Band(low=1), okr.Checklist(["a"]), Target(None, 1)])
    def test_weight_by_value_needs_a_way(self, measure):
        """S4.7: weight="value" weighs by |goal - start|."""
        with pytest.raises(DefinitionError, match="weight"):
            okr.KeyResult(id="k", objective="o", title="", measure=measure, weight="value")

    def test_a_checklist_is_no_guardrail_and_reads_no_kpi(self):
        """S5.5: a guardrail is breached outside its band; S2.5: a checklist has its own observations."""
        for field in ({"guardrail": True}, {"measured_by": "uptime"}):
            with pytest.raises(DefinitionError, match=next(iter(field))):
                okr.KeyResult(id="k", objective="o", title="", measure=okr.Checklist(["a"]), **field)


class TestLinks:
    @given(st.integers(0, 9999), st.integers(0, 9999), st.sampled_from(["", "d", "w", "m", "q", "y"]))
    def test_a_lag_is_a_number_or_a_range_with_a_unit(self, low, high, unit):
        """S9.1: lag text is `N` or `N..N` with a unit of d, w, m, q, y; integers are grid periods."""
        from okrcore.definitions.links import Lag

        assert Lag.parse(f"{low}{unit}") == Lag(low, low, unit)
        for text in (f"{low}{unit}..{high}{unit}", f"{low}..{high}{unit}"):
            if low <= high:
                assert Lag.parse(text) == Lag(low, high, unit)
                assert _link(lag=text).lag == text
            else:
                with pytest.raises(DefinitionError, match="lag"):
                    _link(lag=text)
        assert _link(lag=low).lag == str(low)

    @pytest.mark.parametrize(
        "lag",
        [
            "",
            "w",
            "2h",
            "2W",
            "-1w",
            "2w..3m",
            "1.5w",
            "2w..",
            "..2w",
            "2w...3w",
            " 2w",
            "2w\n",
            "10000d",
            "٣w",
        ],
    )
    def test_any_other_lag_is_refused(self, lag):
        with pytest.raises(DefinitionError, match="lag"):
            _link(lag=lag)

    def test_its_id_names_both_ends(self):
        assert _link().id == "a->b"
        assert _link(id="mine").id == "mine"
        for bad in (" ", "a ", "a\n"):
            with pytest.raises(DefinitionError, match="id"):
                _link(id=bad)

    @pytest.mark.parametrize("sign", [0, 2, -2, 1.0, True, "+1", None])
    def test_a_sign_is_plus_or_minus_one(self, sign):
        """S0.7: signs of links are about raw values."""
        with pytest.raises(DefinitionError, match="sign"):
            _link(sign=sign)

    def test_nothing_leads_itself(self):
        with pytest.raises(DefinitionError, match="same"):
            _link(target="a")


def _link(**fields):
    return okr.Link(**{"source": "a", "target": "b", "sign": 1, **fields})


class TestPriorities:
    """S14: the nouns of a priority table; whether a table is good is for `verify_table` to say."""

    def test_a_table_names_columns_rules_and_overrides_that_exist(self):
        """S0.4: all faults at once, each at its path."""
        rule = okr.PriorityRule(id="P1", when={"zone": "watch"}, then=Outcome(winner="kpi"))
        guard = okr.priorities.Guardrail(id="P1", when={"other": "x"}, forbid=["objective"])
        column = okr.priorities.Column(name="a", values=["x"])
        with pytest.raises(DefinitionError) as caught:
            okr.PriorityTable(
                columns=[column, column],
                rules=[rule],
                guardrails=[guard],
                default=None,
                overrides=[("P1", "P9")],
            )
        paths = {problem.path for problem in caught.value.problems}
        assert paths == {"columns", "rules", "rules[0].when.zone", "guardrails[0].when.other", "overrides[0]"}

    def test_cells_are_kept_as_text(self):
        """S14.1: a cell is a unary test; a plain number, truth value or date is its own text."""
        rule = okr.PriorityRule(
            id="P", when={"a": 1, "b": True, "c": DAY, "d": 0.5, "e": "< 3"}, then=Outcome(winner="kpi")
        )
        assert dict(rule.when) == {"a": "1", "b": "true", "c": "2026-06-30", "d": "0.5", "e": "< 3"}
        for cell in (math.nan, math.inf, None, ["a"], 10**400):
            with pytest.raises(DefinitionError, match="when"):
                okr.PriorityRule(id="P", when={"a": cell}, then=Outcome(winner="kpi"))

    def test_an_effect_is_exactly_one(self):
        """S15: tolerate, freeze, retarget, fund or escalate."""
        for fields in ({}, {"freeze": "initiative", "fund": okr.priorities.Fund(amount=1)}):
            with pytest.raises(DefinitionError, match="exactly one"):
                okr.Effect(**fields)

    @pytest.mark.parametrize(
        ("within", "good"), [("24h", True), ("1.5d", True), ("2w", True), ("24", False), ("h", False)]
    )
    def test_a_duration_has_a_unit(self, within, good):
        if good:
            assert okr.priorities.Escalate(to="coo", within=within).within == within
        else:
            with pytest.raises(DefinitionError, match="within"):
                okr.priorities.Escalate(to="coo", within=within)

    def test_a_column_has_values_or_bounds(self):
        """S14.1: columns have finite or ordered domains."""
        assert okr.priorities.Column(name="n", low=0, high=1).kind == "number"
        assert okr.priorities.Column(name="flag", values=[True, False]).kind == "enumeration"
        assert okr.priorities.Column(name="n", values=[1, 2], kind="integer").kind == "integer"
        for fields in (
            {"values": []},
            {"values": ["a", "a"]},
            {"values": [1], "low": 0},
            {"low": "a"},
            {"high": math.nan},
        ):
            with pytest.raises(DefinitionError):
                okr.priorities.Column(name="n", **fields)


class TestInitiatives:
    def test_dates_run_forward(self):
        before = DAY - dt.timedelta(1)
        with pytest.raises(DefinitionError, match="swap"):
            okr.Initiative(id="i", title="", start=DAY, end=before)
        with pytest.raises(DefinitionError, match="swap"):
            okr.Milestone(id="m", initiative="i", title="", start=DAY, due=before)
        with pytest.raises(DefinitionError, match="swap"):
            okr.Milestone(id="m", initiative="i", title="", start=DAY, finish=before, due=DAY)

    def test_a_milestone_comes_after_another_once(self):
        with pytest.raises(DefinitionError, match="twice"):
            okr.Milestone(id="m", initiative="i", title="", due=DAY, after=["a", okr.Dependency("a", 3)])


class TestPolicy:
    def test_knobs_that_go_together(self):
        for fields in ({"clamp": "cap"}, {"cap": 1.2}, {"at_risk": 0.95}, {"on_track_gap": 0.3}):
            with pytest.raises(DefinitionError):
                okr.ScoringPolicy(**fields)

    @pytest.mark.parametrize(
        "rounding", [(2, "up"), (-1, "floor"), (10, "floor"), (True, "floor"), 2, "2", (2,)]
    )
    def test_rounding_is_digits_and_a_mode(self, rounding):
        """S4.6."""
        with pytest.raises(DefinitionError, match="rounding"):
            okr.ScoringPolicy(rounding=rounding)

    def test_levels_may_be_given_in_part(self):
        """S5.3: committed 1.0, aspirational 0.7."""
        policy = okr.ScoringPolicy(achieved_at={"aspirational": 0.6})
        assert dict(policy.achieved_at) == {"committed": 1.0, "aspirational": 0.6, "learning": 1.0}
        assert okr.ScoringPolicy(words={"at-risk": "amber"}).word("at-risk") == "amber"
        assert policy.word("at-risk") == "at-risk"
        with pytest.raises(DefinitionError, match="achieved_at"):
            okr.ScoringPolicy(achieved_at={"commited": 1})


@pytest.mark.parametrize("text", ["\ud800", "a\udc80"])
def test_a_text_that_no_file_can_hold_is_refused_where_it_is_declared(text):
    """Decision 6: strict at the door, so that every table and page that shows it can be written."""
    with pytest.raises(DefinitionError, match=r"title is .*Unicode; remove the half of a surrogate pair"):
        okr.Team(id="sales", title=text)
    assert okr.Team(id="sales", title="Größer 🚀").title.encode()
