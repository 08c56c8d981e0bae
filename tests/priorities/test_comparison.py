"""Where two versions of a table decide differently, exactly (S14.3)."""

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from okrcore.definitions.priority_outcomes import Effect, Escalate, Outcome
from okrcore.definitions.priority_table import Column, Guardrail, PriorityRule, PriorityTable
from okrcore.errors import TableError
from okrcore.priorities.comparison import compare_tables
from okrcore.priorities.table_rulings import decide_table
from tests.support.table_models import models

X, Y = Outcome(winner="x"), Outcome(winner="y")


def said(table, inputs):
    """Return winner and effect, or "clash"."""
    try:
        ruling = decide_table(table, inputs)
    except TableError:
        return "clash"
    return ruling.winner, ruling.effect


def winner(ruling):
    """Return the winner of a ruling, if there is a ruling."""
    return ruling and ruling.winner


@st.composite
def versions(draw, change):
    """Draw a model and a version of its table with one change."""
    policies = ("FIRST",) if change == "order" else ("UNIQUE", "ANY", "FIRST", "PRIORITY")
    model = draw(models(policies=policies, total=change != "default"))
    table = model.table
    rules = list(table.rules)
    place = draw(st.integers(0, len(rules) - 1))
    if change == "drop":
        names = {one.id for one in rules} - {rules[place].id}
        kept = [one for one in rules if one.id in names]
        pairs = [pair for pair in table.overrides if set(pair) <= names]
        return model, attrs.evolve(table, rules=kept, overrides=pairs)
    if change == "swap":
        rules[place] = attrs.evolve(rules[place], then=Y if rules[place].then == X else X)
        ranking = ("y", "x") if table.hit_policy == "PRIORITY" else ()
        return model, attrs.evolve(table, rules=rules, ranking=ranking)
    if change == "order":
        return model, attrs.evolve(table, rules=draw(st.permutations(rules)))
    if change == "default":
        return model, attrs.evolve(table, default=Y if draw(st.booleans()) else None)
    if change == "guardrail":
        return model, attrs.evolve(table, guardrails=table.guardrails[1:])
    if change == "overrides":
        return model, attrs.evolve(table, overrides=())
    other = draw(st.sampled_from(rules))
    rules[place] = attrs.evolve(rules[place], when=other.when)
    return model, attrs.evolve(table, rules=rules)


@pytest.mark.parametrize("change", ["drop", "swap", "order", "default", "guardrail", "overrides", "cell"])
@given(st.data())
@settings(max_examples=25)
def test_differences_equal_brute_force(change, data):
    """S14.3: the regions hold exactly the points where winner or effect differ; each witness shows it."""
    model, new = data.draw(versions(change))
    found = compare_tables(model.table, new)
    rows = [PriorityRule(id=f"d{n}", when=one.region, then=X) for n, one in enumerate(found)]
    regions = PriorityTable(columns=model.table.columns, rules=rows, default=None, hit_policy="R")
    for point in model.points():
        inputs = model.inputs(point)
        differs = said(model.table, inputs) != said(new, inputs)
        assert len(decide_table(regions, inputs).matched) == differs
    for one in found:
        assert said(model.table, one.witness) != said(new, one.witness)


@given(st.data())
def test_a_table_never_differs_from_itself_in_another_order(data):
    """S14.6: invariant under row permutation."""
    model = data.draw(models(policies=("UNIQUE", "ANY", "PRIORITY")))
    moved = attrs.evolve(model.table, rules=data.draw(st.permutations(model.table.rules)))
    assert compare_tables(model.table, moved) == ()
    renamed = [attrs.evolve(one, id=f"{one.id}-new") for one in model.table.rules]
    pairs = [(f"{a}-new", f"{b}-new") for a, b in model.table.overrides]
    assert compare_tables(model.table, attrs.evolve(model.table, rules=renamed, overrides=pairs)) == ()


def version(cell, *, column=None, **given):
    """Return a table with one rule."""
    chosen = column or Column(name="a", low=0, high=10)
    row = PriorityRule(id="R", when={chosen.name: cell}, then=X)
    return PriorityTable(columns=[chosen], rules=[row], default=Y, **given)


def test_a_moved_limit_shows_as_the_strip_between():
    [found] = compare_tables(version("< 3"), version("<= 4"))
    assert found.region == {"a": "[3..4]"}
    assert str(found) == "a: [3..4]: y by default -> x by R"
    assert [one and one.rule for one in (found.before, found.after)] == [None, "R"]


def test_a_wider_domain_turns_missing_into_decided():
    """A value outside a column's domain is a missing input, in the version that has that domain."""
    [found] = compare_tables(version("-"), version("-", column=Column(name="a", low=0, high=12)))
    assert found.region == {"a": "> 10"}
    assert found.before == decide_table(version("-"), {"a": 11})
    assert found.before.missing == ("a",)
    assert winner(found.after) == "x"
    labels = Column(name="s", values=["a", "b"]), Column(name="s", values=["c", "b", "a"])
    [more] = compare_tables(version("a", column=labels[0]), version("a", column=labels[1]))
    assert (more.region, winner(more.after)) == ({"s": "c"}, "y")


def test_a_new_column_matches_anything_in_the_version_without_it():
    old, new = version("< 3"), version("< 3")
    zone = Column(name="zone", values=["green", "red"])
    row = attrs.evolve(new.rules[0], when={"a": "< 3", "zone": "green"})
    [found] = compare_tables(old, attrs.evolve(new, columns=[*new.columns, zone], rules=[row]))
    assert found.region == {"a": "< 3", "zone": "red"}


def test_an_escalation_to_somebody_else_is_a_difference():
    def guarded(to):
        stop = Guardrail(id="G", when={"a": "> 9"}, forbid=["y"], escalate=Escalate(to=to))
        return version("< 3", guardrails=[stop])

    [found] = compare_tables(guarded("a"), guarded("b"))
    assert found.region == {"a": "> 9"}
    assert found.after == decide_table(guarded("b"), found.witness)
    assert found.after.effect == Effect(escalate=Escalate(to="b"))


def test_a_clash_is_a_difference_without_a_ruling():
    old = version("< 3")
    new = attrs.evolve(old, rules=[*old.rules, PriorityRule(id="S", when={"a": "< 1"}, then=Y)])
    [found] = compare_tables(old, new)
    assert found.after is None
    assert str(found) == "a: < 1: x by R -> rules that clash"


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(TableError, match="column 'a' holds numbers in one version and integers in the other"):
        compare_tables(version("-"), version("-", column=Column(name="a", kind="integer")))
    with pytest.raises(TableError, match="too large"):
        compare_tables(version("< 3"), version("< 4"), max_cells=3)
