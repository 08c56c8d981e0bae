"""Verification equals brute force, its witnesses hold, and it stays in bounds (S14.3)."""

import datetime as dt
import random
import time
from itertools import combinations, pairwise

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from okrcore.definitions.priority_outcomes import Outcome
from okrcore.definitions.priority_table import Column, Guardrail, PriorityRule, PriorityTable
from okrcore.errors import TableError
from okrcore.priorities.closure import closure, members
from okrcore.priorities.comparison import compare_tables
from okrcore.priorities.table_rulings import decide_table
from okrcore.priorities.verification import verify_table
from tests.support.table_models import models, verdict

X, Y = Outcome(winner="x"), Outcome(winner="y")


def rule(name, then=X, **when):
    """Return a rule."""
    return PriorityRule(id=name, when=when, then=then)


def table(*rules, columns=(), default=X, **given):
    """Return a table over number columns a and b, or those given."""
    chosen = columns or (Column(name="a", low=0, high=10), Column(name="b", low=0, high=10))
    return PriorityTable(columns=chosen, rules=rules, default=default, **given)


@given(models())
def test_gaps_and_overlaps_equal_brute_force(model):
    """S14.3, S14.6: exact over the whole domain, interval unions included."""
    report = verify_table(model.table)
    pairs, clashing, gap = set(), False, set()
    for point in model.points():
        matched = model.matching(model.table.rules, point)
        pairs |= set(combinations(matched, 2))
        clashing |= verdict(model.table, matched)[0] == "clash"
        if not matched:
            gap.add(point)
    assert {found.rules for found in report.overlaps} == pairs
    assert any(found.error for found in report.overlaps) == clashing
    rows = [rule(f"g{n}", **found.region) for n, found in enumerate(report.gaps)]
    reported = table(*rows, columns=model.table.columns, hit_policy="R")
    for point in model.points():
        regions = decide_table(reported, model.inputs(point)).matched
        assert len(regions) == (point in gap), "gap regions are disjoint and hold exactly the gap points"


@given(models())
def test_rules_that_never_decide_equal_brute_force(model):
    """S14.3: masked, also jointly; unreachable; redundant."""
    report = verify_table(model.table)
    rules = model.table.rules
    where: dict[str, list] = {one.id: [] for one in rules}
    for point in model.points():
        matched = model.matching(rules, point)
        for name in matched:
            where[name].append(matched)
    masked, redundant = set(), set()
    for one in rules:
        found = where[one.id]
        strong = [verdict(model.table, matched) for matched in found]
        weak = [verdict(model.table, matched, dropped=one.id) for matched in found]
        if (
            model.table.hit_policy != "ANY"
            and found
            and not any(_decides(model.table, matched, one.id) for matched in found)
        ):
            masked.add(one.id)
        if found and all(a == b for a, b in zip(strong, weak, strict=True)):
            redundant.add(one.id)
    assert {found.rule for found in report.masked if found.error} == masked
    assert {found.rule for found in report.redundant} == redundant
    names = {found.rule for found in report.unreachable} & {one.id for one in rules}
    assert names == {name for name, found in where.items() if not found}


def _decides(model_table, matched, name):
    """Whether a rule is among those that are left where these match."""
    if model_table.hit_policy in ("FIRST", "PRIORITY"):
        kept = [one for one in model_table.rules if one.id in matched]
        if model_table.hit_policy == "FIRST":
            return kept[0].id == name
        best = min(model_table.ranking.index(one.then.winner) for one in kept)
        return any(one.id == name and model_table.ranking.index(one.then.winner) == best for one in kept)
    kind, left = verdict(model_table, matched)
    if kind == "clash":
        return name in left
    return verdict(model_table, matched, dropped=name) != (kind, left) or _alone(model_table, matched, name)


def _alone(model_table, matched, name):
    """Whether overrides leave only this rule."""
    marked = attrs.evolve(
        model_table,
        rules=[attrs.evolve(one, then=Outcome(winner=one.id)) for one in model_table.rules],
        guardrails=(),
    )
    return verdict(marked, matched) == ("outcome", name)


