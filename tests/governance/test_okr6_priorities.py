"""OKR6, priorities: rules agree with proof and rulings on drawn tables; dates and counts from both sides."""

import datetime as dt
from itertools import product

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import okrcore as okr
from okrcore.conflicts.resolution import proved
from okrcore.definitions.priority_inputs import PRIORITY_INPUTS
from okrcore.definitions.tolerances import Tolerance
from okrcore.frozen import FrozenDict
from okrcore.governance.rules import RULES
from okrcore.priorities.fingerprint import table_hash
from okrcore.testing import check_rule_agrees
from tests.support.real_catalogues import ABSENT, DATA, real
from tests.support.table_models import models

DAY = dt.date(2026, 6, 30)
SEEN = okr.History.of(
    [okr.Observation("speed", "2026-06-28", 104.0), okr.Observation("uptime", "2026-06-28", 97.0)]
)
COO = okr.Effect(escalate=okr.priorities.Escalate(to="coo"))
ASKED = okr.Outcome(winner="kpi", effect=COO)
COMMITMENT = okr.priorities.Column(
    name="objective.commitment", values=["committed", "aspirational", "learning"]
)
CATEGORY = okr.priorities.Column(name="kpi.category", values=["safety", "compliance", "other"])
OWNED = okr.priorities.Column(name="kpi.owner", values=["coo", "cfo"])


def rule(name="R1", winner="objective", effect=None, **when):
    cells = {column.replace("__", "."): cell for column, cell in when.items()}
    return okr.PriorityRule(id=name, when=cells, then=okr.Outcome(winner=winner, effect=effect))


def table(*rules, columns=(COMMITMENT, CATEGORY), default=ASKED, **more):
    return okr.PriorityTable(columns=columns, rules=rules, default=default, **more)


RULED = table(rule(objective__commitment="committed"))
FIRM = okr.Portfolio.of(
    okr.Cycle.year(2026),
    okr.Owner(id="coo", kind="role"),
    okr.Owner(id="jo", kind="person"),
    okr.Objective(id="sorting", title="Sort", cycle="2026"),
    okr.KeyResult(id="speed", objective="sorting", title="Speed", measure=okr.Target(100, 120)),
    okr.Kpi(id="uptime", title="Uptime", target=okr.Band(low=98), limit=okr.Band(low=95), incentivised=True),
    okr.Initiative(id="work", title="Work", start=dt.date(2026, 1, 5)),
    okr.Link(source="work", target="speed", sign=1),
    okr.Link(source="work", target="uptime", sign=-1),
)


def found(code, portfolio, history=SEEN, day=DAY, **more):
    return okr.check(portfolio, history, as_of=day, select=[code], **more)


def conflict(*sides, kind="opposed"):
    return okr.Conflict(
        kind=kind,
        sides=sides,
        degree=0.4,
        since=dt.date(2026, 1, 1),
        witness=FrozenDict(),
        path=(),
        sentence="",
    )


def _asking(row, known):
    return attrs.evolve(row, when={known[name]: cell for name, cell in row.when.items()})


