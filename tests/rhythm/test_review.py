"""A review says once all that a week has to say, by nothing but what it is given (S18.5, S18.6)."""

from __future__ import annotations

import datetime as dt
import json
import math
import pickle
import warnings
from collections.abc import Iterator
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import okrcore as okr
from okrcore.conflicts import earlier
from okrcore.governance import context
from okrcore.governance.checking import check, run_rule
from okrcore.governance.presets import STRICT
from okrcore.rhythm import reviewing
from okrcore.rhythm.needed_decision import DECISION_KINDS
from okrcore.rhythm.review_changes import changes_between, stored_review
from okrcore.scoring.differences import Differences
from okrcore.surfaces.stories import story
from tests.rhythm.test_actions import AUDIT, CHANGE, FIRST, at, history, warehouse
from tests.schedule import test_clocks as slip
from tests.support.companies import checked_in, company, numbers, week_day

ALONE = {"differences", "since"}


THURSDAY = at(3)


def week(
    moment: Any = THURSDAY, entries: Any = (), facts: okr.History | None = None, **more: Any
) -> okr.Review:
    facts = history() if facts is None else facts
    return okr.review(warehouse(), facts, as_of=moment, journal=okr.Journal.of([FIRST, *entries]), **more)


def plain(review: okr.Review, without: Any = ()) -> dict[str, Any]:
    return {name: value for name, value in okr.to_dict(review).items() if name not in without}


def every_path(value: Any, before: tuple[Any, ...] = ()) -> Iterator[Any]:
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, one in steps:
        yield (*before, step)
        yield from every_path(one, (*before, step))


def asked(review: okr.Review) -> dict[str, bool]:
    return {one.id: one.overdue for one in review.decisions_needed}