@given(models(policies=("UNIQUE", "ANY", "FIRST")))
def test_witnesses_can_be_checked_by_deciding_them(model):
    """S14.3: each finding has a witness, and deciding it shows the finding."""
    report = verify_table(model.table)
    rows = attrs.evolve(model.table, hit_policy="RULE ORDER", overrides=())
    for found in report.gaps:
        assert decide_table(rows, found.witness).matched == ()
        assert decide_table(model.table, found.witness).rule not in {one.id for one in model.table.rules}
    for found in (*report.overlaps, *report.masked, *report.redundant):
        if found.kind != "masked" or found.error:
            assert set(found.rules[:1]) <= set(decide_table(rows, found.witness).matched)
        if found.kind == "overlap":
            assert set(found.rules) <= set(decide_table(rows, found.witness).matched)
            if found.error:
                with pytest.raises(TableError, match="both match"):
                    decide_table(model.table, found.witness)


@given(models(policies=("UNIQUE", "ANY", "FIRST", "PRIORITY"), total=False))
def test_a_verified_table_decides_every_point(model):
    """S14.6: total and deterministic."""
    if verify_table(model.table).ok:
        for point in model.points():
            ruling = decide_table(model.table, model.inputs(point))
            assert ruling == decide_table(model.table, model.inputs(point))
            assert ruling.winner is not None or ruling.escalates


@given(models(guarded=False))
def test_what_is_redundant_can_go_and_what_is_mergeable_can_merge(model):
    """S14.3: redundant and mergeable are proposals that change no decision."""
    report = verify_table(model.table)
    if any(found.error for found in report.overlaps):
        return
    for found in report.redundant:
        left = [one for one in model.table.rules if one.id != found.rule]
        pairs = [pair for pair in model.table.overrides if found.rule not in pair]
        stronger = [a for a, b in model.table.overrides if b == found.rule]
        weaker = [b for a, b in model.table.overrides if a == found.rule]
        pairs += [(a, b) for a in stronger for b in weaker]
        without = attrs.evolve(model.table, rules=left, overrides=list(dict.fromkeys(pairs)))
        assert compare_tables(model.table, without) == ()
    for found in report.mergeable:
        first = next(one for one in model.table.rules if one.id == found.rule)
        row = attrs.evolve(first, when=found.region)
        rows = [row if one is first else one for one in model.table.rules if one.id not in found.by]
        pairs = [pair for pair in model.table.overrides if not set(pair) & set(found.by)]
        assert compare_tables(model.table, attrs.evolve(model.table, rules=rows, overrides=pairs)) == ()


@given(st.data())
def test_verification_ignores_the_order_of_rows(data):
    """S14.6: invariant under row permutation."""
    model = data.draw(models(policies=("UNIQUE", "ANY")))
    rules = data.draw(st.permutations(model.table.rules))
    moved = verify_table(attrs.evolve(model.table, rules=rules))
    report = verify_table(model.table)
    assert moved.gaps == report.gaps
    assert moved.ok == report.ok
    for kind in ("overlaps", "masked", "redundant", "unreachable", "mergeable"):
        kept = [{frozenset(found.rules) for found in getattr(one, kind)} for one in (moved, report)]
        assert kept[0] == kept[1]


def test_integers_and_dates_have_nothing_in_between():
    """S14.1: integers and dates are whole; numbers are not."""
    for column, low, high, ok in (
        (Column(name="a", kind="integer"), "<= 3", ">= 4", True),
        (Column(name="a", kind="date"), "<= 2026-06-30", ">= 2026-07-01", True),
        (Column(name="a"), "<= 3", ">= 4", False),
    ):
        report = verify_table(table(rule("A", a=low), rule("B", a=high), columns=[column], default=None))
        assert report.ok is ok
    assert report.gaps[0].witness == {"a": 3.5}
    assert report.gaps[0].region == {"a": "(3..4)"}
    assert report.gaps[0].error


def test_no_float_is_in_the_proof():
    """S14.1: 0.1 + 0.2 and 0.3 are one number in a table."""
    exact = table(rule("A", a="< 0.3"), rule("B", Y, a=">= 0.3"), default=None)
    assert verify_table(exact).ok
    [gap] = verify_table(table(rule("A", a="< 0.3"), rule("B", Y, a="> 0.3"))).gaps
    assert gap.region == {"a": "0.3"}
    assert decide_table(exact, gap.witness).rule == "B"
    assert not gap.error