class TestTable:
    @settings(max_examples=100)
    @given(models(total=False), st.booleans())
    def test_it_is_verified_where_resolve_takes_it(self, model, named):
        """S14.4: OKR602 is silent exactly where no conflict is refused; each error once, with a witness."""
        known = dict(zip((one.name for one in model.table.columns), PRIORITY_INPUTS, strict=False))
        drawn = attrs.evolve(
            model.table,
            columns=[attrs.evolve(one, name=known[one.name]) for one in model.table.columns],
            rules=[_asking(one, known) for one in model.table.rules],
            guardrails=[_asking(one, known) for one in model.table.guardrails],
        )
        if named:
            sides = {"x": "objective", "y": "kpi"}
            drawn = okr.PriorityTable(
                columns=drawn.columns,
                rules=[
                    attrs.evolve(one, then=okr.Outcome(winner=sides[one.then.winner])) for one in drawn.rules
                ],
                guardrails=[
                    attrs.evolve(one, forbid=[sides[word] for word in one.forbid]) for one in drawn.guardrails
                ],
                default=drawn.default and okr.Outcome(winner="kpi"),
                overrides=drawn.overrides,
                hit_policy=drawn.hit_policy,
                ranking=[sides[word] for word in drawn.ranking],
            )
        portfolio = FIRM.with_(drawn)
        told = found("OKR602", portfolio, None)
        report = okr.verify_table(drawn)
        proofs = [one for one in told if dict(one.evidence)["kind"] != "outcome"]
        assert [one.message for one in proofs] == [one.message for one in report.errors]
        assert [dict(one.evidence)["witness"] for one in proofs] == [one.witness for one in report.errors]
        try:
            proved(drawn)
        except okr.errors.TableError:
            assert told
        else:
            assert not told
        idle = [one for one in report.findings if not one.error and one.kind in ("masked", "redundant")]
        assert sorted(one.message for one in found("OKR606", portfolio, None)) == sorted(
            one.message for one in idle
        )

    def test_a_table_that_cannot_be_read(self):
        (told,) = found("OKR602", FIRM.with_(table(rule(objective__commitment="sworn"))))
        assert "sworn" in told.message
        assert told.subject == "priorities"

    def test_no_table_is_no_finding_of_a_table(self):
        assert found("OKR602", FIRM) == found("OKR606", FIRM) == found("OKR610", FIRM) == ()

    def test_stakes_without_a_table(self):
        """S16: one finding on the portfolio, with the counts."""
        calm = FIRM.with_(attrs.evolve(FIRM["uptime"], incentivised=False))
        assert found("OKR605", calm) == found("OKR605", FIRM.with_(RULED)) == ()
        guarded = FIRM.with_(attrs.evolve(FIRM["speed"], guardrail=True))
        (told,) = found("OKR605", guarded)
        assert (told.subject, dict(told.evidence)) == ("portfolio", {"incentivised": 1, "guardrails": 1})

    def test_who_is_asked(self):
        jo, coo = okr.priorities.Escalate(to="jo"), okr.priorities.Escalate(to="coo")
        guard = okr.priorities.Guardrail(
            id="G1", when={"kpi.category": "safety"}, forbid=["objective"], escalate=jo
        )
        asked = rule("R1", effect=okr.Effect(escalate=jo), objective__commitment="committed")
        silent = okr.Outcome(winner="kpi")

        def messages(one, *more):
            return [told.message for told in found("OKR610", FIRM.with_(one, *more))]

        assert messages(RULED) == []
        assert messages(table(asked, guardrails=[guard])) == [
            "R1 escalates to jo, a person",
            "G1 escalates to jo, a person",
        ]
        assert messages(table(guardrails=[attrs.evolve(guard, escalate=coo)])) == []
        assert messages(table(default=okr.Outcome(winner="kpi", effect=okr.Effect(escalate=jo)))) == [
            "the default escalates to jo, a person"
        ]
        nobody = "the default escalates to nobody, so a missing input asks nobody"
        assert messages(table(default=silent)) == [nobody]
        assert messages(table(default=silent), okr.Owner(id="priority-table-owner", kind="role")) == []


cells = {
    "objective.commitment": st.sampled_from(["-", "committed", "not(committed)", "learning"]),
    "kpi.category": st.sampled_from(["-", "safety", "safety, compliance", "other", "not(other)"]),
    "kpi.owner": st.sampled_from(["-", "-", "coo", "cfo"]),
    "days_left": st.sampled_from(["-", "<= 1", "> 1", "2", "[1..2]"]),
}
whens = st.fixed_dictionaries(cells)
winners = st.sampled_from(["objective", "objective", "kpi"])
effects = st.sampled_from([None, COO, okr.Effect(freeze="initiative")])
DAYS = okr.priorities.Column(name="days_left", kind="integer", low=0, high=3)