class TestLaws:
    def test_same_inputs_same_review_and_it_pickles(self) -> None:
        one, other = week(), week()
        assert one == other
        assert hash(one) == hash(other)
        assert pickle.loads(pickle.dumps(one)) == one
        assert one != week(at(4))
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            one.actions = ()  # type: ignore[misc]

    def test_each_part_is_what_its_own_function_gives(self) -> None:
        portfolio, facts = story("software")
        day = "2026-08-02"
        journal = okr.Journal.of([okr.Entry("check-in", "complaints", "head-of-product", "2026-01-05")])
        made = okr.review(portfolio, facts, as_of=day, journal=journal)
        snapshot = okr.evaluate(portfolio, facts, as_of=day, journal=journal)
        assert made.snapshot.as_plain() == snapshot.as_plain()
        assert made.evidence == okr.assess_links(portfolio, facts, as_of=day, journal=journal)
        assert made.conflicts == okr.find_conflicts(portfolio, as_of=day, snapshot=snapshot)
        assert made.decisions == okr.resolve(made.conflicts, portfolio, snapshot=snapshot)
        assert made.dips == okr.dips(portfolio, facts, as_of=day, journal=journal)
        assert made.ripple == okr.ripple(portfolio, as_of=day, history=facts, journal=journal)
        assert made.actions == okr.actions(portfolio, facts, as_of=day, journal=journal)
        assert made.findings == check(portfolio, facts, as_of=day, journal=journal)
        assert made.actions is okr.actions(made)
        newest = {row["id"]: row for row in okr.signals_of(portfolio, facts, as_of=day).to_dicts()}
        assert {row["id"]: row for row in made.signals.to_dicts()} == newest

    def test_previous_changes_the_differences_alone(self) -> None:
        before, now = week(at(0, 10)), week(at(3))
        compared = week(at(3), previous=before)
        assert plain(compared, ALONE) == plain(now, ALONE)
        assert (len(now.differences), now.since) == (0, None)
        assert compared.since == before.as_of
        changed = {(row["kind"], row["id"]) for row in compared.differences.to_dicts()}
        assert changed == {("decision", one) for one in asked(now).keys() ^ asked(before).keys()}

    def test_a_stored_review_serves_as_previous(self) -> None:
        portfolio, facts = story("software")
        before = okr.review(portfolio, facts, as_of="2026-09-20")
        stored = json.loads(json.dumps(okr.to_dict(before)))
        one = okr.review(portfolio, facts, as_of="2026-10-04", previous=before)
        assert one == okr.review(portfolio, facts, as_of="2026-10-04", previous=stored)
        rows = one.differences.to_dicts()
        assert {row["kind"] for row in rows} >= {"decision", "milestone", "link", "key result", "KPI"}
        late = next(row for row in rows if row["id"] == "audit-log")
        assert (late["before"], late["after"], late["change"]) == ("2026-09-20", "2026-10-04", "worse")
        itself = okr.review(portfolio, facts, as_of="2026-09-20", previous=stored)
        assert len(itself.differences) == 0

    @pytest.mark.parametrize("wrong", [7, {}, {"kind": "review"}, {"kind": "score"}, "review"])
    def test_what_is_no_review_is_refused(self, wrong: Any) -> None:
        with pytest.raises(okr.DefinitionError, match="previous"):
            week(previous=wrong)

    def test_a_review_with_nothing_in_common_is_refused(self) -> None:
        other = okr.review(*story("software"), as_of="2026-01-04")
        wrong: Any
        for wrong in (other, json.loads(json.dumps(okr.to_dict(other)))):
            with pytest.raises(okr.DefinitionError, match=r"none of which this portfolio has.*leave it out"):
                week(previous=wrong)

    def test_goals_come_and_go_between_reviews(self) -> None:
        portfolio, facts = story("software")
        last = okr.review(portfolio, facts, as_of="2026-10-04")
        held = {one.id for one in (*portfolio.objectives, *portfolio.key_results, *portfolio.kpis)}
        year = okr.Cycle.year(2027)
        kpi = okr.Kpi(id=portfolio.kpis[0].id, title="Kept")
        goal = okr.Objective(id="next", title="Next", cycle=year.id)
        for after, kept in (((year, goal, kpi), {kpi.id}), ((year,), set())):
            week = okr.review(okr.Portfolio.of(*after), okr.History.of(), as_of="2027-01-03", previous=last)
            rows = week.differences.to_dicts()
            assert {row["id"] for row in rows if row["change"] == "gone"} >= held - kept

    def test_what_was_renamed_is_neither_new_nor_gone(self) -> None:
        portfolio, facts = story("logistics")
        last = okr.review(portfolio, facts, as_of="2026-09-27")
        plainly = okr.review(portfolio, facts, as_of="2026-10-04", previous=last)
        names = {"throughput": "pace", "sorter-uptime": "uptime", "hall-2": "hall-two"}
        told = okr.review(portfolio.renamed(names), facts, as_of="2026-10-04", previous=last)

        def rows(week: okr.Review) -> set[tuple[str, ...]]:
            kinds = {"milestone", "key result", "KPI", "objective"}
            return {
                (names.get(row["id"], row["id"]), row["what"], row["before"], row["after"], row["change"])
                for row in week.differences.to_dicts()
                if row["kind"] in kinds
            }

        assert rows(told) == rows(plainly)
        assert {"pace", "hall-two"} <= {row[0] for row in rows(told)}

    def test_a_stored_review_with_any_part_spoilt_is_refused_or_serves(self) -> None:
        portfolio, facts = story("software")
        before, now = (okr.review(portfolio, facts, as_of=day) for day in ("2026-09-20", "2026-10-04"))
        whole, plain_now = json.dumps(okr.to_dict(before)), okr.to_dict(now)
        stored = json.loads(whole)
        seen: dict[tuple[Any, ...], list[Any]] = {}
        for path in every_path(stored):
            seen.setdefault(tuple("*" if isinstance(one, int) else one for one in path), path)
        read = ("decisions_needed", "ripple", "evidence", "decisions", "conflicts", "snapshot", "as_of")
        refused = 0
        for path in (path for path in seen.values() if path[0] in read):
            for wrong in (None, 7, math.nan, 10**400, "spoilt", []):
                spoilt = json.loads(whole)
                within = spoilt
                for step in path[:-1]:
                    within = within[step]
                within[path[-1]] = wrong
                try:
                    plain_before = stored_review(spoilt, portfolio, now.snapshot.when)
                except okr.DefinitionError as error:
                    refused += "store it unchanged" in str(error)
                    continue
                assert plain_before is not None
                rows = Differences.of(changes_between(plain_before, plain_now, portfolio))
                assert rows.to_dicts() or spoilt != stored
        assert refused > 100

    def test_what_is_of_the_wrong_type_is_named_with_what_to_give(self) -> None:
        portfolio, facts = story("logistics")
        day = "2026-10-04"
        wrong: Any
        for wrong in (None, "portfolio", 7):
            for ask in (okr.review, okr.evaluate, okr.check, okr.dips, okr.signals_of, okr.actions):
                with pytest.raises(okr.DefinitionError, match="must be a Portfolio or Declarations"):
                    ask(wrong, facts, as_of=day)  # type: ignore[operator]
            with pytest.raises(okr.DefinitionError, match="must be a Portfolio or Declarations"):
                okr.ripple(wrong, as_of=day)
        for wrong in (None, [], "history"):
            for ask in (okr.review, okr.evaluate, okr.dips, okr.signals_of):
                with pytest.raises(okr.HistoryError, match="must be a History"):
                    ask(portfolio, wrong, as_of=day)  # type: ignore[operator]
        with pytest.raises(okr.HistoryError, match="must be a Journal"):
            okr.review(portfolio, facts, as_of=day, journal="journal")  # type: ignore[arg-type]

    def test_a_review_long_after_the_last_value_warns_of_nothing(self) -> None:
        portfolio, facts = story("logistics")
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            made = okr.review(portfolio, facts, as_of="2030-01-01")
        assert made.as_of == dt.date(2030, 1, 1)

    def test_a_later_review_is_refused(self) -> None:
        with pytest.raises(okr.DefinitionError, match="before"):
            week(at(3), previous=week(at(4)))

    def test_the_same_review_twice_proposes_the_same_and_once_recorded_nothing_more(self) -> None:
        made = week(at(3))
        assert [one.subject for one in made.proposed_entries] == ["audit:lanes:engineering:2026-06-01"]
        (up,) = made.proposed_entries
        assert (up.kind, up.by) == ("escalation", "head-of-engineering")
        assert week(at(3)).proposed_entries == made.proposed_entries
        recorded = week(at(3), made.proposed_entries)
        assert recorded.proposed_entries == ()
        assert plain(recorded, {"proposed_entries"}) == plain(made, {"proposed_entries"})

    @given(st.lists(st.sampled_from([AUDIT, CHANGE]), unique=True), st.integers(0, 10 * 24))
    @settings(deadline=None, max_examples=8)
    def test_an_answer_closes_only_its_own(self, entries: list[okr.Entry], hours: int) -> None:
        moment = at(0, 10) + dt.timedelta(hours=hours)
        made, silent = week(moment, entries), week(moment)
        given_by = [one for one in entries if one.at <= moment]  # type: ignore[operator]
        open_still = {one.kind for one in made.actions if one.subject == "lanes" and one.is_open}
        assert open_still == {"audit", "adjustment"} - {one.kind for one in given_by}
        assert ("measure:lanes" in asked(made)) == bool(open_still)
        assert asked(silent).keys() - asked(made).keys() <= {"measure:lanes"}

    def test_nothing_is_needed_that_nobody_owes_or_judged(self) -> None:
        made = week(at(3))
        open_ones = {one.id: one for one in made.actions if one.is_open}
        for one in made.decisions_needed:
            assert set(one.actions) <= set(open_ones)
            assert one.kind in DECISION_KINDS
            assert not one.question.endswith("...")
            assert not one.evidence.endswith("...")
        assert len(asked(made)) == len(made.decisions_needed)