def test_overrides_settle_overlaps_also_through_others():
    """S14.2: the transitive closure is used; circles are refused."""
    rows = rule("A"), rule("B", Y, a="< 5"), rule("C", a="< 3")
    chain = verify_table(table(*rows, overrides=[("C", "B"), ("B", "A")]))
    assert chain.ok
    assert len(chain.overlaps) == 3
    assert not verify_table(table(*rows, overrides=[("C", "B")])).ok
    circle = table(*rows, overrides=[("C", "B"), ("B", "A"), ("A", "C")])
    [found] = verify_table(circle).cycles
    assert found.witness == {"path": ("A", "C", "B", "A")}
    with pytest.raises(TableError, match="A > C > B > A"):
        decide_table(circle, {"a": 1, "b": 1})
    [own] = verify_table(table(*rows, overrides=[("A", "A")])).cycles
    assert own.witness == {"path": ("A", "A")}


@given(st.lists(st.integers(0, 2**8 - 1), min_size=8, max_size=8))
def test_overrides_reach_through_others_and_round_in_circles(direct):
    """S14.2: transitive closure; whoever is in a circle beats itself."""
    reached = [set(members(bits)) for bits in direct]
    for middle in range(8):
        for one in range(8):
            reached[one] |= reached[middle] if middle in reached[one] else set()
    assert [set(members(bits)) for bits in closure(direct)] == reached


@pytest.mark.parametrize("turned", [False, True])
def test_thousands_of_overrides_that_contradict_each_other_end_in_bounded_time(turned):
    """Issue 5: circles are told, one path each, however many rules and overrides there are."""
    names = [f"R{n:05}" for n in range(12_000)]
    chain = [*pairwise(names), (names[-1], names[0])]
    chain = [(b, a) for a, b in chain] if turned else chain
    rows = [rule(name, a=str(n)) for n, name in enumerate(names)]
    begin = time.perf_counter()
    [found] = verify_table(table(*rows, overrides=chain)).cycles
    assert time.perf_counter() - begin < 30
    assert set(found.rules) == set(names)
    with pytest.raises(TableError, match="overrides go in a circle"):
        decide_table(table(*rows, overrides=chain), {"a": 1, "b": 1})
    pairs = [pair for a, b in zip(names[::2], names[1::2], strict=True) for pair in ((a, b), (b, a))]
    assert len(verify_table(table(*rows, overrides=pairs)).cycles) == 6_000
    assert time.perf_counter() - begin < 60


def test_a_third_rule_that_beats_both_settles_an_overlap():
    rows = rule("A", a="<= 5"), rule("B", Y, a=">= 5"), rule("C", a="5")
    report = verify_table(table(*rows, overrides=[("C", "A"), ("C", "B")]))
    assert report.ok
    assert {found.rules for found in report.overlaps} == {("A", "B"), ("A", "C"), ("B", "C")}
    partly = rule("A", a="<= 5"), rule("B", Y, a=">= 4"), rule("C", a="5")
    report = verify_table(table(*partly, overrides=[("C", "A"), ("C", "B")]))
    [clash] = [found for found in report.overlaps if found.error]
    assert clash.rules == ("A", "B")
    assert 4 <= clash.witness["a"] < 5


def test_a_rule_that_keeps_two_others_apart_is_not_redundant():
    rows = rule("A"), rule("B"), rule("C")
    pairs = [("A", "B"), ("A", "C")]
    assert [found.rule for found in verify_table(table(*rows, overrides=pairs)).redundant] == ["B", "C"]


def test_rules_with_different_overrides_are_not_merged():
    rows = rule("A", a="< 3"), rule("B", a=">= 3"), rule("C", Y, a="> 5")
    assert verify_table(table(*rows, overrides=[("B", "C")])).mergeable == ()
    assert verify_table(table(*rows, overrides=[("C", "B")])).mergeable == ()
    [found] = verify_table(table(*rows[:2])).mergeable
    assert (found.rules, dict(found.region)) == (("A", "B"), {})
    reasons = rule("A", a="< 3"), rule("B", Outcome(winner="x", why="another reason"), a=">= 3")
    assert verify_table(table(*reasons)).mergeable == ()