@st.composite
def priority_tables(draw):
    """Draw a table of few rules in order of strength, so that it is proved more often than not."""
    rules = [
        okr.PriorityRule(
            id=f"R{n}", when=draw(whens), then=okr.Outcome(winner=draw(winners), effect=draw(effects))
        )
        for n in range(draw(st.integers(0, 3)))
    ]
    guardrails = [
        okr.priorities.Guardrail(
            id=f"G{n}", when=draw(whens), forbid=draw(st.sampled_from([["objective"], ["kpi"], ["freeze"]]))
        )
        for n in range(draw(st.integers(0, 2)))
    ]
    return okr.PriorityTable(
        columns=[COMMITMENT, CATEGORY, OWNED, DAYS],
        rules=rules,
        guardrails=guardrails,
        overrides=[(one.id, other.id) for n, one in enumerate(rules) for other in rules[n + 1 :]],
        default=okr.Outcome(winner=draw(winners), effect=draw(effects)),
    )


class TestPeopleFirst:
    @settings(max_examples=150)
    @given(priority_tables(), st.sampled_from([None, "coo", "jo"]), st.sampled_from(["safety", "compliance"]))
    def test_exactly_the_cases_in_which_an_objective_wins(self, drawn, owner, category):
        """S14.2: found by asking the table for every case; what asks somebody is no loss."""
        injuries = okr.Kpi(id="injuries", title="Injuries", category=category, owner=owner)
        lost = []
        for commitment, left in product(COMMITMENT.values, range(4)):
            case = {"objective.commitment": commitment, "days_left": left}
            case |= {"kpi.category": category, "kpi.owner": owner}
            ruling = okr.priorities.decide_table(drawn, case)
            if ruling.winner == "objective" and not ruling.escalates:
                lost.append((case, ruling.rule))
        told = found("OKR608", FIRM.with_(drawn, injuries), None)
        if not okr.verify_table(drawn).ok:
            assert told == ()
            return
        assert len(told) == bool(lost)
        for one in told:
            said = dict(one.evidence)
            assert (dict(said["witness"]), said["rule"]) in lost
            assert (said["category"], said["kpis"]) == (category, ("injuries",))

    def test_what_the_column_does_not_know_is_never_ruled_on(self):
        """S14.1: a value outside its column's domain is missing, so somebody is asked."""
        narrow = table(
            rule(), columns=[okr.priorities.Column(name="kpi.category", values=["operational", "other"])]
        )
        injuries = okr.Kpi(id="injuries", title="Injuries", category="safety")
        assert found("OKR608", FIRM.with_(narrow, injuries)) == ()
        assert len(found("OKR608", FIRM.with_(table(rule(), columns=[COMMITMENT]), injuries))) == 1

    def test_a_stronger_rule_or_a_forbidden_effect_protects(self):
        """S14.2: what overrides wins, and a guardrail may forbid what an outcome does."""
        injuries = okr.Kpi(id="injuries", title="Injuries", category="safety")
        people, rest = rule("R1", "kpi", kpi__category="safety"), rule("R2")
        assert found("OKR608", FIRM.with_(table(people, rest, overrides=[("R1", "R2")]), injuries)) == ()
        assert len(found("OKR608", FIRM.with_(table(rest), injuries))) == 1
        frozen = rule("R2", effect=okr.Effect(freeze="initiative"))
        guard = okr.priorities.Guardrail(id="G1", when={"kpi.category": "safety"}, forbid=["freeze"])
        assert found("OKR608", FIRM.with_(table(frozen, guardrails=[guard]), injuries)) == ()
        assert len(found("OKR608", FIRM.with_(table(frozen), injuries))) == 1

    def test_one_finding_for_each_category(self):
        kpis = [okr.Kpi(id=f"k{n}", title="K", category="safety") for n in range(3)]
        audits = okr.Kpi(id="audits", title="Audits", category="compliance")
        told = found("OKR608", FIRM.with_(RULED, audits, *kpis))
        assert {one.message for one in told} == {
            "rule R1 lets an objective win over k0 and 2 more of safety",
            "rule R1 lets an objective win over audits of compliance",
        }
        policy = okr.STRICT.with_parameters({"OKR608": {"categories": ["compliance"]}})
        assert len(found("OKR608", FIRM.with_(RULED, audits, *kpis), policy=policy)) == 1


