"""okrcore lsp, asked by a client over standard input and output; and what it is made of, by laws."""

import datetime as dt
import re
import sys

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import okrcore as okr
from okrcore.definitions.portfolio import KINDS
from okrcore.definitions.references import references
from okrcore.definitions.renaming import NAMING
from okrcore.documents import dumps
from okrcore.documents.loading import FORMATS
from okrcore.governance.pages import PAGES
from okrcore.surfaces.cli.first_portfolio import first_portfolio
from okrcore.surfaces.cli.main import main
from okrcore.surfaces.lsp.document_outline import outlined
from okrcore.surfaces.lsp.editing_session import EditingSession
from okrcore.surfaces.lsp.reference_fields import FIELDS, wanted
from okrcore.surfaces.lsp.text_positions import TextLines
from tests.support.json_rpc import Client

DAY = "2026-06-30"
DOCUMENT = """\
okrcore: 1
cycles: [{id: "2026", start: 2026-01-01, end: 2026-12-31}]
owners: [{id: ceo, kind: role}]
objectives:
  - id: growth
    title: Größer 🚀 werden
    owner: ceo
    cycle: "2026"
  - id: rest  # okr: ignore OKR101 until 2026-12-31, because later
    title: Rest
    owner: ceo
    cycle: "2026"
    key_results:
      - {id: arr, title: ARR, unit: EUR, measure: {target: {start: 100, goal: 200}}}
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "a.okr.yaml").write_text(DOCUMENT, "utf-8")
    (tmp_path / "pyproject.toml").write_text('[tool.okrcore]\nfiles = ["a.okr.yaml"]\nselect = ["OKR101"]\n')
    return tmp_path


def codes(found):
    return [one["code"] for one in found]


def marked(text, found):
    place = found["range"]
    assert place["start"]["line"] == place["end"]["line"]
    line = text.split("\n")[place["start"]["line"]].encode("utf-16-le")
    return line[2 * place["start"]["character"] : 2 * place["end"]["character"]].decode("utf-16-le")


class TestDiagnostics:
    def test_findings_while_typing(self, folder):
        with Client(folder, "--as-of", DAY) as client:
            uri = client.open(folder / "a.okr.yaml")
            first = client.until(uri, len)
            assert codes(first) == ["OKR101", "OKR101"]
            finding, idle = first
            assert marked(DOCUMENT, finding) == "growth"
            assert (finding["severity"], finding["source"]) == (1, "okrcore")
            assert finding["codeDescription"] == {"href": f"{PAGES}/OKR101.md"}
            assert finding["message"].startswith("growth: has no key result")
            assert marked(DOCUMENT, idle).startswith("# okr: ignore OKR101")
            assert (idle["severity"], idle["tags"]) == (2, [1])

            broken = DOCUMENT.replace("owner: ceo\n    cycle", "owner: cfo\n    cycle", 1)
            client.type(uri, broken)
            (fault,) = client.until(uri, lambda found: codes(found) == ["UnknownIdError"])
            assert marked(broken, fault) == "cfo"
            assert fault["message"].startswith("growth.owner: 'cfo' is declared nowhere")

            client.type(uri, DOCUMENT.replace(" # okr: ignore OKR101 until 2026-12-31, because later", ""))
            client.until(uri, lambda found: codes(found) == ["OKR101"])

    def test_what_is_not_saved_counts_and_what_is_closed_is_read_from_its_file(self, folder):
        with Client(folder, "--as-of", DAY) as client:
            uri = client.open(folder / "a.okr.yaml", "okrcore: 1\nteams: [{}]\n")
            (fault,) = client.until(uri, len)
            assert fault["message"].startswith("teams[0]: id is missing")
            client.tell("textDocument/didClose", textDocument={"uri": uri})
            assert codes(client.until(uri, lambda found: len(found) == 2)) == ["OKR101", "OKR101"]

    def test_documents_see_each_other(self, folder):
        (folder / "pyproject.toml").write_text(
            '[tool.okrcore]\nfiles = ["."]\nselect = ["OKR101"]\n', "utf-8"
        )
        (folder / "b.okr.yaml").write_text("okrcore: 1\nowners: [{id: cfo, kind: role}]\n", "utf-8")
        other = DOCUMENT.replace("owner: ceo", "owner: cfo")
        with Client(folder, "--as-of", DAY) as client:
            uri = client.open(folder / "a.okr.yaml", other)
            assert codes(client.until(uri, len)) == ["OKR101", "OKR101"]
            second = client.open(folder / "b.okr.yaml", "okrcore: 1\n")
            assert set(codes(client.until(uri, lambda found: "OKR101" not in codes(found)))) == {
                "UnknownIdError"
            }
            assert client.until(second, lambda found: True) == []

    def test_settings_of_the_editor_stand_before_those_of_the_file(self, folder):
        options = {"select": ["OKR102"], "asOf": DAY, "policy": "strict"}
        with Client(folder, options=options) as client:
            uri = client.open(folder / "a.okr.yaml")
            assert client.until(uri, lambda found: True) == []
            client.tell("workspace/didChangeConfiguration", settings={"okrcore": {"select": ["OKR101"]}})
            assert codes(client.until(uri, len)) == ["OKR101", "OKR101"]
            client.tell("workspace/didChangeConfiguration", settings={"okrcore": {"policy": "unheard of"}})
            assert client.told("unheard of")


class TestAnswers:
    def test_hover_tells_the_score_by_the_history_beside(self, tmp_path):
        texts = first_portfolio(dt.date(2026, 6, 30))
        for name, text in texts.items():
            (tmp_path / name).write_text(text, "utf-8")
        portfolio = okr.load(tmp_path)
        history = okr.read_history(tmp_path / "observations.csv")
        snapshot = okr.evaluate(portfolio, history, as_of=DAY)
        goal = portfolio.key_results[0]
        file = tmp_path / "portfolio.okr.yaml"
        lines = texts[file.name].split("\n")
        row = next(row for row, line in enumerate(lines) if re.search(rf"id: {goal.id}\b", line))
        column = lines[row].index(goal.id)
        with Client(tmp_path, "--as-of", DAY) as client:
            uri = client.open(file)
            for at in (column, column + len(goal.id) - 1):
                told = client.at("hover", uri, row, at)
                assert okr.explain(snapshot, goal.id).text in told["contents"]["value"]
                assert told["range"]["start"] == {"line": row, "character": column}
            assert client.at("hover", uri, 0, 0) is None

    def test_hover_shows_text_as_it_is(self, folder):
        hostile = DOCUMENT.replace("title: Rest", 'title: "```\\n[x](command:rm) <script>"')
        with Client(folder, "--as-of", DAY) as client:
            uri = client.open(folder / "a.okr.yaml", hostile)
            told = client.at("hover", uri, 8, 9)["contents"]["value"]
            fence = re.match("`+", told)[0]
            assert told.endswith(f"\n{fence}")
            assert told.count(fence) == 2

    def test_definition_of_an_id(self, folder):
        (folder / "pyproject.toml").write_text('[tool.okrcore]\nfiles = ["."]\n', "utf-8")
        (folder / "b.okr.toml").write_text(
            'okrcore = 1\n[[teams]]\nid = "north"\n[[teams]]\nid = "east"\nparent = "north"\n'
        )
        with Client(folder, "--as-of", DAY) as client:
            uri = client.open(folder / "a.okr.yaml")
            found = client.at("definition", uri, 6, 12)
            assert (found["uri"], marked(DOCUMENT, found)) == (uri, "ceo")
            assert client.at("definition", uri, 5, 12) is None
            other = client.open(folder / "b.okr.toml")
            found = client.at("definition", other, 5, 11)
            assert (found["uri"], found["range"]["start"]["line"]) == (other, 2)

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
    def test_positions_are_in_the_units_of_the_editor(self, folder, encoding):
        text = DOCUMENT.replace("title: Größer 🚀 werden", "title: Größer 🚀 werden\n    why: 🚀").replace(
            "- {id: arr, title: ARR", '- {title: "Ä🚀", id: arr'
        )
        line = next(row for row, one in enumerate(text.split("\n")) if "id: arr" in one)
        before = text.split("\n")[line].partition("arr")[0]
        sizes = {
            "utf-8": len(before.encode()),
            "utf-16": len(before.encode("utf-16-le")) // 2,
            "utf-32": len(before),
        }
        with Client(folder, "--as-of", DAY, encodings=[encoding]) as client:
            uri = client.open(folder / "a.okr.yaml", text)
            found = client.at("definition", uri, line, sizes[encoding])
            assert found["range"]["start"] == {"line": line, "character": sizes[encoding]}

    def test_completion_where_an_id_is_expected(self, folder):
        with Client(folder, "--as-of", DAY) as client:
            uri = client.open(folder / "a.okr.yaml")
            client.until(uri, len)
            text = (
                DOCUMENT
                + "  - id: more\n    title: More\n    cycle: \n    owner: c\n    contributes_to: [gro\n"
            )
            client.type(uri, text)
            rows = len(DOCUMENT.split("\n")) - 1
            cycle = client.at("completion", uri, rows + 2, 11)
            assert [(one["label"], one["textEdit"]["newText"]) for one in cycle] == [("2026", "2026")]
            (owner,) = client.at("completion", uri, rows + 3, 12)
            assert (owner["label"], marked(text, {"range": owner["textEdit"]["range"]})) == ("ceo", "c")
            goals = client.at("completion", uri, rows + 4, 24)
            assert [(one["label"], one.get("detail")) for one in goals] == [
                ("growth", "Größer 🚀 werden"), ("rest", "Rest"),
            ]  # fmt: skip
            assert client.at("completion", uri, rows + 1, 13) is None

    def test_symbols(self, folder):
        with Client(folder, "--as-of", DAY) as client:
            uri = client.open(folder / "a.okr.yaml")
            found = client.ask("textDocument/documentSymbol", textDocument={"uri": uri})
            assert [one["name"] for one in found] == ["cycles", "owners", "objectives"]
            growth, rest = found[2]["children"]
            assert (growth["name"], growth["detail"]) == ("growth", "Größer 🚀 werden")
            assert [one["name"] for one in rest["children"]] == ["arr"]
            assert marked(DOCUMENT, {"range": growth["selectionRange"]}) == "growth"

            def inside(outer, inner):
                def key(place):
                    return place["line"], place["character"]

                return key(outer["start"]) <= key(inner["start"]) and key(inner["end"]) <= key(outer["end"])

            waiting = list(found)
            while waiting:
                one = waiting.pop()
                assert inside(one["range"], one["selectionRange"])
                assert all(inside(one["range"], below["range"]) for below in one["children"])
                waiting += one["children"]


class TestHostile:
    TEXTS = (
        "",
        "\x00",
        "okrcore: 1\nteams: " + "[" * 5000,
        "okrcore: 1\n" + "a: &a [*a]\n",
        "okrcore: 1\nteams:\n" + "  - {id: a}\n" * 3000,
        "okrcore: 1 # okr: ignore\r\r\n\ud83d",
        "\ufeffokrcore: 1\n\u2028\x85",
        'okrcore: 1\nkpis: [{id: k, title: K, formula: {expression: "' + "(" * 3000 + '"}}]',
        "okrcore: 9999999999999999999999",
        "{" * 100 + "}" * 100,
    )

    def test_nothing_that_is_typed_ends_it(self, folder):
        with Client(folder, "--as-of", DAY) as client:
            uri = client.open(folder / "a.okr.yaml")
            for text in self.TEXTS:
                client.type(uri, text)
                for line, character in ((0, 0), (1, 10), (10**6, 10**6)):
                    for method in ("hover", "definition", "completion"):
                        client.at(method, uri, line, character)
                client.ask("textDocument/documentSymbol", textDocument={"uri": uri})
            client.type(uri, DOCUMENT)
            assert codes(client.until(uri, lambda found: codes(found) == ["OKR101", "OKR101"]))

    def test_nor_what_is_no_message_of_the_protocol(self, folder):
        with Client(folder, "--as-of", DAY, options="text", encodings=[]) as client:
            client.send(b"{")
            client.send(b"[]")
            client.send(b'{"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {}}')
            client.send(b'{"jsonrpc": "2.0", "method": "textDocument/didChange", "params": 7}')
            client.tell("workspace/didChangeConfiguration", settings=["x"])
            client.tell(
                "textDocument/didOpen",
                textDocument={"uri": "untitled:1", "languageId": "yaml", "version": 1, "text": "x"},
            )
            assert client.at("hover", "untitled:1", 0, 0) is None
            assert client.at("hover", "file:///%00", 0, 0) is None
            uri = client.open(folder / "a.okr.yaml")
            assert codes(client.until(uri, len)) == ["OKR101", "OKR101"]

    def test_nor_a_configuration_or_history_that_cannot_be_read(self, folder):
        (folder / "pyproject.toml").write_text("[tool.okrcore\n", "utf-8")
        with Client(folder, "--as-of", DAY) as client:
            uri = client.open(folder / "a.okr.yaml")
            assert client.told("pyproject.toml")
            (folder / "pyproject.toml").write_text(
                '[tool.okrcore]\nfiles = ["a.okr.yaml"]\nhistory = ["gone.csv"]', "utf-8"
            )
            client.tell("textDocument/didSave", textDocument={"uri": uri})
            assert client.told("gone.csv")


class TestLaws:
    @given(st.data())
    def test_every_reference_is_a_place_where_its_id_is_offered(self, data):
        """Whatever is declared, in whatever format: where an id stands, ids of its kind are offered."""
        portfolio = data.draw(okr.testing.portfolios())
        kind = data.draw(st.sampled_from(["yaml", "toml", "json"]))
        named = {name: f"zq{number}x" for number, name in enumerate(one.id for one in portfolio.definitions)}
        portfolio = portfolio.renamed(named)
        portfolio = okr.Portfolio.of(
            *(attrs.evolve(one, formerly=()) if hasattr(one, "formerly") else one for one in portfolio)
        )
        text = dumps(portfolio, kind)
        asked = {}
        for match in re.finditer(r"zq\d+x(?![\w>-])(?<!>zq)", text):
            found = wanted(text, match.start() + 1)
            if found is not None:
                assert text[found.begin :].startswith(match[0][:1])
                asked.setdefault(match[0], set()).update(found.parts)
        for one in portfolio:
            for path, name, _ in references(one):
                if name is not None and path != "objective":
                    part = KINDS[type(portfolio[name])]
                    assert part in asked.get(name, ()), (path, name, text)

    @pytest.mark.parametrize(
        ("text", "parts"),
        [
            ("milestones:\n  - id: m\n    after:\n      - a\n      - ", "milestones"),
            ("milestones:\n  - id: m\n    after:\n    - a\n    - ", "milestones"),
            ("objectives:\n  - id: m\n    contributes_to:\n      - to: ", "objectives"),
            ("objectives:\n  - contributes_to:\n      - ", "objectives"),
            ("kpis:\n  - formula:\n      inputs:\n        a: k\n        b: ", "kpis key_results"),
            ("kpis:\n  - id: m\n    guards: [a,\n      b,\n      ", "objectives"),
            ("initiatives:\n  - id: i\n    demand:\n      - {of: a}\n    owner: ", "owners"),
            ("priorities:\n  rules:\n    - then: {effect: {escalate: {to: ", "owners"),
            ("links:\n  - source: a\n    target: ", "kpis key_results"),
            ("kpis:\n  - id: a\n    target: ", ""),
            ('[kpis.formula.inputs]\na = "', "kpis key_results"),
            ('[[kpis]]\nguards = ["a", "', "objectives"),
            ('{"links": [{"source": "', "initiatives kpis"),
            ("objectives:\n  - id: a\n    owner:\n    cy", ""),
            ("objectives:\n  - id: a\n    title: ", ""),
            ("objectives:\n  - id: a # owner: ", ""),
            ("objectives:\n  - key_results:\n      - measure:\n          checklist:\n            - ", ""),
        ],
    )
    def test_what_is_asked_for_while_it_is_written(self, text, parts):
        found = wanted(text, len(text))
        assert (found.parts if found else ()) == tuple(parts.split())

    def test_every_field_that_holds_ids_is_known(self):
        assert {*FIELDS, "inputs", "winner"} - {"after", "contributes_to"} == NAMING

    @given(st.data())
    def test_the_outline_names_what_is_declared(self, data):
        portfolio = data.draw(okr.testing.portfolios())
        kind = data.draw(st.sampled_from(sorted(set(FORMATS.values()))))
        session = EditingSession(DAY)
        name = f"/nowhere/a.okr.{kind}"
        session.type(name, dumps(portfolio, kind))
        source = session.document(name)
        every = [one for section in outlined(source) for one in section.every() if one.section]
        named = [one.name for one in every if one.section != "tolerances"]  # which often have no id there
        kept = [one.id for one in portfolio.definitions if not isinstance(one, okr.Tolerance)]
        assert sorted(named) == sorted(kept)
        if kind == "yaml":
            for one in every:
                assert source.text[one.begin : one.end]

    @given(st.text("ab\n\r 🚀\"'#:,-", max_size=40), st.data())
    def test_offsets_and_places_go_both_ways(self, text, data):
        lines = TextLines(text)
        for offset in range(len(text) + 1):
            row, column = lines.at(offset)
            assert lines.offset(row, column) <= offset
            if text[offset : offset + 1] not in ("\r", "\n") or not text[:offset].endswith("\r"):
                assert lines.offset(row, column) == offset or "\r" in text
        for row in range(len(lines.all)):
            for word, span in lines.words(row):
                assert lines.all[row][span.begin : span.end] == word

    @given(st.text(max_size=60), st.integers(0, 60))
    def test_whatever_was_written_before_a_place_is_looked_at(self, text, offset):
        found = wanted(text, min(offset, len(text)))
        assert found is None or (found.parts and 0 <= found.begin <= offset)


def test_the_command_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "pygls.lsp.server", None)
    monkeypatch.delitem(sys.modules, "okrcore.surfaces.lsp.language_server", raising=False)
    assert main(["lsp"]) == 2
    assert "pip install 'okrcore[lsp]'" in capsys.readouterr().err
