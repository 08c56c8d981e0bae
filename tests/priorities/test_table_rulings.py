"""Deciding one set of inputs: total, deterministic, guardrails above all, each rule accounted for (S14.2)."""

import copy
import datetime as dt
import pickle

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from okrcore import DefinitionError
from okrcore.definitions.priority_outcomes import Effect, Escalate, Outcome, Tolerate
from okrcore.definitions.priority_table import Column, Guardrail, PriorityRule, PriorityTable
from okrcore.errors import TableError
from okrcore.priorities.fingerprint import table_hash
from okrcore.priorities.table_rulings import NOBODY, decide_table
from tests.support.table_models import models, verdict


def rulings(model):
    """Yield (point, ruling) where a table decides; None where rules clash."""
    for point in model.points():
        try:
            yield point, decide_table(model.table, model.inputs(point))
        except TableError:
            yield point, None


def said(ruling):
    """Return what a ruling decides, its account left out."""
    return ruling and (ruling.winner, ruling.effect, ruling.forbidden, ruling.missing)


@given(models(total=False))
def test_deciding_equals_brute_force(model):
    """S14.2, S14.6: rules, default, guardrails on either; two undominated matches raise."""
    for point, ruling in rulings(model):
        matched = model.matching(model.table.rules, point)
        kind, winner = verdict(model.table, matched)
        if kind == "clash":
            assert ruling is None
            continue
        if kind == "none":
            winner = model.table.default and model.table.default.winner
        guards = model.matching(model.table.guardrails, point)
        forbidding = [one.id for one in model.table.guardrails if one.id in guards and winner in one.forbid]
        assert ruling.matched == tuple(sorted(matched))
        assert ruling.guardrails == tuple(sorted(guards))
        if forbidding:
            assert (ruling.winner, ruling.rule, ruling.forbidden) == (None, min(forbidding), (winner,))
            assert ruling.effect.kind == "escalate"
        else:
            assert ruling.winner == winner
            assert ruling.forbidden == ()
            assert (ruling.rule is None) == (kind == "none")


@given(models())
def test_every_matching_rule_decides_or_is_overruled(model):
    """S15: the rule that fired, every other rule that matched, and why it lost."""
    for _, ruling in rulings(model):
        if ruling is not None:
            decided = {ruling.rule} & set(ruling.matched)
            assert set(ruling.overruled) == set(ruling.matched) - decided
            assert all(ruling.overruled.values())


@given(st.data())
def test_the_order_of_rows_changes_nothing(data):
    """S14.6: invariant under row permutation; so is the hash."""
    model = data.draw(models(policies=("UNIQUE", "ANY", "PRIORITY")))
    table = model.table
    moved = attrs.evolve(
        table,
        rules=data.draw(st.permutations(table.rules)),
        guardrails=data.draw(st.permutations(table.guardrails)),
        columns=data.draw(st.permutations(table.columns)),
    )
    assert table_hash(moved) == table_hash(table)
    for point, ruling in rulings(model):
        if ruling is not None:
            assert decide_table(moved, model.inputs(point)) == ruling


@given(st.data())
def test_adding_a_guardrail_never_permits_more(data):
    """S14.6, and Cedar's law: a guardrail takes winners away and gives none."""
    model = data.draw(models())
    if not model.table.guardrails:
        return
    dropped = data.draw(st.sampled_from(model.table.guardrails)).id
    kept = [one for one in model.table.guardrails if one.id != dropped]
    fewer = attrs.evolve(model.table, guardrails=kept)
    for point, ruling in rulings(model):
        if ruling is not None:
            before = decide_table(fewer, model.inputs(point))
            assert set(before.forbidden) <= set(ruling.forbidden)
            assert ruling.winner in (None, before.winner)


@given(models())
def test_a_guardrail_wins_over_any_rule_and_twice_is_once(model):
    """S14.2: any match counts; duplicates change nothing."""
    copies = [attrs.evolve(one, id=f"{one.id}-again") for one in model.table.guardrails]
    twice = attrs.evolve(model.table, guardrails=[*model.table.guardrails, *copies])
    for point, ruling in rulings(model):
        if ruling is None:
            continue
        assert said(decide_table(twice, model.inputs(point))) == said(ruling)
        forbidden = {
            word for one in model.table.guardrails if one.id in ruling.guardrails for word in one.forbid
        }
        assert ruling.winner not in forbidden