class TestParts:
    def test_what_is_given_is_not_made_again(self, monkeypatch: pytest.MonkeyPatch) -> None:
        made = week()
        names = ("snapshot", "signals", "dips", "evidence", "conflicts", "decisions", "ripple", "findings")
        parts = {name: getattr(made, name) for name in (*names, "actions")}
        for name in ("dips", "signals_of", "checked", "actions"):
            monkeypatch.delattr(reviewing, name)
        monkeypatch.delattr(context, "evaluate")
        assert week(parts=parts) == made

    def test_what_does_not_belong_is_refused_and_all_of_it_named(self) -> None:
        made = week(at(4))
        other = okr.review(*story("logistics"), as_of="2026-10-04")
        with pytest.raises(okr.DefinitionError) as caught:
            week(
                parts={"snapshot": made.snapshot, "ripple": made.ripple, "dips": other.dips, "findings": [3]}
            )
        said = str(caught.value)
        assert all(f"parts.{name}" in said for name in ("snapshot", "ripple", "dips[0]", "findings[0]"))
        with pytest.raises(okr.DefinitionError, match=r"parts\.signals is about 'crews-trained'"):
            week(parts={"signals": other.signals})
        wrong: Any
        for wrong in ({"actions": 5}, {"signals": okr.History.of()}, 5, "dips"):
            with pytest.raises(okr.DefinitionError, match="parts"):
                week(parts=wrong)
        with pytest.raises(okr.DefinitionError, match="names weather"):
            week(parts={"weather": 1})
        with pytest.raises(okr.DefinitionError, match="snapshot"):
            week(parts={"snapshot": week(facts=history(8.0)).snapshot})

    @pytest.mark.parametrize("name", ["dips", "decisions", "actions", "signals"])
    def test_what_is_of_another_moment_is_refused(self, name: str) -> None:
        portfolio, facts = story("logistics")
        made = okr.review(portfolio, facts, as_of="2026-10-04")
        own = {name: getattr(made, name)}
        assert okr.review(portfolio, facts, as_of="2026-10-04", parts=own) == made
        with pytest.raises(okr.DefinitionError, match=rf"parts\.{name}.* moment, but must be of 2026-03-01"):
            okr.review(portfolio, facts, as_of="2026-03-01", parts=own)

    @pytest.mark.parametrize("side", [-1, 1])
    def test_an_action_belongs_where_it_is_due_as_it_says(self, side: int) -> None:
        made = week(at(4))
        overdue = next(one for one in made.actions if one.state == "overdue")
        moved = overdue.due + side * dt.timedelta(minutes=1)
        asked: dict[str, Any] = {"parts": {"actions": [overdue]}}
        if side > 0:
            assert week(moved, **asked).actions == (overdue,)
        else:
            with pytest.raises(okr.DefinitionError, match=r"parts\.actions\[0\] is of another moment"):
                week(moved, **asked)

    def test_findings_of_another_portfolio_are_refused(self) -> None:
        other = okr.review(*story("logistics"), as_of="2026-10-04").findings
        with pytest.raises(okr.DefinitionError, match=r"parts\.findings\[\d+\] is about .*check it anew"):
            week(parts={"findings": other})

    @pytest.mark.parametrize("rule", STRICT.rules, ids=lambda rule: rule.code)
    def test_whatever_a_rule_finds_belongs(self, rule: Any) -> None:
        example = rule.fails
        if example is None or example.history is None:
            return
        found = run_rule(rule, example.context)
        made = okr.review(
            example.declarations or example.portfolio,
            example.history,
            as_of=example.as_of,
            journal=example.journal,
            parts={"findings": found},
        )
        assert found
        assert made.findings == tuple(found)


