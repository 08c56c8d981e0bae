"""Why a number moved: exact shares, which add up, and the words beside them (S22.5, S22.6)."""

from __future__ import annotations

import datetime as dt
import itertools
import json
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

import okrcore as okr
from okrcore import Formula, History, Kpi, Observation, Portfolio
from okrcore.statistics.shapley import grouped_shares, shapley_shares
from okrcore.surfaces.cli.main import main
from okrcore.testing import histories, portfolios


def moved(
    expr: str, before: dict[str, float], after: dict[str, float], unit: str = "", each: str = "EUR"
) -> Any:
    """Explain a formula KPI whose inputs have these values in January and in February."""
    kpis = [Kpi(id=name, title=name, unit=each, cadence="monthly") for name in before]
    formula = Formula(expr, {name: name for name in before if name in expr})
    portfolio = Portfolio.of(*kpis, Kpi(id="f", title="F", unit=unit, formula=formula))
    history = History.of(
        Observation(name, day, value)
        for day, values in (("2026-01-31", before), ("2026-02-28", after))
        for name, value in values.items()
    )
    first, last = (okr.evaluate(portfolio, history, as_of=day) for day in ("2026-02-01", "2026-03-01"))
    return okr.explain_change(first, last, "f"), first["f"].value, last["f"].value


def by_orders(worth: Any, names: list[str]) -> dict[str, float]:
    """Return the mean effect of each cause over every order, one by one."""
    shares = dict.fromkeys(names, 0.0)
    orders = list(itertools.permutations(names))
    for order in orders:
        for at, name in enumerate(order):
            shares[name] += (worth({*order[: at + 1]}) - worth({*order[:at]})) / len(orders)
    return shares


numbers = st.floats(1, 100).map(lambda value: round(value, 2))


@given(st.lists(st.tuples(numbers, numbers), min_size=4, max_size=4))
@settings(max_examples=60, deadline=None)
def test_shares_add_up_and_equal_brute_force(pairs: list[tuple[float, float]]) -> None:
    names = ["a", "b", "c", "d"]
    before, after = ({name: pair[side] for name, pair in zip(names, pairs, strict=True)} for side in (0, 1))
    why, old, new = moved("(a - b) / (c + max(d, b))", before, after)

    def worth(acting: set[str]) -> float:
        a, b, c, d = (after[name] if name in acting else before[name] for name in names)
        return (a - b) / (c + max(d, b))

    assert sum(why.shares.values()) == pytest.approx(new - old, rel=1e-12, abs=1e-12)
    expected = by_orders(worth, names)
    for name in names:
        assert why.shares[name] == pytest.approx(expected[name], rel=1e-9, abs=1e-12)
        if before[name] == after[name]:
            assert why.shares[name] == 0


def test_like_causes_have_like_shares_and_what_stays_has_none() -> None:
    why, _, _ = moved("a * b + c", {"a": 2, "b": 2, "c": 7}, {"a": 5, "b": 5, "c": 7}, each="1")
    assert dict(why.shares) == {"a": 10.5, "b": 10.5, "c": 0}


def test_a_share_is_in_the_unit_of_the_kpi() -> None:
    why, old, new = moved("(a - b) / a", {"a": 200, "b": 150}, {"a": 100, "b": 50}, unit="%")
    assert (old, new) == (25, 50)
    assert dict(why.shares) == {"a": -50, "b": 75}
    assert why.numbers["change"] == 25


def test_beyond_ten_inputs_the_smallest_are_others() -> None:
    names = [f"x{at}" for at in range(13)]
    before = dict.fromkeys(names, 1.0)
    after = {name: 1.0 + at for at, name in enumerate(names)}
    why, old, new = moved(f"sum({', '.join(names)})", before, after)
    assert why.shares["x12"] == pytest.approx(12)
    assert why.shares["others"] == pytest.approx(1 + 2)
    assert sum(why.shares.values()) == pytest.approx(new - old, rel=1e-12)


def test_what_is_unknown_has_no_shares() -> None:
    why, _, new = moved("a / b", {"a": 1, "b": 1}, {"a": 1, "b": 0})
    assert (new, dict(why.shares)) == (None, {})
    assert "is unknown" in why.sentence


