"""DMN decision tables are read as what they say, or refused with the place: nothing else is ever fetched."""

import datetime as dt
import re
import sys
import time
from xml.sax.saxutils import escape, quoteattr

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import okrcore as okr
from okrcore import DocumentError, MissingExtraError, compare_tables, verify_table
from okrcore.adapters.dmn.decision_table import VERSIONS, read_dmn
from okrcore.errors import TableError
from okrcore.priorities import decide_table, table_hash
from tests.support.table_models import models

NAMESPACE = "https://www.omg.org/spec/DMN/20191111/MODEL/"
TYPES = {"duration": "dayTimeDuration", "enumeration": "string"}


def tag(name, inner, /, **attributes):
    """Return an element."""
    given = "".join(f" {key}={quoteattr(str(value))}" for key, value in attributes.items() if value)
    return f"<{name}{given}>{inner}</{name}>"


def text(name, feel):
    """Return an element that holds an expression, "" for None."""
    return "" if feel is None else tag(name, tag("text", escape(feel)))


def one_input(name, type="string", values=None, label=None):
    """Return an input."""
    asked = tag("inputExpression", tag("text", escape(name)) if name else "", typeRef=type)
    return tag("input", asked + text("inputValues", values), label=label)


def one_output(name=None, values=None, default=None):
    """Return an output."""
    return tag("output", text("outputValues", values) + text("defaultOutputEntry", default), name=name)


def one_rule(cells, outs, id=None, more="", label=None):
    """Return a rule."""
    cells = "".join(text("inputEntry", cell) for cell in cells)
    return tag("rule", more + cells + "".join(text("outputEntry", out) for out in outs), id=id, label=label)


def one_decision(*parts, id="d", name=None, **table):
    """Return a decision with a table."""
    return tag("decision", tag("decisionTable", "".join(parts), **table), id=id, name=name)


def document(*decisions, namespace=NAMESPACE, head='<?xml version="1.0" encoding="UTF-8"?>\n'):
    """Return a whole file."""
    return head + tag("definitions", "\n".join(decisions), xmlns=namespace, name="n")


def table_in(*parts, **table):
    """Return a file with one table."""
    return document(one_decision(*parts, **table))


@pytest.fixture
def read(tmp_path):
    """Return what reads a text or bytes from a file."""

    def reads(data, *given, **more):
        path = tmp_path / "table.dmn"
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return read_dmn(path, *given, **more)

    return reads


def faults(read, data, *given, **more):
    """Return (line, message) of each fault."""
    with pytest.raises(DocumentError) as caught:
        read(data, *given, **more)
    assert all(problem.file.endswith("table.dmn") for problem in caught.value.problems)
    assert all((problem.line is None) == (problem.column is None) for problem in caught.value.problems)
    return [(problem.line, problem.message) for problem in caught.value.problems]


def feel(kind, cell):
    """Return a cell of the models as FEEL spells it."""
    if kind == "enumeration":
        return re.sub(r"\b([a-g])\b", r'"\1"', cell)
    if kind == "date":
        return re.sub(r"\d{4}-\d\d-\d\d", r'date("\g<0>")', cell)
    return re.sub(r"(\d+)h", r'duration("PT\1H")', cell) if kind == "duration" else cell


def written(table):
    """Return a table without guardrails and overrides as DMN."""

    def input_of(column):
        if column.kind == "enumeration":
            return one_input(column.name, "string", ", ".join(f'"{label}"' for label in column.values))
        ends = "-" if column.low is None else f"[{column.low}..{column.high}]"
        return one_input(column.name, TYPES.get(column.kind, column.kind), feel(column.kind, ends))

    ranked = ", ".join(f'"{winner}"' for winner in table.ranking) or None
    default = table.default and f'"{table.default.winner}"'
    rules = [
        one_rule(
            [feel(column.kind, rule.when.get(column.name, "-")) for column in table.columns],
            [f'"{rule.then.winner}"'],
            rule.id,
        )
        for rule in table.rules
    ]
    inputs = [input_of(column) for column in table.columns]
    return table_in(*inputs, one_output(None, ranked, default), *rules, hitPolicy=table.hit_policy)


