"""`okrcore ripple` through `main`: what it prints, and how it ends."""

from __future__ import annotations

import json

import okrcore as okr
from okrcore.surfaces.cli.main import main

DOCUMENT = """\
okrcore: 1
teams: [{id: platform}, {id: sales}]
initiatives:
  - {id: sso, title: Single sign-on, team: platform}
  - {id: pilots, title: Pilots, team: sales}
milestones:
  - {id: sign-on, initiative: sso, title: Sign-on live, due: 2026-03-06}
  - {id: first-pilot, initiative: pilots, title: First pilot, start: 2026-03-09, due: 2026-03-27,
     after: [{milestone: sign-on, lag_days: 1, working: true}]}
"""


def run(capsys, folder, *argv):
    (folder / "goals.okr.yaml").write_text(DOCUMENT, "utf-8")
    code = main(["ripple", str(folder / "goals.okr.yaml"), *argv])
    return code, *capsys.readouterr()


def test_text_says_what_the_library_says(capsys, tmp_path):
    journal = tmp_path / "journal.json"
    entry = {"kind": "notice", "subject": "sign-on", "by": "lead", "at": "2026-03-07", "team": "sales"}
    journal.write_text(json.dumps([entry]), "utf-8")
    code, out, err = run(capsys, tmp_path, "--as-of", "2026-03-10", "--journal", str(journal))
    found = okr.ripple(okr.loads(DOCUMENT), as_of="2026-03-10", journal=okr.Journal.of([okr.Entry(**entry)]))
    assert (code, err) == (0, "")
    assert out == f"{found}\n"
    assert "first-pilot: 2 days late, expected 2026-03-29" in out
    assert "sign-on > sales: notice met by lead on 2026-03-07; mitigation overdue" in out


def test_json_is_the_public_form(capsys, tmp_path):
    code, out, _ = run(capsys, tmp_path, "--as-of", "2026-03-01", "--slip", "sign-on=4", "--format", "json")
    found = okr.ripple(okr.loads(DOCUMENT), as_of="2026-03-01", slips={"sign-on": 4})
    assert code == 0
    assert json.loads(out) == okr.to_dict(found)
    assert [(one["subject"], one["delay_days"]) for one in json.loads(out)["impacts"]] == [
        ("sign-on", 4.0),
        ("first-pilot", 2.0),
    ]


def test_a_slip_of_nothing_is_told(capsys, tmp_path):
    code, out, err = run(capsys, tmp_path, "--as-of", "2026-03-01", "--slip", "sign-off=4")
    assert (code, out) == (2, "")
    assert "did you mean 'sign-on'" in err
    code, _, err = run(capsys, tmp_path, "--as-of", "2026-03-01", "--slip", "sign-on")
    assert (code, "must be ID=DAYS" in err) == (2, True)
    code, out, _ = run(capsys, tmp_path, "--as-of", "2026-03-01")
    assert (code, out) == (0, "As of 2026-03-01 no milestone is late, and no slip is given.\n")


def test_actions_in_text_and_json(capsys, tmp_path):
    journal = tmp_path / "journal.json"
    entry = {"kind": "check-in", "subject": "sign-on", "by": "lead", "at": "2026-03-01"}
    journal.write_text(json.dumps([entry]), "utf-8")
    (tmp_path / "goals.okr.yaml").write_text(DOCUMENT, "utf-8")
    asked = [str(tmp_path / "goals.okr.yaml"), "--as-of", "2026-03-12", "--journal", str(journal)]
    assert main(["actions", *asked]) == 0
    out = capsys.readouterr().out
    assert out.startswith("2 answers owed, 2 overdue.\n\nOverdue (2)\n")
    assert "notice: Tell sales that sign-on is late. nobody, 3 d overdue" in " ".join(out.split())
    assert main(["actions", *asked, "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    found = okr.actions(
        okr.loads(DOCUMENT),
        okr.History.of(),
        as_of="2026-03-12",
        journal=okr.Journal.of([okr.Entry(**entry)]),
    )
    assert told["actions"] == okr.to_dict(found)
    assert main(["actions", *asked, "--owner", "somebody"]) == 0
    assert capsys.readouterr().out == "Nobody owes an answer.\n"