class TestConflicts:
    def messages(self, portfolio, history=SEEN, **more):
        told = found("OKR601", portfolio, history, **more)
        assert all(one.subject.endswith(":speed|uptime") for one in told)
        return [one.message.rpartition(": ")[2] for one in told]

    def test_by_a_rule_or_by_which_reason_not(self):
        asks = table(rule(kpi__owner="coo"), columns=[OWNED])
        twice = table(rule(), rule("R2"))
        guard = okr.priorities.Guardrail(id="G1", when={}, forbid=["kpi"])
        assert self.messages(FIRM.with_(RULED)) == []
        assert self.messages(FIRM.with_(table(rule(objective__commitment="learning")))) == [
            "only the default does"
        ]
        assert self.messages(FIRM.with_(asks)) == ["kpi.owner is missing"]
        assert self.messages(FIRM.with_(twice)) == ["the priority table is not verified"]
        assert self.messages(FIRM) == ["there is no priority table"]
        assert self.messages(FIRM.with_(table(guardrails=[guard]))) == []

    def test_without_a_history_a_ruling_is_unknown(self):
        """S0.2."""
        assert self.messages(FIRM.with_(table()), None) == []
        assert self.messages(FIRM, None) == ["there is no priority table"]

    def test_two_conflicts_of_one_pair_are_one_finding(self):
        """S15: the first kind counts."""
        both = [conflict("uptime", "speed", kind="measured"), conflict("speed", "uptime")]
        (told,) = found("OKR601", FIRM, conflicts=both)
        assert told.subject == "opposed:speed|uptime"

    def test_what_no_table_can_decide_is_left_out(self):
        """Of an initiative and of two KPIs no table knows the roles; of three sides neither."""
        portfolio = FIRM.with_(okr.Kpi(id="cost", title="Cost", target=okr.Band(high=9)))
        cases = [("speed", "work"), ("cost", "uptime"), ("cost", "speed", "uptime")]
        assert found("OKR601", portfolio, conflicts=[conflict(*sides) for sides in cases]) == ()


def tolerance(start="2026-01-12", end="2026-12-31", **change):
    given = {"sides": ["speed", "uptime"], "winner": "speed", "rule": "R1", **change}
    return Tolerance(start=dt.date.fromisoformat(start), end=dt.date.fromisoformat(end), **given)


KEPT = okr.Effect(tolerate=okr.priorities.Tolerate(within="limit", incentive="kept"))


class TestDecisions:
    @pytest.mark.parametrize(("day", "due"), [("2026-03-31", False), ("2026-04-01", True)])
    def test_it_runs_out_after_its_last_day(self, day, due):
        """S15: from start to end, both included."""
        portfolio = FIRM.with_(tolerance(end="2026-03-31"))
        assert len(found("OKR603", portfolio, day=dt.date.fromisoformat(day))) == due

    def test_what_took_its_place_or_is_no_conflict_any_more(self):
        old = tolerance(end="2026-03-31")
        portfolio = FIRM.with_(old, tolerance("2026-04-01", effect=KEPT))
        assert found("OKR603", portfolio) == ()
        assert found("OKR603", FIRM.with_(old), conflicts=()) == ()

    def test_of_several_the_last_is_told(self):
        first, last = tolerance(end="2026-03-31"), tolerance("2026-04-01", "2026-05-31", effect=KEPT)
        assert [one.subject for one in found("OKR603", FIRM.with_(last, first))] == [last.id]

    @pytest.mark.parametrize(("renewed", "due"), [(2, False), (3, True)])
    def test_renewed_again_and_again(self, renewed, due):
        portfolio = FIRM.with_(tolerance(renewed=renewed, days_before=100))
        told = found("OKR604", portfolio)
        assert len(told) == due
        assert [dict(one.evidence)["days"] for one in told] == [100 + 170] * due
        assert found("OKR604", portfolio, day=dt.date(2027, 1, 1)) == ()
        policy = okr.STRICT.with_parameters({"OKR604": {"least": 2}})
        assert len(found("OKR604", portfolio, policy=policy)) == 1

    def test_a_decision_is_up_again_with_another_table(self):
        """S15: not when a number moves, and not by how the table is spelled."""
        portfolio = FIRM.with_(RULED)
        snapshot = okr.evaluate(portfolio, SEEN, as_of=DAY)
        decided = okr.apply(
            okr.resolve(okr.find_conflicts(portfolio, SEEN, as_of=DAY), portfolio, snapshot=snapshot),
            portfolio,
        )
        assert decided.tolerances
        assert found("OKR607", decided) == ()
        spelled = table(rule(objective__commitment=" committed "))
        assert found("OKR607", decided.with_(spelled)) == ()
        turned = table(rule(objective__commitment="not(learning)"))
        (told,) = found("OKR607", decided.with_(turned))
        assert dict(told.evidence) == {"table_hash": table_hash(RULED), "now": table_hash(turned)}
        assert found("OKR607", decided.with_(turned), day=dt.date(2027, 1, 1)) == ()

    def test_a_table_that_is_gone_or_cannot_be_read(self):
        held = FIRM.with_(tolerance(table_hash=table_hash(RULED)))
        assert [one.message for one in found("OKR607", held)] == [
            "was decided by a priority table that is gone"
        ]
        assert found("OKR607", held.with_(table(rule(objective__commitment="sworn")))) == ()
        assert found("OKR607", FIRM.with_(tolerance(), RULED)) == ()

    @pytest.mark.parametrize(
        ("incentive", "due"), [("kept", True), ("suspended", False), ("re-based", False)]
    )
    def test_nobody_is_paid_to_break_it(self, incentive, due):
        effect = okr.Effect(tolerate=okr.priorities.Tolerate(incentive=incentive))
        portfolio = FIRM.with_(tolerance(effect=effect, subject="uptime"))
        assert len(found("OKR609", portfolio)) == due
        assert found("OKR609", portfolio, day=dt.date(2026, 1, 11)) == ()
        assert found("OKR609", portfolio.with_(attrs.evolve(FIRM["uptime"], incentivised=False))) == ()