def asked(table, inputs):
    """Return the ruling, or what is said where rules clash."""
    try:
        return decide_table(table, inputs)
    except TableError as error:
        return str(error)


def proof(table):
    """Return what a proof found, but for the words, which quote cells as they are spelled."""
    return [(one.kind, one.rules, one.region, one.error) for one in verify_table(table).findings]


POLICIES = ("UNIQUE", "ANY", "FIRST", "PRIORITY", "RULE ORDER")


@settings(deadline=None)
@given(st.data())
def test_a_table_written_as_dmn_and_read_back_is_the_same_table(tmp_path_factory, data):
    """S14.5: tables brought from elsewhere decide as they did; the proof of them is the same."""
    model = data.draw(models(guarded=False, total=data.draw(st.booleans()), policies=POLICIES))
    table = attrs.evolve(model.table, overrides=())
    path = tmp_path_factory.mktemp("dmn") / "a.dmn"
    path.write_text(written(table), encoding="utf-8")
    found = read_dmn(path)
    assert table_hash(found) == table_hash(table)
    assert proof(found) == proof(table)
    for point in data.draw(st.lists(st.sampled_from(model.points()), max_size=20)):
        assert asked(found, model.inputs(point)) == asked(table, model.inputs(point))


def test_every_version_of_dmn_is_read(read):
    rule = one_rule(["-"], ['"kpi"'])
    for namespace in VERSIONS:
        data = document(one_decision(one_input("a"), one_output(), rule), namespace=namespace)
        assert read(data).rules[0].then.winner == "kpi"
    [(line, message)] = faults(read, document(namespace="https://www.omg.org/spec/BPMN/20100524/MODEL"))
    assert line == 2
    assert "BPMN" in message
    assert "DMN 1.1 to 1.5" in message


def test_a_prefix_is_as_good_as_none(read):
    data = table_in(one_input("a"), one_output(), one_rule(['"x"'], ['"kpi"'], id="R"))
    plain = read(data)
    prefixed = re.sub(r"<(/?)(\w)", r"<\1dmn:\2", data).replace("xmlns=", "xmlns:dmn=")
    assert table_hash(read(prefixed)) == table_hash(plain)
    foreign = data.replace("<rule ", '<rule xmlns:x="urn:x" x:id="no" ').replace("</rule>", "<x/></rule>")
    assert table_hash(read(foreign.replace("<x/>", '<y xmlns="urn:y"/>'))) == table_hash(plain)


KINDS = [
    ("number", "[.5..2), >= 10", {0.5, 1.9, 10, 11}, {0.4, 2, 9.9}),
    ("integer", "< 3", {2, -5}, {3, 4}),
    ("double", "1e2", {100}, {99}),
    ("date", '>= date("2026-01-31")', {dt.date(2026, 1, 31)}, {dt.date(2026, 1, 30)}),
    ("date", 'not(@"2026-01-31")', {dt.date(2026, 1, 30)}, {dt.date(2026, 1, 31)}),
    ("dayTimeDuration", 'duration("P1DT12H")', {"36h"}, {"1d"}),
    ("feel:days and time duration", '<= @"-PT1.5S"', {dt.timedelta(seconds=-2)}, {"0h"}),
    ("boolean", "true", {True}, {False}),
    ("boolean", "not(true)", {False}, {True}),
    ("string", '"a", "b c"', {"a", "b c"}, {"(any other)"}),
    ("string", 'not("say \\"x\\"", "\\u00e4")', {"(any other)"}, {'say "x"', "ä"}),
    ("string", '"n\\n", "a,b"', {"n\n", "a,b"}, {"(any other)"}),
    ("string", "", {"(any other)"}, set()),
]


@pytest.mark.parametrize(("type", "cell", "inside", "outside"), KINDS)
def test_cells_of_every_type(read, type, cell, inside, outside):
    """S14.1: dates, durations, numbers, texts, yes or no, as FEEL spells them."""
    table = read(
        table_in(one_input("c", type), one_output(), one_rule([cell], ['"hit"'], "R"), hitPolicy="ANY")
    )
    assert not verify_table(table).problems
    for value in inside:
        assert decide_table(table, {"c": value}).winner == "hit"
    for value in outside:
        ruling = decide_table(table, {"c": value})
        assert (ruling.winner, ruling.missing) == (None, ())