@given(st.integers(1, 6), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_shapley_is_the_mean_over_all_orders(causes: int, random: Any) -> None:
    table = np.array([random.uniform(-1, 1) for _ in range(2**causes)])

    def worth(acts: Any) -> Any:
        return table[acts @ (1 << np.arange(causes))]

    names = [str(at) for at in range(causes)]
    expected = by_orders(lambda acting: table[sum(1 << int(name) for name in acting)], names)
    assert shapley_shares(worth, causes).tolist() == pytest.approx(list(expected.values()), abs=1e-12)
    assert grouped_shares(worth, causes)[0].sum() == pytest.approx(table[-1] - table[0], abs=1e-12)


@given(portfolios().flatmap(lambda one: st.tuples(st.just(one), histories(one))), st.integers(0, 300))
@settings(max_examples=40, deadline=None)
def test_the_shares_of_key_results_add_up_to_the_change_of_the_score(
    given_: tuple[Portfolio, History], days: int
) -> None:
    portfolio, history = given_
    dates = [dt.date(2026, 2, 1), dt.date(2026, 2, 1) + dt.timedelta(days=days)]
    before, after = (okr.evaluate(portfolio, history, as_of=day) for day in dates)
    for goal in portfolio.objectives:
        why = okr.explain_change(before, after, goal.id)
        old, new = (one.objective_values.raw[one.compiled.goal_rows[goal.id]] for one in (before, after))
        if np.isnan(old) or np.isnan(new):
            assert not why.shares
        else:
            scale = max(1.0, abs(old), abs(new))
            assert sum(why.shares.values()) == pytest.approx(new - old, abs=1e-12 * scale)


class TestAnObjective:
    def document(self, **more: str) -> Portfolio:
        one = "\n      - {{id: {0}, title: K, measure: {{target: {{start: 0, goal: 10}}}}{1}}}"
        results = "".join(one.format(name, more.get(name, "")) for name in ("a", "b"))
        return okr.loads(
            'okrcore: 1\ncycles: [{id: "2026", start: 2026-01-01, end: 2026-12-31}]\n'
            f'objectives:\n  - id: o\n    title: O\n    cycle: "2026"\n    key_results:{results}\n'
        )

    HISTORY = History.of(
        [
            Observation("a", "2026-02-01", 8),
            Observation("b", "2026-04-01", 2),
            Observation("a", "2026-04-01", 9),
        ]
    )

    def test_what_became_known_bears_what_it_did(self) -> None:
        first, last = (
            okr.evaluate(self.document(), self.HISTORY, as_of=day) for day in ("2026-03-01", "2026-04-02")
        )
        why = okr.explain_change(first, last, "o")
        # .8 with a alone, then (.9 + .2) / 2; a acts alone by .1 before b is there and by .05 after
        assert dict(why.shares) == pytest.approx({"a": 0.075, "b": -0.325})
        said = {step.subject: step.sentence for step in why.children}
        assert said["b"].startswith("It ")
        assert said["a"].startswith("Its value moved")

    @pytest.mark.parametrize("outcome", ["cancelled", "postponed", "partly"])
    @pytest.mark.parametrize("subject", ["b", "o"])
    def test_what_was_closed_is_told_with_how(self, outcome: Any, subject: str) -> None:
        closing = okr.Entry("closing", subject, "x", "2026-04-03", outcome=outcome)
        first, closed, again = (
            okr.evaluate(self.document(), self.HISTORY, as_of="2026-04-04", journal=okr.Journal.of(entries))
            for entries in (
                [],
                [closing],
                [closing, okr.Entry("closing", subject, "y", "2026-04-04", outcome="reopened")],
            )
        )
        words = f"{'It' if subject == 'b' else 'Its objective o'} was closed on 2026-04-03 by x as {outcome}"
        assert okr.explain_change(first, closed, "b").sentence.startswith(words)
        assert okr.explain_change(closed, again, "b").sentence.startswith("It was reopened.")
        assert "closed" not in str(okr.explain_change(closed, closed, "b"))
        whole = okr.explain_change(first, closed, "o")
        said = {step.subject: step.sentence for step in whole.children}
        if subject == "o":
            assert whole.sentence.startswith(f"It was closed on 2026-04-03 by x as {outcome}.")
        elif outcome != "partly":
            assert said["b"].startswith(words)
            assert whole.shares["b"] == pytest.approx(-0.1)

    def test_what_was_amended_is_told(self) -> None:
        first = okr.evaluate(self.document(), self.HISTORY, as_of="2026-04-02")
        last = okr.evaluate(self.document(b=", weight: 3"), self.HISTORY, as_of="2026-04-02")
        why = okr.explain_change(first, last, "o")
        assert sum(why.shares.values()) == pytest.approx(0.375 - 0.55)
        assert "It was amended" in {step.subject: step.sentence for step in why.children}["b"]


class TestWhatIsObserved:
    """S22.5: of what is observed, what leads it and moved, when, with evidence: about time, never cause."""

    def test_what_leads_it_is_told_with_its_days_and_evidence(self) -> None:
        rng = np.random.default_rng(2)
        lanes = rng.normal(5, 1, 156)
        calls = 100 + rng.normal(0, 1, 156)
        calls[2:] += 2 * (lanes[:-2] - 5)
        days = [dt.date(2023, 1, 8) + dt.timedelta(weeks=n) for n in range(156)]
        history = History.of(
            Observation(name, day, float(value))
            for name, values in (("lanes", lanes), ("calls", calls))
            for day, value in zip(days, values, strict=True)
        )
        kpis = [Kpi(id=name, title=name, cadence="weekly", better="higher") for name in ("lanes", "calls")]
        link = okr.Link(source="lanes", target="calls", sign=+1, lag="2w")
        portfolio = Portfolio.of(*kpis, link)
        before, after = (okr.evaluate(portfolio, history, as_of=day) for day in days[-5::4])
        [evidence] = okr.assess_links(portfolio, history, as_of=days[-1])
        [plain] = okr.explain_change(before, after, "calls").children
        assert plain.subject == "lanes"
        assert dict(plain.dates) == {"since": days[-5], "until": days[-1]}
        assert f"on {days[-5]} to" in plain.sentence
        assert "proves no cause" in plain.sentence
        [told] = okr.explain_change(before, after, "calls", evidence=[evidence]).children
        assert told.sentence.startswith(plain.sentence)
        assert evidence.sentence in told.sentence
        other = okr.explain_change(before, after, "lanes", evidence=[evidence])
        assert other.children == ()
        with pytest.raises(okr.OkrError, match="evidence"):
            okr.explain_change(before, after, "calls", evidence=[evidence, "x"])  # type: ignore[list-item]


class TestDifferences:
    def test_nothing_differs_from_itself(self) -> None:
        portfolio = TestAnObjective().document()
        one = okr.evaluate(portfolio, TestAnObjective.HISTORY, as_of="2026-04-02")
        assert len(okr.compare_snapshots(one, one)) == 0

    def test_better_worse_new_and_gone(self) -> None:
        portfolio = TestAnObjective().document()
        first = okr.evaluate(portfolio, TestAnObjective.HISTORY, as_of="2026-03-01")
        last = okr.evaluate(
            portfolio.without("a").with_(Kpi(id="n", title="N")), TestAnObjective.HISTORY, as_of="2026-04-02"
        )
        found = {(row["id"], row["what"]): row for row in okr.compare_snapshots(first, last)}
        assert found["a", "key result"]["change"] == "gone"
        assert found["n", "KPI"]["change"] == "new"
        assert found["o", "score"]["change"] == "worse"
        assert (found["o", "score"]["before_value"], found["o", "score"]["after_value"]) == (0.8, 0.2)
        back = {(row["id"], row["what"]): row["change"] for row in okr.compare_snapshots(last, first)}
        assert (back["o", "score"], back["a", "key result"]) == ("better", "new")

    def test_outlooks_that_are_given_are_compared(self) -> None:
        """S22.6: the chance that a goal is met, of both moments; where one side has none, neither way."""
        history = History.of(
            [Observation("a", dt.date(2026, 1, 4) + dt.timedelta(weeks=n), 1 + n / 4) for n in range(24)]
        )
        portfolio = TestAnObjective().document()
        before, after = (okr.evaluate(portfolio, history, as_of=day) for day in ("2026-03-01", "2026-06-14"))
        ahead = okr.outlook(before), okr.outlook(after)
        found = {row["id"]: row for row in okr.compare_snapshots(before, after, outlooks=ahead)
                 if row["what"] == "outlook"}  # fmt: skip
        chances = [one["a"].forecast.p_final for one in ahead if one["a"].forecast is not None]
        assert [found["a"]["before_value"], found["a"]["after_value"]] == chances
        assert found["a"]["change"] == ("better" if chances[1] > chances[0] else "worse")
        plain = okr.compare_snapshots(before, after)
        assert [row for row in plain if row["what"] == "outlook"] == []
        alone = okr.compare_snapshots(before, after, outlooks=(ahead[0], type(ahead[1])({})))
        assert {row["id"]: row["change"] for row in alone if row["what"] == "outlook"}["a"] == "other"


def test_score_since_shows_what_changed_and_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document, history = tmp_path / "a.okr.yaml", tmp_path / "h.csv"
    okr.dump(TestAnObjective().document(), document)
    history.write_text("measure,at,value\na,2026-02-01,8\na,2026-04-01,9\nb,2026-04-01,2\n", "utf-8")
    asked = [
        "score",
        str(document),
        "--history",
        str(history),
        "--as-of",
        "2026-04-02",
        "--since",
        "2026-03-01",
    ]
    assert main(asked) == 0
    text = capsys.readouterr().out
    assert "Since 2026-03-01" in text
    assert "o: score 0.8 -> 0.55, worse" in text
    assert "by b -0.325" in text
    assert main([*asked, "--format", "json"]) == 0
    since = json.loads(capsys.readouterr().out)["since"]
    assert since["as_of"] == "2026-03-01"
    assert since["why"]["o"]["shares"] == pytest.approx({"a": 0.075, "b": -0.325})
    assert {"id", "what", "before", "after", "change"} <= set(since["differences"][0])