def test_a_masked_rule_names_those_that_decide_in_its_place():
    rows = rule("A"), rule("B", Y), rule("C")
    found = verify_table(table(*rows, hit_policy="FIRST")).masked
    assert [one.rules for one in found] == [("B", "A"), ("C", "A")]


def test_a_rule_hidden_by_two_others_together_is_masked():
    rows = rule("A", a="< 5"), rule("B", Y, a=">= 5"), rule("C", a="[3..8]")
    [found] = verify_table(table(*rows, hit_policy="FIRST")).masked
    assert (found.rule, found.by, found.error) == ("C", ("A", "B"), True)


def test_an_urgent_guardrail_does_not_put_the_table_out_of_use():
    """S14.2: guardrails only ever forbid; a rule they always forbid is a note."""
    stop = Guardrail(id="G", when={}, forbid=["x"])
    report = verify_table(table(rule("A", a="< 5"), rule("B", Y, a=">= 5"), guardrails=[stop]))
    assert report.ok
    assert [found.rules for found in report.masked] == [("A", "G")]


def test_problems_are_reported_all_at_once_with_cell_and_rule():
    """S14.3: ill-typed cells are findings, never a crash; deciding raises the same texts."""
    bad = table(
        rule("A", a="abc"),
        rule("B", b="[5..1]"),
        columns=[Column(name="a"), Column(name="b"), Column(name="c", low=2, high=1)],
        guardrails=[Guardrail(id="G", when={"a": "?"}, forbid=["x"])],
    )
    report = verify_table(bad)
    assert not report.ok
    assert [found.kind for found in report.problems] == ["column", "cell", "cell", "cell"]
    assert report.problems[1].witness == {"a": "abc"}
    with pytest.raises(TableError) as error:
        decide_table(bad, {})
    assert [one.message for one in error.value.problems] == [found.message for found in report.problems]


@pytest.mark.parametrize(
    "cell", ["[" + ".." * 2_000 + "x", "[" + "].." * 1_300 + "x", "not(" * 1_000, '"' * 4_001]
)
def test_many_hostile_cells_are_reported_in_bounded_time(cell):
    """Issue 5: the time for a cell grows with its length, not with its square."""
    begin = time.perf_counter()
    report = verify_table(table(*(rule(f"R{n}", a=cell) for n in range(500))))
    assert time.perf_counter() - begin < 10
    assert len(report.problems) == 500


def test_a_guardrail_that_can_forbid_nothing_is_a_problem():
    """A slip of the pen in `forbid` would permit everything, silently."""
    slip = table(rule("A"), guardrails=[Guardrail(id="G", when={}, forbid=["objectiv"])])
    [found] = verify_table(slip).problems
    assert "guardrail 'G' forbids 'objectiv', which is no winner and no effect" in str(found)
    assert decide_table(slip, {"a": 1, "b": 1}).winner == "x"


def test_unreachable_rows_show_the_cells_that_hold_nothing():
    stop = Guardrail(id="G", when={"b": "> 10"}, forbid=["x"])
    report = verify_table(table(rule("A", a="> 10", b="3"), guardrails=[stop]))
    assert [(found.rule, dict(found.witness)) for found in report.unreachable] == [
        ("A", {"a": "> 10"}),
        ("G", {"b": "> 10"}),
    ]
    assert not report.ok


def test_dates_durations_and_flags_have_witnesses_of_their_kind():
    columns = [
        Column(name="due", kind="date", low=dt.date(2026, 1, 1)),
        Column(name="left", kind="duration", low="0h"),
        Column(name="kpi.guardrail", values=[True, False]),
    ]
    rows = [
        PriorityRule(id="A", when={"due": "< 2026-07-01", "left": "< 24h", "kpi.guardrail": "true"}, then=X)
    ]
    witnesses = [found.witness for found in verify_table(table(*rows, columns=columns)).gaps]
    assert witnesses
    for witness in witnesses:
        assert isinstance(witness["due"], dt.date)
        assert isinstance(witness["left"], dt.timedelta)
        assert decide_table(table(*rows, columns=columns), witness).matched == ()