DOMAINS = [
    ("integer", "[0..366]", {"low": 0, "high": 366}),
    ("number", ">= 0.5", {"low": 0.5, "high": None}),
    ("number", "<= -1", {"low": None, "high": -1}),
    ("number", "1, 2.5", {"values": (1, 2.5), "kind": "number"}),
    ("date", '[date("2026-01-01")..date("2026-12-31")]', {"low": dt.date(2026, 1, 1), "kind": "date"}),
    ("dayTimeDuration", '<= duration("P2D")', {"high": "P2D", "kind": "duration"}),
    ("string", '"b", "a"', {"values": ("b", "a"), "kind": "enumeration"}),
    ("boolean", None, {"values": ("false", "true")}),
]


@pytest.mark.parametrize(("type", "values", "wanted"), DOMAINS)
def test_input_values_are_the_domain(read, type, values, wanted):
    """S14.1: a column's domain is what the table says that an input can hold."""
    table = read(table_in(one_input("c", type, values), one_output(), one_rule(["-"], ["1"])))
    assert {name: getattr(table.columns[0], name) for name in wanted} == wanted
    assert not verify_table(table).problems


def test_an_item_definition_gives_type_and_values(read):
    definitions = [
        tag("itemDefinition", tag("typeRef", "tLevel"), name="tOuter"),
        tag("itemDefinition", tag("typeRef", "string") + text("allowedValues", '"hi", "lo"'), name="tLevel"),
        tag("itemDefinition", tag("typeRef", "tLoop"), name="tLoop"),
    ]

    def reads(type):
        return read(
            document(*definitions, one_decision(one_input("c", type), one_output(), one_rule(["-"], ["1"])))
        )

    assert reads("tOuter").columns[0].values == ("hi", "lo")
    with pytest.raises(DocumentError, match="has type 'tLoop'"):
        reads("tLoop")


def test_a_text_column_without_values_shows_its_gap(read):
    """S14.3: what no cell names is a gap, not silently nothing."""
    rules = [one_rule(['"a"'], ['"kpi"'], "P1"), one_rule(['"(any other)"'], ['"kpi"'], "P2")]
    table = read(table_in(one_input("c"), one_output(), *rules))
    assert table.columns[0].values == ("a", "(any other)", "((any other))")
    assert [dict(gap.witness) for gap in verify_table(table).gaps] == [{"c": "((any other))"}]


def test_several_outputs(read):
    """The winner is named; why comes from an output, else from a description or annotations."""
    outputs = [one_output("Why"), one_output("winner", None, '"objective"')]
    more = tag("description", " Safety\n first ")
    notes = tag("annotationEntry", tag("text", "one")) + tag("annotationEntry", tag("text", "two"))
    rules = [
        one_rule(["true"], ['"because"', '"kpi"'], more=more),
        one_rule(["false"], ["", '"objective"'], more=more + notes),
    ]
    table = read(table_in(one_input("c", "boolean"), *outputs, *rules))
    assert [rule.then.why for rule in table.rules] == ["because", "Safety\n first; one; two"]
    assert table.default == okr.Outcome(winner="objective")
    data = table_in(
        one_input("c"), one_output("Status"), one_output("Rate"), one_rule(["-"], ['"yes"', "98.50"])
    )
    assert read(data, winner="Rate").rules[0].then == okr.Outcome(winner="98.50")
    assert "outputs Status, Rate" in faults(read, data)[0][1]
    assert "name one of Status, Rate" in faults(read, data, winner="rate")[0][1]
    [(_, message)] = faults(read, data.replace("Status", "winner"))
    assert message == "output 'Rate' has no place in a priority table; give winner= to leave it out"