@settings(max_examples=40)
@given(
    st.lists(
        st.builds(
            tolerance,
            st.sampled_from(["2026-01-12", "2026-06-30", "2026-07-01"]),
            st.sampled_from(["2026-07-01", "2026-12-31"]),
            effect=st.sampled_from([None, KEPT, COO]),
            subject=st.sampled_from([None, "uptime", "work"]),
            renewed=st.integers(0, 5),
            table_hash=st.sampled_from(["", "aa", table_hash(RULED)]),
            id=st.uuids().map(str),
        ),
        max_size=4,
    ),
    st.sampled_from([None, RULED, table()]),
    st.sampled_from([DAY, dt.date(2026, 7, 2), dt.date(2027, 1, 1)]),
)
def test_one_row_alone_and_all_rows_agree(tolerances, drawn, day):
    """S16: a rule says of a value what it says of it among all others."""
    portfolio = FIRM.with_(*tolerances, *([drawn] if drawn else []))
    context = okr.governance.Context(portfolio=portfolio, as_of=day, history=SEEN)
    for one in RULES:
        if one.code.startswith("OKR6"):
            check_rule_agrees(one, context)


@pytest.mark.parametrize("name", ["logistics", "software"])
def test_the_stories_decided_in_advance(name):
    """Both have a proved table that covers every conflict of theirs and puts people first."""
    one = real(name)
    assert found("OKR6", one.portfolio, one.history, one.as_of) == ()


@pytest.mark.skipif(not DATA.exists(), reason=ABSENT)
@pytest.mark.parametrize("name", ["nyc_mmr", "gitlab_kpis", "gitlab_okrs", "ipfs_okrs", "boston_cityscore"])
def test_catalogues_without_bonus_and_guardrail_are_left_alone(name):
    one = real(name)
    assert found("OKR6", one.portfolio, one.history, one.as_of) == ()


def test_a_proof_that_is_too_large_is_told(monkeypatch):
    """OKR608: silence would say that nothing can win over safety."""
    rule = okr.STRICT.rule("OKR608")
    context = okr.governance.Context(portfolio=rule.passes.portfolio, as_of=dt.date(2026, 6, 30))
    assert list(rule(context.portfolio.priorities, context)) == []
    monkeypatch.setattr("okrcore.governance.questions.exposure._CELLS", 0)
    context = okr.governance.Context(portfolio=rule.passes.portfolio, as_of=dt.date(2026, 6, 30))
    (finding,) = rule(context.portfolio.priorities, context)
    assert "has too many cases to prove that no objective wins over a KPI of safety" in finding.message
