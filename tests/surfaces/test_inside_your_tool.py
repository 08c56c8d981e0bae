"""The programs of docs/how-to/embed-in-your-tool.md run as they stand, and the library is silent in them."""

import datetime as dt
import importlib.util
import json
import logging
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from email import message_from_string

import pytest

import okrcore as okr
from okrcore.surfaces.cli.first_portfolio import first_portfolio
from tests.support.paths import ROOT

PROGRAMS = ROOT / "docs/how-to/programs"
TODAY = dt.date(2026, 3, 2)
MORE = """
okrcore: 1
key_results:
  - {id: launch, objective: faster-support, title: Launch, measure: {checklist: [{id: docs, title: Docs}]}}
kpis:
  - {id: tickets, title: Tickets}
  - {id: twice, title: Twice the tickets, formula: {expr: 2 * tickets, inputs: {tickets: tickets}}}
"""


def program(name):
    """Return a program as a module."""
    spec = importlib.util.spec_from_file_location(name, PROGRAMS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # where its annotations are looked up
    spec.loader.exec_module(module)
    return module


def tenant(folder, day=TODAY):
    """Write the first portfolio as one tenant's, with its observations in a ledger."""
    (folder / "okrs").mkdir(parents=True)
    files = first_portfolio(day)
    (folder / "okrs" / "a.okr.yaml").write_text(files["portfolio.okr.yaml"], "utf-8")
    (folder / "facts.csv").write_text(files["observations.csv"], "utf-8")
    with okr.Ledger.open(folder / "facts.ledger") as ledger:
        ledger.append(okr.read_history(folder / "facts.csv"))


def test_each_is_under_150_lines():
    for path in PROGRAMS.iterdir():
        if path.is_file():
            assert len(path.read_text("utf-8").splitlines()) < 150, path.name


@pytest.mark.filterwarnings("ignore")  # of what the service stands on
class TestService:
    @pytest.fixture
    def client(self, tmp_path):
        pytest.importorskip("fastapi", reason="the service needs fastapi and httpx")
        pytest.importorskip("httpx", reason="the service needs fastapi and httpx")
        from fastapi.testclient import TestClient

        for name in ("acme", "beta"):
            tenant(tmp_path / name, dt.datetime.now(dt.UTC).date())
        return TestClient(program("service").make_app(tmp_path))

    def given(self, **more):
        day = dt.datetime.now(dt.UTC).date().isoformat()
        return {
            "subject": "reply-hours",
            "value": 8,
            "unit": "hour",
            "at": day,
            "by": "head-of-support",
            **more,
        }

    def test_a_check_in_is_an_observation_and_an_entry_of_its_tenant_alone(self, client):
        before = client.get("/beta/score").json()
        assert (
            client.post("/acme/check-ins", json=self.given(text="better", confidence=0.8)).status_code == 201
        )
        rows = {row["id"]: row for row in client.get("/acme/score").json()["key_results"]}
        assert rows["reply-hours"]["value"] == 8
        assert client.get("/beta/score").json() == before
        assert "8 hour" in client.get("/acme/goals/reply-hours").json()["sentence"]
        assert isinstance(client.get("/acme/findings").json(), list)

    @pytest.mark.parametrize(
        "wrong", [{"subject": "reply-hour"}, {"unit": "EUR"}, {"unit": "xyz"}, {"confidence": 7}]
    )
    def test_what_does_not_fit_is_told_and_nothing_is_written(self, client, wrong):
        before = client.get("/acme/score").json()
        answer = client.post("/acme/check-ins", json=self.given(**wrong))
        assert answer.status_code == 422
        assert answer.json()["problems"][0]["message"]
        assert client.get("/acme/score").json() == before

    def test_a_number_is_taken_only_where_something_reads_it(self, client, tmp_path):
        (tmp_path / "acme/okrs/b.okr.yaml").write_text(MORE, "utf-8")
        taken = {
            "reply-hours",
            "solved-at-once",
            "first-answer-share",
            "answers-used",
            "first-answers",
            "tickets",
        }
        declared = [one.id for one in okr.load(tmp_path / "acme/okrs")]
        assert taken < {*declared}
        for name in [*declared, "launch#docs", "launch#dosc", "nobody"]:
            answer = client.post("/acme/check-ins", json=self.given(subject=name, value=1, unit=""))
            wanted = 201 if name in taken or name == "launch#docs" else 422
            assert (name, answer.status_code) == (name, wanted), answer.text

    def test_nobody_else_is_served(self, client):
        for name in ("nobody", "..", "acme%2f..%2fbeta"):
            assert client.get(f"/{name}/score").status_code == 404

    def test_many_threads_lose_nothing(self, client):
        days = [dt.datetime.now(dt.UTC).date() - dt.timedelta(days=day) for day in range(24)]
        with ThreadPoolExecutor(8) as pool:
            answers = list(
                pool.map(
                    lambda day: client.post("/acme/check-ins", json=self.given(at=day.isoformat(), value=9)),
                    days,
                )
            )
        assert {answer.status_code for answer in answers} == {201}
        sizes = [int(answer.json()["observations"].partition(":")[0]) for answer in answers]
        assert max(sizes) == 18 + len(days)


class TestWeeklyMail:
    def test_each_owner_is_told_what_changed_and_nobody_else(self, tmp_path, capsys):
        tenant(tmp_path)
        (tmp_path / "addresses.toml").write_text('head-of-support = "head@example.com"\n', "utf-8")
        mail = program("weekly_mail")
        portfolio = okr.load(tmp_path / "okrs")
        with okr.Ledger.open(tmp_path / "facts.ledger") as ledger:
            ledger.append([okr.Observation("reply-hours", TODAY, 30, unit="hour")])
            found = list(mail.changes(portfolio, ledger, TODAY))
            then, now = (
                okr.evaluate(portfolio, ledger.history, as_of=day, known_at=day)
                for day in (TODAY - dt.timedelta(days=7), TODAY)
            )
        before, after = mail.statuses(then), mail.statuses(now)
        assert {one.id for one in found} == {name for name in after if before.get(name) != after[name]}
        assert found
        arguments = [str(tmp_path / name) for name in ("okrs", "facts.ledger", "addresses.toml")]
        assert mail.main([*arguments, "--as-of", TODAY.isoformat()]) == 0
        message = message_from_string(capsys.readouterr().out)
        assert message["To"] == "head@example.com"
        assert all(one.id in message.get_payload(decode=True).decode() for one in found)
        (tmp_path / "addresses.toml").write_text("", "utf-8")
        assert mail.main([*arguments, "--as-of", TODAY.isoformat()]) == 0
        assert capsys.readouterr().out.strip() == ""


@pytest.mark.filterwarnings("ignore")
def test_the_notebook_runs(tmp_path):
    why = "the notebook needs nbclient, ipykernel and pandas"
    nbformat, nbclient = (pytest.importorskip(name, reason=why) for name in ("nbformat", "nbclient"))
    for name in ("ipykernel", "pandas"):
        pytest.importorskip(name, reason=why)
    notebook = nbformat.read(PROGRAMS / "where_do_we_stand.ipynb", as_version=4)
    assert not any(cell.get("outputs") for cell in notebook.cells)
    resources = {"metadata": {"path": str(tmp_path)}}
    nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3", resources=resources).execute()
    text = json.dumps([cell.get("outputs") for cell in notebook.cells])
    assert "solved-at-once" in text
    assert "health" in text


class TestLogs:
    def test_it_is_silent_unless_somebody_listens(self, tmp_path):
        tenant(tmp_path)
        code = (
            "import okrcore as okr, sys, pathlib\n"
            "folder = pathlib.Path(sys.argv[1]); p = okr.load(folder / 'okrs')\n"
            "with okr.Ledger.open(folder / 'facts.ledger') as l:\n"
            "    l.append([okr.Observation('reply-hours', '2026-03-01', 7)])\n"
            "    okr.check(p, l.history, as_of='2026-03-02')\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path)], capture_output=True, check=True, text=True
        )
        assert (done.stdout, done.stderr) == ("", "")

    def test_whoever_listens_hears_what_was_read_asked_and_written(self, tmp_path, caplog):
        with caplog.at_level(logging.DEBUG, "okrcore"):
            tenant(tmp_path)
            portfolio = okr.load(tmp_path / "okrs")
            okr.check(portfolio, as_of=TODAY, select=["OKR101"])
        heard = {record.name for record in caplog.records}
        assert {"okrcore.ledger.ledger", "okrcore.documents.loading", "okrcore.governance.checking"} <= heard
        assert "18 observations, 0 entries and 0 versions added" in caplog.text


class TestProgress:
    def test_it_counts_to_the_end(self, tmp_path):
        portfolio = okr.loads(first_portfolio(TODAY)["portfolio.okr.yaml"])
        calls = []
        okr.check(portfolio, as_of=TODAY, select=["OKR1"], progress=lambda *done: calls.append(done))
        count = calls[-1][1]
        assert calls == [(n, count) for n in range(1, count + 1)]
        calls.clear()
        days = okr.weekly("2026-02-01", "2026-03-01")
        okr.evaluate_many(portfolio, okr.History.of(), as_of=days, progress=lambda *done: calls.append(done))
        assert calls == [(n, len(days)) for n in range(1, len(days) + 1)]