@pytest.mark.parametrize(
    ("policy", "adds", "winner"),
    [("COLLECT", "SUM", "30"), ("COLLECT", "MIN", "10"), ("COLLECT", "COUNT", "2"), ("RULE ORDER", "", "20")],
)
def test_hit_policies(read, policy, adds, winner):
    """S14.5: the hit policies of DMN, spelled as DMN spells them."""
    rules = [one_rule([">1"], ["20"]), one_rule([">2"], ["10"])]
    data = table_in(one_input("n", "number"), one_output(), *rules, hitPolicy=policy, aggregation=adds)
    assert decide_table(read(data), {"n": 3}).winner == winner


def test_output_values_rank(read):
    rules = [one_rule(["-"], ['"low"']), one_rule(["> 5"], ['"high"'])]
    data = table_in(one_input("n", "number"), one_output(None, '"high", "low"'), *rules, hitPolicy="PRIORITY")
    assert read(data).ranking == ("high", "low")
    assert decide_table(read(data), {"n": 6}).winner == "high"


def test_rules_have_ids_of_their_own(read):
    given = [("a", None), ("a-2", None), ("a", None), (None, "L"), (None, None), ("a-2", None)]
    cells = [str(number) for number in range(len(given))]
    rules = [
        one_rule([cell], ["1"], name, label=label) for cell, (name, label) in zip(cells, given, strict=True)
    ]
    table = read(table_in(one_input("n", "number"), one_output(), *rules))
    assert [rule.id for rule in table.rules] == ["a", "a-2", "a-3", "L", "rule-5", "a-2-2"]


def test_one_of_several_tables(read):
    rule = one_rule(["-"], ["1"])
    parts = one_input("n", "number"), one_output(), rule
    data = document(one_decision(*parts, id="d1", name="First"), one_decision(*parts, id="d2", name="First"))
    assert read(data, "d2") == read(data, "d1")
    assert "decision= one of d1, d2" in faults(read, data)[0][1]
    assert "has more than one decision table 'First'" in faults(read, data, "First")[0][1]
    assert "has no decision table 'd3'; name one of d1, d2" in faults(read, data, "d3")[0][1]
    assert "no decision in it" in faults(read, document(tag("decision", "", id="d")))[0][1]


BAD_CELLS = [
    ("number", "Age + 1"),
    ("number", "> limit"),
    ("number", '"5"'),
    ("number", "count(x) > 3"),
    ("number", "? > 5"),
    ("number", "null"),
    ("number", "not(not(5))"),
    ("number", "[1..5"),
    ("number", "9" * 101),
    ("number", "1" * 5000),
    ("integer", "5,"),
    ("string", "gold"),
    ("string", '< "a"'),
    ("string", '"a'),
    ("string", '"\\ud800"'),
    ("string", '"\\U110000"'),
    ("string", 'upper case("a")'),
    ("boolean", "TRUE"),
    ("date", "2026-01-01"),
    ("date", 'date("2026-02-30")'),
    ("date", 'date(2026, 1, 1)'),
    ("date", '@"2026-01-01")'),
    ("date", "today()"),
    ("dayTimeDuration", 'duration("P1Y")'),
    ("dayTimeDuration", 'duration("P")'),
]  # fmt: skip


@pytest.mark.parametrize(("type", "cell"), BAD_CELLS)
def test_what_would_have_to_be_computed_is_refused_at_its_place(read, type, cell):
    """S0.3, S0.4: the cell, the fault, the remedy, with line and column."""
    data = table_in(
        one_input("c", type), one_output(), one_rule(["-"], ["1"]), "\n\n  ", one_rule([cell], ["2"])
    )
    with pytest.raises(DocumentError) as caught:
        read(data)
    [problem] = caught.value.problems
    assert problem.line == 4
    assert problem.column == data.splitlines()[3].index("<inputEntry>") + 1
    assert len(problem.message) < 300
    assert re.search("; (write|close)", problem.message)