@given(models())
def test_the_determining_rows_are_those_reported(model):
    """Cedar's law: the rows that are reported, alone, give the same ruling; no other row has a say."""
    for point, ruling in rulings(model):
        if ruling is None:
            continue
        rules = [one for one in model.table.rules if one.id in ruling.matched]
        names = {one.id for one in rules}
        alone = attrs.evolve(
            model.table,
            rules=rules,
            guardrails=[one for one in model.table.guardrails if one.id in ruling.guardrails],
            overrides=[pair for pair in _closure(model.table.overrides) if set(pair) <= names],
        )
        assert decide_table(alone, model.inputs(point)) == ruling


def _closure(pairs):
    found = set(pairs)
    while more := {(a, d) for a, b in found for c, d in found if b == c} - found:
        found |= more
    return sorted(found)


@given(st.data())
def test_a_missing_input_escalates_and_is_never_guessed(data):
    """S14.2, S14.4: None, NaN and what lies outside the domain."""
    model = data.draw(models())
    point = data.draw(st.sampled_from(model.points()))
    inputs = model.inputs(point)
    name = data.draw(st.sampled_from(sorted(inputs)))
    other = data.draw(st.sampled_from([None, float("nan"), "no such value", [], 10**9, dt.date(1999, 1, 1)]))
    if other == 10**9 and model.kinds[int(name[1:])] == "number":
        return
    ruling = decide_table(model.table, {**inputs, name: other})
    assert (ruling.winner, ruling.rule, ruling.missing) == (None, None, (name,))
    assert ruling.escalates
    assert ruling.effect is not None
    assert ruling.effect.kind == "escalate"
    assert decide_table(model.table, {}).missing == tuple(sorted(inputs))


X, Y = Outcome(winner="x"), Outcome(winner="y")


def decided(*rules, policy="UNIQUE", default=None, inputs=None, **given):
    """Return the ruling of a table with one number column at a = 5."""
    rows = [
        PriorityRule(id=f"R{n}", when={"a": cell}, then=Outcome(winner=w))
        for n, (cell, w) in enumerate(rules)
    ]
    columns = [Column(name="a", low=0, high=10)]
    table = PriorityTable(columns=columns, rules=rows, default=default, hit_policy=policy, **given)
    return decide_table(table, inputs or {"a": 5})


def test_the_table_of_the_example_document():
    """The logistics story: down to its limit the KPI gives way, below it the line is repaired first."""
    suspended = Effect(tolerate=Tolerate(incentive="suspended"))
    freeze = Effect(freeze="initiative")
    chief = Escalate(to="chief-operating-officer")
    table = PriorityTable(
        columns=[
            Column(name="objective.commitment", values=["committed", "aspirational", "learning"]),
            Column(name="kpi.category", values=["safety", "operational", "other"]),
            Column(name="kpi.zone", values=["healthy", "watch", "breached", "unknown"]),
        ],
        guardrails=[
            Guardrail(id="G1", when={"kpi.category": "safety"}, forbid=["objective"], escalate=chief)
        ],
        rules=[
            PriorityRule(
                id="P1",
                when={"objective.commitment": "committed", "kpi.zone": "healthy, watch"},
                then=Outcome(winner="objective", effect=suspended),
            ),
            PriorityRule(
                id="P2",
                when={"objective.commitment": "committed", "kpi.zone": "breached"},
                then=Outcome(winner="kpi", effect=freeze),
            ),
        ],
        default=Outcome(winner="kpi", effect=Effect(escalate=Escalate(to="board"))),
    )

    def ask(commitment, category, zone):
        given = {"objective.commitment": commitment, "kpi.category": category, "kpi.zone": zone}
        ruling = decide_table(table, given)
        return ruling.winner, ruling.rule, ruling.effect

    assert ask("committed", "operational", "watch") == ("objective", "P1", suspended)
    assert ask("committed", "safety", "breached") == ("kpi", "P2", freeze)
    assert ask("committed", "safety", "watch") == (None, "G1", Effect(escalate=chief))
    assert ask("learning", "other", "healthy") == (None, None, Effect(escalate=Escalate(to="board")))
    assert ask("learning", "other", None) == (None, None, Effect(escalate=Escalate(to="board")))