class TestDecisions:
    def test_the_order_is_overdue_then_by_kind(self) -> None:
        portfolio, facts = story("logistics")
        start = okr.Journal.of([okr.Entry("check-in", "belts", "head-of-operations", "2026-01-05")])
        found = okr.review(portfolio, facts, as_of="2026-10-04", journal=start).decisions_needed
        assert [one.overdue for one in found] == sorted((one.overdue for one in found), reverse=True)
        for state in (True, False):
            kinds = [DECISION_KINDS.index(one.kind) for one in found if one.overdue == state]
            assert kinds == sorted(kinds)
        assert {"conflict", "goal", "dip", "check-in"} <= {one.kind for one in found}

    def test_a_first_week_is_a_few_lines_and_nothing_is_overdue(self) -> None:
        for name in ("logistics", "software"):
            portfolio, _ = story(name)
            made = okr.review(portfolio, okr.History.of(), as_of="2026-01-09")
            assert len(made.decisions_needed) <= 5
            assert not any(one.overdue for one in made.decisions_needed)

    def test_silence_of_many_is_one_line_and_without_a_cadence_none(self) -> None:
        goal = okr.Objective(id="grow", title="Grow", cycle="2026", owner="ann")
        results = [
            okr.KeyResult(
                id=f"k{at}",
                objective="grow",
                title=f"Goal {at}",
                measure=okr.Target(0, 10),
                cadence="weekly" if at < 5 else None,
            )
            for at in range(8)
        ]
        portfolio = okr.Portfolio.of(okr.Owner(id="ann"), okr.Cycle.year(2026), goal, *results)
        start = okr.Journal.of([okr.Entry("check-in", "other", "ann", "2026-01-05")])
        made = okr.review(portfolio, okr.History.of(), as_of="2026-03-15", journal=start)
        (line,) = made.decisions_needed
        assert line.subjects == tuple(f"k{at}" for at in range(5))
        assert line.evidence == "no number was ever recorded: k0, k1, k2 and 2 more"
        assert (line.owner, line.kind, line.mark) == ("ann", "check-in", "?")
        assert made.not_updated == ("k5", "k6", "k7")

    def test_where_people_stop_to_check_in_it_is_one_line(self) -> None:
        portfolio, facts = company(30), numbers(30, 20)
        journal = okr.Journal.of(checked_in(portfolio, week_day(0)))
        day = week_day(18)
        made = okr.review(portfolio, facts, as_of=day, known_at=day, journal=journal)
        (line,) = [one for one in made.decisions_needed if one.kind == "check-in"]
        assert (line.id, len(line.subjects), line.overdue) == ("check-in:lapsed", 30, True)

    def test_a_dead_source_is_one_line(self) -> None:
        goal = okr.Objective(id="grow", title="Grow", cycle="2026", owner="ann")
        kpis = [
            okr.Kpi(id=f"p{at}", title="P", source=okr.Source("jira" if at < 5 else "crm"), cadence="weekly")
            for at in range(8)
        ]
        results = [
            okr.KeyResult(
                id=f"k{at}",
                objective="grow",
                title=f"Goal {at}",
                measure=okr.Target(0, 10),
                measured_by=f"p{at}",
            )
            for at in range(8)
        ]
        portfolio = okr.Portfolio.of(okr.Owner(id="ann"), okr.Cycle.year(2026), goal, *kpis, *results)
        days = okr.weekly("2026-01-04", "2026-03-15")
        facts = okr.History.of(
            okr.Observation(f"p{at}", day, 2.0 * place)
            for at in range(8)
            for place, day in enumerate(days)
            if at >= 5 or day < dt.date(2026, 2, 10)
        )
        checked = [
            okr.Entry("check-in", f"k{at}", "ann", day)
            for at in range(8)
            for day in days
            if at >= 5 or day.month < 2
        ]
        made = okr.review(portfolio, facts, as_of="2026-03-15", journal=okr.Journal.of(checked))
        silent = [one for one in made.decisions_needed if one.kind == "check-in"]
        assert [one.id for one in silent] == ["source:jira"]
        assert silent[0].evidence.startswith("all are read from jira: k0, k1, k2 and 2 more")

    def test_a_slip_is_one_line_however_many_it_reaches(self) -> None:
        moment = slip.at(8, 12)
        start = okr.Journal.of([okr.Entry("check-in", "sso", "head-of-sales", "2026-01-05")])
        made = okr.review(slip.story(), okr.History.of(), as_of=moment, journal=start)
        (line,) = [one for one in made.decisions_needed if one.kind == "slip"]
        assert line.id == "slip:sign-on"
        assert line.overdue
        assert len(line.actions) == len([one for one in made.actions if one.subject == "sign-on"])
        told = {(one.to, one.action.partition(":")[0]) for one in made.messages}
        assert ("head-of-sales", "notice") in told
        assert ("head-of-sales", "mitigation") in told
        answered = okr.Journal.of([*start, slip.NOTICE, slip.MITIGATION])
        after = okr.review(slip.story(), okr.History.of(), as_of=slip.at(10, 12), journal=answered)
        assert not any(one.kind == "slip" for one in after.decisions_needed)

    def test_a_goal_that_turned_is_asked_about_until_somebody_says_what_changes(self) -> None:
        portfolio, facts = story("software")
        start = okr.Entry("check-in", "complaints", "head-of-product", "2026-01-05")
        change = okr.Entry(
            "adjustment", "enterprise-arr", "head-of-sales", "2026-08-01", changes=["two more people"]
        )
        words = okr.Entry("adjustment", "enterprise-arr", "head-of-sales", "2026-08-01", text="it is hard")

        def goals(*entries: okr.Entry) -> set[str]:
            journal = okr.Journal.of([start, *entries])
            made = okr.review(portfolio, facts, as_of="2026-08-02", journal=journal)
            return {name for one in made.decisions_needed if one.kind == "goal" for name in one.subjects}

        assert "enterprise-arr" in goals()
        assert goals(words) == goals()
        assert goals(change) == goals() - {"enterprise-arr"}

    def test_a_conflict_that_no_rule_decides_is_asked_about_until_it_is_decided(self) -> None:
        portfolio, facts = story("logistics")
        sides = "peak-season|preventive-maintenance"
        start = okr.Entry("check-in", "belts", "head-of-operations", "2026-01-05")
        decided = okr.Entry(
            "decision", f"disconnected:{sides}", "managing-director", "2026-10-01", text="keep"
        )

        def conflicts(*entries: okr.Entry) -> set[str]:
            journal = okr.Journal.of([start, *entries])
            made = okr.review(portfolio, facts, as_of="2026-10-04", journal=journal)
            return {one.id for one in made.decisions_needed if one.kind == "conflict"}

        assert conflicts() == {f"between:{sides}"}
        assert conflicts(decided) == set()

    def test_a_link_that_is_ruled_out_is_asked_about_until_it_is_reviewed(self) -> None:
        portfolio, facts = story("software")
        link = "blocking-requests->enterprise-arr"
        start = okr.Entry("check-in", "complaints", "head-of-product", "2026-01-05")
        reviewed = okr.Entry("link-review", link, "revenue-review", "2026-10-02")

        def links(*entries: okr.Entry) -> set[str]:
            journal = okr.Journal.of([start, *entries])
            made = okr.review(portfolio, facts, as_of="2026-10-04", journal=journal)
            return {one.id for one in made.decisions_needed if one.kind == "link"}

        assert f"link:{link}" in links()
        assert links(reviewed) == links() - {f"link:{link}"}