def test_all_faults_are_told_at_once(read):
    """S0.4: many problems at once, each with its line."""
    data = table_in(
        "\n", one_input("a", "time"), "\n", one_input("b", "number", "(0..5)"), "\n", one_input("", None),
        "\n", one_output(), "\n", one_rule(["-", "-", "-"], ["x + 1"]), "\n", one_rule(["-"], []),
        hitPolicy="SOMETIMES",
    )  # fmt: skip
    found = faults(read, data)
    assert [line for line, _ in found] == [2, 3, 4, 5, 5, 7, 8, 8]
    for word in ("SOMETIMES", "'time'", "[a..b]", "name it", "no type", "no literal", "0 output entries"):
        assert any(word in message for _, message in found), word


def test_a_label_that_the_values_do_not_list(read):
    data = table_in(one_input("c", "string", '"a"'), one_output(), "\n", one_rule(['"a", "b"'], ["1"]))
    assert faults(read, data) == [(3, "names 'b', which the values of 'c' do not; add it there")]


def test_two_inputs_of_one_name(read):
    data = table_in(one_input("c"), one_input("c"), one_output(), one_rule(["-", "-"], ["1"]))
    assert "named twice" in faults(read, data)[0][1]


TABLE = table_in(one_input("c"), one_output(), one_rule(["-"], ['"kpi"']))
BOMB = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))


def head(doctype):
    """Return a table under a document type, whose cell uses the entity a."""
    return TABLE.replace("<definitions", f"{doctype}<definitions", 1).replace('"kpi"', '"&a;"')


def with_cell(cell):
    """Return the table with another cell."""
    return TABLE.replace(">-<", f">{cell}<")


LAUGHS = f'<!DOCTYPE x [<!ENTITY a0 "ha">{BOMB}<!ENTITY a "&a11;">]>'
BLOWUP = f'<!DOCTYPE x [<!ENTITY a "{"x" * 100_000}">]>'
MANY = " ".join(f"b{n}='x'" for n in range(300_000))
HOSTILE = {
    "a billion laughs": (lambda: head(LAUGHS), "document type"),
    "quadratic blowup": (lambda: head(BLOWUP).replace("&a;", "&a;" * 9_000), "document type"),
    "a local file": (lambda: head('<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'), "document type"),
    "an external DTD": (lambda: head('<!DOCTYPE x SYSTEM "http://localhost:1/x.dtd">'), "document type"),
    "a parameter": (lambda: head('<!DOCTYPE x [<!ENTITY % p SYSTEM "/etc/passwd"> %p;]>'), "document type"),
    "an unknown entity": (lambda: head(""), "undefined entity"),
    "deep nesting": (lambda: document("<a>" * 200_000), "nested deeper than 64"),
    "many elements": (lambda: document("<a/>" * 400_000), "more than 300000 elements"),
    "a large file": (lambda: document(f"<!--{'x' * 17_000_000}-->"), "more than max_bytes 16000000"),
    "a long attribute": (lambda: document(f"<a b='{'x' * 9_000_000}'/>"), "no decision in it"),
    "many attributes": (lambda: document(f"<a {MANY}/>"), "no decision in it"),
    "a long namespace": (lambda: document(namespace="urn:" + "x" * 1_000_000), "of namespace 'urn:xxx"),
    "no end": (lambda: TABLE[:-20], "not XML"),
    "two roots": (lambda: TABLE + "<a/>", "not XML"),
    "no XML": (lambda: "okrcore: 1\n", "not XML"),
    "nothing": (lambda: "", "not XML"),
    "a null": (lambda: TABLE.replace("kpi", "k\x00pi"), "not XML"),
    "other XML": (lambda: "<html><body/></html>", "the root is <html>"),
    "an unknown encoding": (lambda: TABLE.replace("UTF-8", "x-none"), "encoding"),
    "an encoding of many bytes": (lambda: TABLE.replace("UTF-8", "shift_jis"), "encoding"),
    "half a character": (lambda: TABLE.encode().replace(b"kpi", b"\xff"), "not XML"),
    "a cell of quotes": (lambda: with_cell('"' * 4_001), "never closes"),
    "a cell of commas": (lambda: with_cell('"a",' * 1_000), "beside a comma"),
    "a cell of dots": (lambda: with_cell("[" + ".." * 2_000).replace("string", "number"), "is not read"),
    "a long cell": (lambda: with_cell("x" * 9_000_000), "has 9000000 characters; write 4096 or fewer"),
    "many bad cells": (
        lambda: table_in(one_input("c"), one_output(), one_rule(["x"], ["1"]) * 40_000),
        "40000 problems",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_end_soon_in_a_clear_error(read, name):
    """Issue 5: XML bombs and the like, a clear error in bounded time."""
    make, message = HOSTILE[name]
    data = make()
    start = time.perf_counter()
    with pytest.raises(DocumentError, match=message) as caught:
        read(data)
    assert time.perf_counter() - start < 20
    assert all(len(problem.message) < 400 for problem in caught.value.problems)
    assert "root:" not in str(caught.value)


SNIPPETS = ["", "<", ">", "&", "&#0;", '"', "not(", "]]>", "<text>", "é", "-", "/>", " name='x'"]


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_a_mutated_file_is_read_or_tells_its_places(tmp_path_factory, data):
    """S0.3: nothing but a table or a DocumentError comes out."""
    parts = [one_input("c"), one_input("n", "number", "[0..9]"), one_output("winner", '"kpi"', '"kpi"')]
    found = table_in(*parts, one_rule(['"a"', "< 3"], ['"kpi"'], "R"), hitPolicy="FIRST")
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(found)))
        end = min(len(found), start + data.draw(st.integers(0, 30)))
        middle = data.draw(
            st.sampled_from(
                ["", "<", ">", "&", "&#0;", '"', "not(", "]]>", "<text>", "é", "-", found[start:end] * 2]
            )
        )
        found = found[:start] + middle + found[end:]
    path = tmp_path_factory.mktemp("dmn") / "a.dmn"
    path.write_text(found, encoding="utf-8")
    problems = []
    try:
        verify_table(read_dmn(path))
    except DocumentError as error:
        problems = error.problems
    assert all(problem.line and problem.column for problem in problems)


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "utf-8-sig", "cp1252", "iso8859-15"])
def test_declared_encodings(read, encoding):
    data = TABLE.replace("kpi", "größe").replace("UTF-8", encoding.replace("-sig", ""))
    assert read(data.encode(encoding)).rules[0].then.winner == "größe"


