"""Waivers of documents in a check: what they silence, until when, and what is said of those that do not."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

import okrcore as okr
from okrcore.documents import dumps
from okrcore.errors import DefinitionError
from okrcore.governance import check_in_full

DAY = dt.date(2026, 6, 30)
DOCUMENT = """\
okrcore: 1
cycles: [{id: "2026", start: 2026-01-01, end: 2026-12-31}]
objectives:
  - id: a  # okr: ignore OKR101 until 2026-06-30, because key results are set in July
    title: A
    cycle: "2026"
  - id: b
    title: B
    cycle: "2026"
"""


def told(findings):
    return sorted((one.code, one.subject) for one in findings)


def waiving(text):
    return okr.loads(DOCUMENT.replace("OKR101 until 2026-06-30, because key results are set in July", text))


class TestLaws:
    @given(st.data())
    def test_it_silences_exactly_the_findings_of_its_subject_and_code(self, data):
        """S16: what is reported and what is waived are together what was found; each by its waiver."""
        portfolio = data.draw(okr.testing.portfolios())
        everything = okr.check(portfolio, as_of=DAY)
        pairs = st.sampled_from(everything) if everything else st.nothing()
        chosen = data.draw(st.lists(pairs, max_size=4)) if everything else []
        family = data.draw(st.booleans())
        until = data.draw(st.sampled_from([DAY - dt.timedelta(1), DAY]))
        waivers = [
            okr.governance.Ignore(
                code=one.code[:4] if family else one.code,
                reason="known",
                until=until,
                subject=one.subject,
                location=("a.yaml", 1, 1),
            )
            for one in chosen
        ]
        result = check_in_full(portfolio.with_waivers(waivers), as_of=DAY)
        waived = [one.finding for one in result.ignored]
        assert told([*result.findings, *waived]) == told(everything)
        meant = {(one.code[:4] if family else one.code, one.subject) for one in chosen}
        covered = [one for one in everything if (one.code[:4] if family else one.code, one.subject) in meant]
        if until < DAY:
            assert (waived, result.expired) == ([], tuple(waivers))
        else:
            assert (told(waived), result.expired) == (told(covered), ())
        assert result.unused == ()

    @given(st.sampled_from(okr.STANDARD.rules), st.sampled_from(["nothing", "portfolio", "a"]))
    def test_one_that_covers_nothing_is_told_where_its_rule_was_asked(self, rule, subject):
        waiver = okr.governance.Ignore(code=rule.code, reason="x", until=DAY, subject=subject)
        result = check_in_full(okr.loads(DOCUMENT).with_waivers([waiver]), as_of=DAY)
        covers = (rule.code, subject) in told(one.finding for one in result.ignored)
        assert result.unused == (() if covers or rule.code not in result.asked else (waiver,))


class TestOneDocument:
    def test_its_last_day_is_the_last_that_it_holds(self):
        portfolio = okr.loads(DOCUMENT)
        for day, subjects in (("2026-06-30", ["b"]), ("2026-07-01", ["a", "b"])):
            result = check_in_full(portfolio, as_of=day, select=["OKR101"])
            assert [one.subject for one in result.findings] == subjects
            assert len(result.ignored) == 2 - len(subjects)
            assert [one.location for one in result.expired] == [("", 4, 12)] * (len(subjects) - 1)

    def test_the_check_reports_the_rest(self):
        assert told(okr.check(okr.loads(DOCUMENT), as_of=DAY, select=["OKR101"])) == [("OKR101", "b")]

    def test_it_is_gone_with_the_text_around_it(self):
        again = okr.loads(dumps(okr.loads(DOCUMENT)))
        assert told(okr.check(again, as_of=DAY, select=["OKR101"])) == [("OKR101", "a"), ("OKR101", "b")]

    def test_a_code_that_no_rule_has_is_refused_at_its_place(self):
        with pytest.raises(DefinitionError) as caught:
            okr.check(waiving("OKR999, OKR101, ACME until 2026-12-31, because x"), as_of=DAY)
        places = [(one.line, one.column) for one in caught.value.problems]
        assert places == [(4, 12), (4, 12)]
        assert "no rule has code 'OKR999'" in caught.value.problems[0].message

    def test_a_rule_that_another_policy_asks_is_known(self):
        """A document that STRICT is asked of on Fridays is checked by STANDARD every day."""
        strict = {rule.code for rule in okr.STRICT.rules} - {rule.code for rule in okr.STANDARD.rules}
        portfolio = waiving(f"OKR101, {', '.join(sorted(strict))} until 2026-12-31, because x")
        assert check_in_full(portfolio, as_of=DAY).unused == ()

    def test_a_rule_of_the_policy_itself_is_known(self):
        @okr.governance_rule("ACME1", fix="shorten it")
        def titles_are_empty(goal: okr.Objective):
            """A title is empty."""
            yield "is not"

        portfolio, own = waiving("ACME1 until 2026-12-31, because x"), okr.Policy(rules=[titles_are_empty])
        result = check_in_full(portfolio, as_of=DAY, policy=own)
        assert [one.subject for one in result.findings] == ["b"]