def test_a_forbidden_default_and_a_forbidden_effect_escalate():
    """S14.2: guardrails apply to the default, and to effects."""
    stop = Guardrail(id="G", when={}, forbid=["x"])
    default = decided(default=X, guardrails=[stop])
    assert (default.winner, default.rule, default.forbidden) == (None, "G", ("x",))
    assert default.effect == Effect(escalate=Escalate(to=NOBODY))
    frozen = Outcome(winner="x", effect=Effect(freeze="initiative"))
    effect = decided(default=frozen, guardrails=[Guardrail(id="G", when={}, forbid=["freeze", "tolerate"])])
    assert (effect.winner, effect.forbidden) == (None, ("freeze",))
    both = [stop, Guardrail(id="A", when={}, forbid=["x"], escalate=Escalate(to="board"))]
    assert decided(default=X, guardrails=both).effect == Effect(escalate=Escalate(to="board"))


def test_guardrails_are_named_in_the_order_of_their_ids():
    """S14.2: order does not matter; ties break by id (S0.5)."""
    stops = [Guardrail(id=name, when={}, forbid=["x"], escalate=Escalate(to=name)) for name in ("G2", "G1")]
    ruling = decided(default=X, guardrails=stops)
    assert (ruling.rule, ruling.guardrails) == ("G1", ("G1", "G2"))
    assert ruling.effect == Effect(escalate=Escalate(to="G1"))


def test_a_guardrail_that_does_not_ask_for_the_missing_input_says_who_decides():
    asks, plain = [
        Guardrail(id=name, when=when, forbid=["x"], escalate=Escalate(to=name))
        for name, when in (("asks", {"a": "> 1"}), ("plain", {"a": "-"}))
    ]
    ruling = decided(("-", "x"), ("> 1", "x"), inputs={"a": None}, guardrails=[asks, plain])
    assert ruling.effect == Effect(escalate=Escalate(to="plain"))
    assert (ruling.matched, ruling.guardrails) == (("R0",), ("plain",))
    assert dict(ruling.overruled) == {"R0": "a is missing"}


def test_two_rules_that_clash_raise_and_are_named():
    with pytest.raises(TableError, match="rules R0 and R1 both match where a: 5; narrow one"):
        decided((">= 5", "x"), ("<= 5", "x"))


def test_the_losing_rule_says_why():
    ruling = decided(("-", "x"), ("> 1", "y"), ("> 2", "y"), overrides=[("R1", "R0"), ("R2", "R1")])
    assert ruling.rule == "R2"
    assert dict(ruling.overruled) == {"R0": "rule R2 beats it", "R1": "rule R2 beats it"}
    assert dict(decided(("-", "x"), ("> 1", "x"), policy="A").overruled) == {"R1": "agrees with rule R0"}


ROWS = (("> 1", "10"), ("> 2", "30"), ("> 3", "20"), ("> 7", "40"))


@pytest.mark.parametrize(
    ("policy", "winner", "winners"),
    [
        ("F", "10", ("10",)),
        ("first", "10", ("10",)),
        ("P", "30", ("30",)),
        ("R", "10", ("10", "30", "20")),
        ("RULE ORDER", "10", ("10", "30", "20")),
        ("O", "30", ("30", "20", "10")),
        ("C", "10", ("10", "30", "20")),
        ("C+", "60", ("60",)),
        ("C<", "10", ("10",)),
        ("C>", "30", ("30",)),
        ("C#", "3", ("3",)),
        ("COLLECT COUNT", "3", ("3",)),
    ],
)
def test_hit_policies_of_other_systems(policy, winner, winners):
    """S14.5: U, A, P, F, R, O, C, C+, C<, C>, C#."""
    ranking = ("40", "30", "20", "10") if policy in "PO" else ()
    ruling = decided(*ROWS, policy=policy, ranking=ranking)
    assert (ruling.winner, ruling.winners) == (winner, winners)