def test_a_file_that_is_not_there(tmp_path):
    for path in (tmp_path / "none.dmn", tmp_path, "a\x00b.dmn"):
        with pytest.raises(DocumentError, match="check the path"):
            read_dmn(path)


def test_without_defusedxml(read, monkeypatch):
    monkeypatch.setitem(sys.modules, "defusedxml.common", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'okrcore\[dmn\]'"):
        read(TABLE)


def test_thousands_of_rules_load_and_are_proved_or_too_large_in_seconds(read):
    """Issue 5: thousand-rule tables in bounded time."""
    inputs = [one_input("n", "integer", "[0..99999]"), one_input("level")]
    rules = [one_rule([f"[{n * 20}..{n * 20 + 19}]", "-"], ['"kpi"']) for n in range(5_000)]
    start = time.perf_counter()
    table = read(table_in(*inputs, one_output(), *rules))
    assert len(table.rules) == 5_000
    report = verify_table(table)
    assert time.perf_counter() - start < 60
    assert report.ok or [problem.kind for problem in report.problems] == ["size"]


def test_a_new_version_is_compared_with_the_table_that_it_replaces(read):
    """S14.3: what changes between a table of ours and one from a DMN tool, exactly."""
    old = okr.PriorityTable(
        columns=[okr.priorities.Column(name="days_left", kind="integer", low=0, high=366)],
        rules=[okr.PriorityRule(id="P1", when={"days_left": "< 30"}, then=okr.Outcome(winner="objective"))],
        default=okr.Outcome(winner="kpi"),
    )
    output = one_output("winner", None, '"kpi"')
    new = read(
        table_in(one_input("days_left", "integer", "[0..366]"), output, one_rule(["< 45"], ['"objective"']))
    )
    [difference] = compare_tables(old, new)
    assert str(difference) == "days_left: [30..44]: kpi by default -> objective by rule-1"