class TestReuse:
    def test_a_review_that_goes_on_from_the_last_says_what_one_from_scratch_says(self) -> None:
        portfolio, facts = story("software", weeks=16)
        by_week = [facts.observations(name) for name in facts.measures]
        journal, last, grown = okr.Journal.of([FIRST]), None, okr.History.of()
        for day in okr.weekly("2026-03-01", "2026-04-19"):
            known = {*grown}
            grown = grown.append(
                one for each in by_week for one in each if one.at <= day and one not in known
            )
            last = okr.review(portfolio, grown, as_of=day, journal=journal, previous=last)
            alone = okr.review(portfolio, grown, as_of=day, journal=journal)
            assert plain(last, ALONE) == plain(alone, ALONE)
            answered = [one for one in last.actions if one.kind == "check-in" and one.is_open]
            journal = journal.append(
                okr.Entry("check-in", one.subject, one.owner or "kim", day) for one in answered
            )

    def test_what_was_recorded_late_and_answered_late_is_not_overlooked(self) -> None:
        portfolio, facts = story("software", weeks=20)
        day = "2026-05-17"
        journal = okr.Journal.of([FIRST])
        before = okr.review(portfolio, facts, as_of="2026-05-10", journal=journal)
        late = okr.Observation("complaints", "2026-04-05", 99.0, recorded_at="2026-04-07T00:00:00Z")
        closing = okr.Entry("closing", "complaints", "kim", "2026-04-12", outcome="cancelled")
        for changed, told in ((facts.append([late]), journal), (facts, journal.append([closing]))):
            on = okr.review(portfolio, changed, as_of=day, journal=told, previous=before)
            alone = okr.review(portfolio, changed, as_of=day, journal=told)
            assert plain(on, ALONE) == plain(alone, ALONE)
            assert on.past is not None
            assert alone.past is not None
            for sunday in okr.weekly("2026-03-29", "2026-05-10"):
                then, scratch = (one.past.at(sunday, sunday).as_plain() for one in (on, alone))
                assert then == scratch

    def test_the_past_is_judged_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        portfolio, facts = story("software")
        made: list[tuple[dt.date, dt.date]] = []
        evaluate = earlier.evaluate

        def counted(*arguments: Any, **named: Any) -> okr.Snapshot:
            made.append((named["as_of"], named["known_at"]))
            return evaluate(*arguments, **named)

        monkeypatch.setattr(earlier, "evaluate", counted)
        before = okr.review(portfolio, facts, as_of="2026-09-20")
        assert len(made) == len(set(made)) > 13
        made.clear()
        okr.review(portfolio, facts, as_of="2026-09-27", previous=before)
        assert len(made) <= 6