def test_a_table_without_columns_or_rules():
    assert verify_table(table(columns=[Column(name="a")])).gaps[0].region == {}
    empty = PriorityTable(columns=[], rules=[], default=None)
    assert [found.error for found in verify_table(empty).gaps] == [True]
    two = PriorityTable(columns=[], rules=[rule("A"), rule("B", Y)], default=None)
    assert [found.rules for found in verify_table(two).overlaps] == [("A", "B")]


def test_too_large_is_said_and_never_guessed():
    """S14.3: past max_cells the report is not ok and says so."""
    good = table(rule("A", a="< 5"), rule("B", Y, a=">= 5"))
    assert verify_table(good).ok
    report = verify_table(good, max_cells=5)
    assert not report.ok
    assert str(report.problems[0]).startswith("too large to verify: more than 5 cells")


def test_a_knot_of_rules_ends_in_bounded_time():
    """A problem that is hard by nature, random clauses over many columns, ends in too large to verify."""
    rng = random.Random(1)
    columns = [Column(name=f"c{n}", values=["0", "1"]) for n in range(120)]
    rows = [
        rule(f"R{n}", **{f"c{c}": rng.choice("01") for c in rng.sample(range(120), 3)}) for n in range(500)
    ]
    begin = time.perf_counter()
    report = verify_table(table(*rows, columns=columns, hit_policy="ANY"), max_cells=2_000_000)
    assert time.perf_counter() - begin < 20
    assert report.problems[0].kind == "size"


def test_a_thousand_rules_that_are_all_the_same():
    rows = [rule(f"R{n:03}") for n in range(300)]
    report = verify_table(table(*rows))
    assert not report.ok
    assert len(report.overlaps) == 1_000
    assert report.more == ("overlaps",)
    assert "more overlaps than the first 1000" in str(report)
    assert not verify_table(table(*rows, hit_policy="FIRST")).ok


def test_two_hundred_rules_over_eight_columns_verify_in_seconds():
    """A partition of the domain has neither gap nor overlap; a missing piece of it is found."""
    rng = random.Random(2)
    columns = [Column(name=f"c{n}", low=0, high=100) for n in range(8)]
    leaves = [{f"c{n}": (0, 100) for n in range(8)}]
    while len(leaves) < 200:
        chosen, name = rng.randrange(len(leaves)), f"c{rng.randrange(8)}"
        low, high = leaves[chosen][name]
        at = rng.randint(low, high)
        if low < at < high:
            leaves[chosen : chosen + 1] = [{**leaves[chosen], name: half} for half in ((low, at), (at, high))]
    rows = [
        rule(
            f"R{n:03}",
            **{name: f"[{low}..{high}{']' if high == 100 else ')'}" for name, (low, high) in leaf.items()},
        )
        for n, leaf in enumerate(leaves)
    ]
    begin = time.perf_counter()
    whole = verify_table(table(*rows, columns=columns, default=None))
    assert whole.ok
    assert not whole.gaps
    lacking = verify_table(table(*rows[1:], columns=columns, default=None))
    assert time.perf_counter() - begin < 10
    assert not lacking.ok
    assert decide_table(table(*rows, columns=columns), lacking.gaps[0].witness).rule == "R000"


@pytest.mark.parametrize("cell", ["1,000", "> 1,000", "007", "[1,000..2,000]", "not(1,000)"])
@pytest.mark.parametrize("kind", ["number", "integer"])
def test_thousands_in_a_cell_are_no_list_of_one_and_nothing(cell, kind):
    """In a cell a comma parts a list: 1,000 would be 1 or 0, and 1000 fall to the default."""
    column = Column(name="n", kind=kind, low=0, high=5000)
    rule = PriorityRule(id="R", when={"n": cell}, then=Outcome(winner="w"))
    report = verify_table(PriorityTable(columns=[column], rules=[rule], default=Outcome(winner="d")))
    assert not report.ok
    assert any(cell in str(one) for one in report.errors)
    plain = cell.replace(",000", "000").replace("007", "7")
    sound = PriorityRule(id="R", when={"n": plain}, then=Outcome(winner="w"))
    assert verify_table(PriorityTable(columns=[column], rules=[sound], default=Outcome(winner="d"))).ok
