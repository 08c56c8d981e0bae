"""A16: rates are facts, given in a document, a file, a configuration or a call; no part of a portfolio."""

import json
import pickle
import textwrap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import okrcore as okr
from okrcore.errors import DocumentError, HistoryError, OkrError, UnitError
from okrcore.surfaces.cli.main import main
from okrcore.testing import strategies as made
from okrcore.testing.recorded_facts import rates as rates_of_days

DAY = "2026-06-30"
DOCUMENT = """\
okrcore: 1
cycles: [{id: "2026", start: 2026-01-01, end: 2026-12-31}]
objectives: [{id: o, title: O, cycle: "2026"}]
key_results:
  - {id: k, objective: o, title: K, unit: EUR, measure: {target: {start: 0, goal: 100}}}
kpis: [{id: a, title: A, unit: EUR, target: {low: 60}}]
"""
FACTS = "measure,at,value,unit\nk,2026-03-01,75,USD\na,2026-03-01,75,USD\n"
TABLE = "date,base,quote,rate\n2026-01-02,EUR,USD,1.25\n2026-02-02,EUR,USD,1.5\n"
RATES = okr.Rates.of([("2026-01-02", "EUR", "USD", 1.25), ("2026-02-02", "EUR", "USD", 1.5)])
SECTION = "rates: [[2026-01-02, EUR, USD, 1.25], {date: 2026-02-02, base: EUR, quote: USD, rate: 1.5}]\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, text in (("a.okr.yaml", DOCUMENT), ("facts.csv", FACTS), ("rates.csv", TABLE)):
        Path(name).write_text(text, "utf-8")
    return tmp_path


def value(capsys, *argv):
    """The value that `score` gives for the key result."""
    code = main(["score", "a.okr.yaml", "--history", "facts.csv", "--as-of", DAY, "--format", "json", *argv])
    out, err = capsys.readouterr()
    assert code == 0, err
    return json.loads(out)["key_results"][0]["value"]


class TestWays:
    def test_every_way_to_give_them_gives_the_same(self, folder, capsys):
        portfolio, history = okr.load("a.okr.yaml"), okr.read_history("facts.csv")
        expected = okr.evaluate(portfolio, history, as_of=DAY, rates=RATES)["k"].value
        assert expected == 50
        assert value(capsys, "--rates", "rates.csv") == expected
        Path("pyproject.toml").write_text('[tool.okrcore]\nrates = ["rates.csv"]\n', "utf-8")
        assert value(capsys) == expected
        Path("pyproject.toml").unlink()
        Path("a.okr.yaml").write_text(DOCUMENT + SECTION, "utf-8")
        assert value(capsys) == expected
        assert okr.evaluate(okr.load("a.okr.yaml"), history, as_of=DAY)["k"].value == expected

    def test_what_is_given_replaces_what_is_declared_whole(self, folder, capsys):
        Path("a.okr.yaml").write_text(DOCUMENT + SECTION, "utf-8")
        Path("other.csv").write_text("date,base,quote,rate\n2026-01-02,EUR,USD,3\n", "utf-8")
        assert value(capsys, "--rates", "other.csv") == 25
        Path("chf.csv").write_text("date,base,quote,rate\n2026-01-02,EUR,CHF,1\n", "utf-8")
        assert value(capsys, "--rates", "chf.csv") is None
        assert value(capsys, "--rates", "other.csv", "--rates", "chf.csv") == 25

    @pytest.mark.parametrize("command", ["score", "check"])
    def test_every_command_that_judges_takes_them_and_says_so_without(self, folder, capsys, command):
        """A13: what cannot be read is unknown and told; it stops nothing else."""
        argv = [command, "a.okr.yaml", "--history", "facts.csv", "--as-of", DAY]
        assert main([*argv, "--rates", "rates.csv"]) in (0, 1)
        assert "--rates" not in capsys.readouterr().out
        assert main(argv) in (0, 1)
        assert "--rates" in capsys.readouterr().out

    def test_every_function_takes_those_of_the_portfolio(self, folder):
        portfolio, history = okr.load("a.okr.yaml"), okr.read_history("facts.csv")
        held = portfolio.with_rates(RATES)
        assert okr.evaluate_many(held, history, as_of=[DAY]).snapshots[0]["k"].value == 50
        assert okr.find_conflicts(held, history, as_of=DAY) == okr.find_conflicts(
            portfolio, history, as_of=DAY, rates=RATES
        )
        assert okr.check(held, history, as_of=DAY) == okr.check(portfolio, history, as_of=DAY, rates=RATES)
        assert okr.assess_links(held, history, as_of=DAY) == ()
        assert len(okr.discover_links(held, history, as_of=DAY, lags=range(1, 3))) == 0

    def test_the_plugin(self, pytester):
        pytester.makefile(".okr.yaml", a=DOCUMENT)
        pytester.makefile(".csv", facts=FACTS, rates=TABLE)
        pytester.makepyfile("def test_it(okr_snapshot): assert okr_snapshot['k'].value == 50")
        options = ["-k", "test_it", "--okr=a.okr.yaml", "--okr-history=facts.csv", f"--okr-as-of={DAY}"]
        pytester.runpytest_subprocess(
            *options, "--okr-rates=rates.csv", "test_the_plugin.py"
        ).assert_outcomes(passed=1)
        pytester.makeini("[pytest]\nokr_rates = rates.csv\nokr_known_at = 2026-01-01")
        failed = pytester.runpytest_subprocess(*options, "test_the_plugin.py")
        failed.assert_outcomes(failed=1)  # nothing was known yet