def test_the_first_of_a_ranking_goes_before_the_third():
    """S14.5: every winner of a ranking beats all that are named after it."""
    rules = [
        PriorityRule(id=name, when={"n": cell}, then=Outcome(winner=name))
        for name, cell in (("low", "-"), ("middle", "> 5"), ("high", "-"))
    ]
    table = PriorityTable(
        columns=[Column(name="n")],
        rules=rules,
        default=None,
        hit_policy="PRIORITY",
        ranking=["high", "middle", "low"],
    )
    assert [decide_table(table, {"n": n}).winner for n in (1, 9)] == ["high", "high"]


def test_without_a_ranking_winners_rank_as_the_rules_name_them():
    rows = ("> 7", "low"), ("-", "high"), ("> 1", "low")
    assert decided(*rows, policy="P").winner == "low"
    assert decided(*rows, policy="O").winners == ("low", "high")


def test_sums_are_exact():
    assert decided(("-", "0.1"), ("-", "0.2"), policy="C+").winner == "0.3"


@pytest.mark.parametrize(
    ("policy", "given", "fault"),
    [
        ("UNIQE", {}, "hit policy 'UNIQE' is unknown; write one of U, A"),
        ("P", {"ranking": ["y"]}, "'x' has no rank; name it in ranking"),
        ("C+", {}, "takes numbers, not 'x'"),
        ("F", {"overrides": [("R0", "R1")]}, "overrides do not go with hit policy 'F'"),
    ],
)
def test_a_policy_that_cannot_be_followed_is_refused(policy, given, fault):
    with pytest.raises(TableError, match=fault):
        decided(("> 7", "x"), ("< 7", "x"), policy=policy, **given)


def test_no_rule_and_no_default():
    ruling = decided(("> 7", "x"))
    assert (ruling.winner, ruling.rule, ruling.effect, ruling.escalates) == (None, None, None, False)


def test_rulings_are_values():
    ruling = decided(("-", "x"))
    assert pickle.loads(pickle.dumps(ruling)) == ruling
    assert copy.deepcopy(ruling) == ruling
    assert hash(ruling) == hash(decided(("-", "x")))


def test_the_hash_is_of_the_logic_not_the_spelling():
    """Equal logic, equal hash; any other logic, another hash."""

    def spelled(cell="< 5", labels=("a", "b"), label="a, b", then=X, default=Y, **given):
        columns = [Column(name="n", low=0, high=10), Column(name="s", values=list(labels))]
        row = PriorityRule(id="R", when={"n": cell, "s": label}, then=then)
        return table_hash(PriorityTable(columns=columns, rules=[row], default=default, **given))

    base = spelled()
    same = [
        spelled(cell="[0..5)"),
        spelled(cell="not(>= 5.0)"),
        spelled(label="-"),
        spelled(label='"b", a'),
        spelled(labels=("b", "a")),
        spelled(then=Outcome(winner="x", why="because")),
        spelled(hit_policy="u"),
    ]
    other = [
        spelled(cell="<= 5"),
        spelled(label="a"),
        spelled(labels=("a", "b", "c")),
        spelled(then=Y),
        spelled(then=Outcome(winner="x", effect=Effect(freeze="initiative"))),
        spelled(then=Outcome(winner="x", effect=Effect(tolerate=Tolerate(until=dt.date(2026, 12, 31))))),
        spelled(default=X),
        spelled(default=None),
        spelled(hit_policy="ANY"),
        spelled(guardrails=[Guardrail(id="G", when={}, forbid=["x"])]),
    ]
    assert set(same) == {base}
    assert len({base, *other}) == len(other) + 1
    assert base == "255737e23ed192ed88e9f440ce607713fb23c312d3a3edb165c1e0a0c07b7007"


def test_a_table_that_names_a_column_twice_is_refused_when_it_is_made():
    with pytest.raises(DefinitionError, match="named twice"):
        PriorityTable(columns=[Column(name="a"), Column(name="a")], rules=[], default=None)