class TestThen:
    def test_what_was_known_then_gives_the_review_of_then(self) -> None:
        portfolio, facts = story("software")
        _, early = story("software", weeks=24)
        day = "2026-06-14"
        entries = [
            FIRST,
            okr.Entry("check-in", "complaints", "design-lead", "2026-06-10"),
            okr.Entry("adjustment", "enterprise-arr", "head-of-sales", "2026-07-01", changes=["more"]),
        ]
        then = okr.review(portfolio, early, as_of=day, known_at=day, journal=okr.Journal.of(entries[:2]))
        now = okr.review(portfolio, facts, as_of=day, known_at=day, journal=okr.Journal.of(entries))
        assert plain(now) == plain(then)

    def test_of_declarations_what_was_in_force_is_reviewed(self) -> None:
        portfolio, facts = story("software")
        goal = portfolio["enterprise-arr"]
        loosened = portfolio.with_(attrs.evolve(goal, measure=okr.Target(2_000_000, 2_500_000)))
        declared = okr.Declarations.of(("2026-01-01", portfolio), ("2026-09-01", loosened))
        before = okr.review(declared, facts, as_of="2026-08-30")
        after = okr.review(declared, facts, as_of="2026-09-06", previous=before)
        assert before.portfolio == portfolio
        assert after.portfolio == loosened
        assert before == okr.review(declared, facts, as_of="2026-08-30")
        rows = {(row["id"], row["what"]): row["change"] for row in after.differences.to_dicts()}
        assert rows["enterprise-arr", "status"] == "better"
        assert any(one.code.startswith("OKR5") for one in after.findings)
        assert str(after)