class TestIdentity:
    @given(made.portfolios(), rates_of_days())
    def test_they_are_no_part_of_what_is_declared(self, portfolio, rates):
        held = portfolio.with_rates(rates)
        assert held == portfolio
        assert hash(held) == hash(portfolio)
        assert held.rates == rates
        assert held.with_(okr.Team(id="a-new-team")).rates == rates
        assert pickle.loads(pickle.dumps(held)).rates == rates
        assert held.with_rates(None).rates is None

    @given(rates_of_days(), st.sampled_from(["yaml", "toml", "json"]))
    def test_documents_hold_them_exactly(self, rates, kind):
        portfolio = okr.Portfolio.of(okr.Team(id="t"), rates=rates)
        assert okr.loads(okr.dumps(portfolio, kind), kind).rates == rates
        assert okr.from_dict(okr.Portfolio, json.loads(json.dumps(okr.to_dict(portfolio)))).rates == rates

    def test_something_else_is_refused(self):
        with pytest.raises(OkrError, match="rates is 3, but must be Rates"):
            okr.Portfolio.of(rates=3)


class TestReading:
    @given(rates=rates_of_days())
    def test_a_table_gives_them_back(self, rates, tmp_path_factory):
        file = tmp_path_factory.mktemp("rates") / "r.csv"
        rows = [f"{day},{base},{quote},{rate!r}" for day, base, quote, rate in rates.rows]
        file.write_text("\n".join(["date,base,quote,rate", *rows]), "utf-8")
        assert okr.read_rates(file) == rates

    def test_every_bad_row_is_told_with_its_line(self, tmp_path):
        file = tmp_path / "r.csv"
        file.write_text(
            TABLE + '2026-13-01,EUR,USD,1\n2026-03-01,EURO,USD,1\n2026-03-01,EUR,USD,"1,5"\n', "utf-8"
        )
        with pytest.raises(UnitError) as caught:
            okr.read_rates(file)
        assert [problem.line for problem in caught.value.problems] == [4, 5, 6]

    def test_every_bad_entry_of_documents_is_told_where_it_stands(self, tmp_path):
        first, second = tmp_path / "a.okr.yaml", tmp_path / "b.okr.yaml"
        first.write_text("okrcore: 1\nrates:\n  - [2026-01-01, EUR, USD, 1.1]\n", "utf-8")
        second.write_text(
            "okrcore: 1\nrates:\n  - [2026-01-01, EUR, USD, 1.2]\n  - [2026-01-01, EUR, EUR, 1]\n", "utf-8"
        )
        with pytest.raises(UnitError) as caught:
            okr.load(tmp_path)
        assert [(Path(one.file).name, one.line) for one in caught.value.problems] == [
            ("b.okr.yaml", 3),
            ("b.okr.yaml", 4),
        ]

    @pytest.mark.parametrize(
        ("name", "text", "error"),
        [
            ("r.csv", "day,from,to,x\n", HistoryError),
            ("r.okr.yaml", "okrcore: 1\n", DocumentError),
            ("r.dat", "", HistoryError),
        ],
    )
    def test_what_holds_none_is_told(self, tmp_path, name, text, error):
        (tmp_path / name).write_text(text, "utf-8")
        with pytest.raises(error):
            okr.read_rates(tmp_path / name)


class TestSettings:
    """The commands take what the functions take."""

    def test_conflicts(self, folder, capsys):
        text = textwrap.dedent("""\
            okrcore: 1
            teams: [{id: ops, capacity: 10}]
            initiatives:
              - {id: i, title: I, start: 2026-01-01, end: 2026-12-31, cost: 60,
                 demand: [{of: ops, amount: 6}]}
              - {id: j, title: J, start: 2026-01-01, end: 2026-12-31, cost: 60,
                 demand: [{of: ops, amount: 6}]}
            """)
        Path("c.okr.yaml").write_text(text, "utf-8")

        def kinds(*argv):
            assert main(["conflicts", "c.okr.yaml", "--as-of", DAY, "--format", "json", *argv]) == 0
            return [one["kind"] for one in json.loads(capsys.readouterr().out)["conflicts"]]

        assert kinds() == ["contention"]
        assert kinds("--capacity", "ops=12") == []
        assert kinds("--capacity", "ops=12", "--budget", "100") == ["contention"]
        for bad in ("ops", "=3", "ops=x"):
            assert main(["conflicts", "c.okr.yaml", "--as-of", DAY, "--capacity", bad]) == 2

    def test_check_ignores_what_it_is_told_to(self, folder, capsys):
        argv = ["check", "a.okr.yaml", "--as-of", DAY, "--select", "OKR213", "--format", "json"]
        main(argv)
        before = json.loads(capsys.readouterr().out)
        assert before["findings"]
        main(
            [
                *argv,
                *(
                    part
                    for one in before["findings"]
                    for part in ("--ignore", f"{one['code']} {one['subject']}: known")
                ),
            ]
        )
        after = json.loads(capsys.readouterr().out)
        assert after["findings"] == []
        assert {one["reason"] for one in after["ignored"]} == {"known"}
        assert main([*argv, "--ignore", "OKR213"]) == 2

    def test_score_takes_files_of_the_configuration(self, folder, capsys):
        settings = '[tool.okrcore]\nfiles = ["a.okr.yaml"]\nhistory = ["facts.csv"]\nrates = ["rates.csv"]\n'
        Path("pyproject.toml").write_text(settings, "utf-8")
        assert main(["score", "--as-of", DAY, "--format", "json"]) == 0
        assert json.loads(capsys.readouterr().out)["key_results"][0]["value"] == 50
