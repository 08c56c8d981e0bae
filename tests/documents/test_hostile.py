"""Whatever the bytes, reading ends soon, in a portfolio or in an OkrError that says what is wrong."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from okrcore.definitions.portfolio import Portfolio
from okrcore.documents import dumps, from_dict, loads
from okrcore.documents.json_reader import read_json
from okrcore.documents.loading import Format
from okrcore.documents.nodes import Fields, Limits, Node, NodeItems, Scalar, Unreadable
from okrcore.documents.source_text import SourceText, check
from okrcore.documents.toml_reader import read_toml
from okrcore.documents.yaml_reader import read_yaml
from okrcore.errors import DocumentError, OkrError

FORMATS: tuple[Format, ...] = ("yaml", "toml", "json")
MANY = settings(max_examples=300, deadline=None)
DOCUMENT = """\
okrcore: 1  # a comment
units: [pallet]
cycles:
  - {id: c, start: 2026-01-01, end: 2026-12-31}
teams: [{id: a}, {id: b, parent: a, capacity: 1.5e1}]
owners: [{id: lead, kind: role, team: a}]
objectives:
  - id: o
    title: "a \\"quoted\\" title"
    why: |
      two
      lines
    cycle: c
    key_results:
      - {id: k, title: K, unit: pallet/hour, measured_by: q, measure: {target: {start: -1, goal: 2.5}}}
      - {id: l, title: 'it''s', measure: {checklist: [one, {id: two, weight: 2}]}, cadence: weekly}
  - {id: p, title: P, cycle: c, contributes_to: [o, {to: p2, weight: 0}]}
  - {id: p2, title: P, cycle: c}
kpis:
  - {id: q, title: Q, target: {low: 98}, limit: {low: 95}, worst: {low: 90}, incentivised: true}
initiatives: [{id: i, title: I}]
milestones:
  - {id: m, initiative: i, title: M, due: 2026-03-31}
  - {id: n, initiative: i, title: N, due: 2026-06-30, after: [{milestone: m, lag_days: 5}]}
links: [{source: q, target: k, sign: +1, lag: 2w..6w}]
priorities:
  columns: [{name: kpi.zone, values: [healthy, breached]}]
  rules: [{id: R, when: {kpi.zone: breached}, then: {winner: kpi, effect: {freeze: initiative}}}]
  default: {winner: kpi}
"""
DOCUMENTS = {name: dumps(loads(DOCUMENT), name) for name in FORMATS} | {"yaml": DOCUMENT}


def outcome(read: Callable[[], object]) -> object:
    """Return what `read` gives, or the OkrError it raises; anything else is a failure of the test."""
    error: OkrError
    try:
        return read()
    except OkrError as caught:
        error = caught
    assert error.problems
    assert all(problem.message for problem in error.problems)
    assert len(str(error)) < 1000 * (len(error.problems) + 1)
    return error


@pytest.mark.parametrize("format", FORMATS)
@MANY
@given(
    st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass"))
)
@example(b"")
@example(b"\xff\xfeo\x00k\x00")
@example(b"\xef\xbb\xbf")
@example(b"\x00")
def test_any_bytes_end_in_an_error_of_the_library(format: Format, data: bytes) -> None:
    """S0.3: raise what cannot be evaluated; nothing but OkrError comes out."""
    outcome(lambda: loads(data, format))


SNIPPETS = st.sampled_from(
    [
        *(
            "\n",
            "  ",
            "\t",
            "- ",
            ": ",
            "?",
            "{",
            "}",
            "[",
            "]",
            ",",
            "&a ",
            "*a",
            "!!str ",
            "|",
            ">",
            "'",
            '"',
        ),
        *(
            "null",
            "true",
            "1e999",
            "-",
            "+1",
            "0x1f",
            ".5",
            "2026-02-30",
            "\\ud800",
            "\\",
            "\r",
            "\x00",
            "\u2028",
        ),
        *(
            "<<: *a",
            "---\n",
            "id: o",
            '"id": "o",',
            'id = "o"\n',
            "[[teams]]\n",
            "=",
            "9" * 500,
            "\ufeff",
            "é",
        ),
    ]
)


@st.composite
def mutants(draw: st.DrawFn, format: Format) -> str:
    """Valid documents in which a few stretches are cut, doubled or replaced."""
    text = DOCUMENTS[format]
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 30)))
        middle = draw(SNIPPETS | st.just("") | st.just(text[start:end] * 2))
        text = text[:start] + middle + text[end:]
    return text


@pytest.mark.parametrize("format", FORMATS)
@MANY
@given(st.data())
def test_a_mutated_document_loads_or_tells_its_places(format: Format, data: st.DataObject) -> None:
    """S0.4: every problem of a text has the line and column of its own node (TOML: the line)."""
    text = data.draw(mutants(format))
    result = outcome(lambda: loads(text, format))
    if isinstance(result, OkrError):
        last = text.count("\n") + 2
        for problem in result.problems:
            assert problem.line is None or 1 <= problem.line <= last
            assert (problem.column is None) == (problem.line is None or format == "toml")
    else:
        assert isinstance(result, Portfolio)


KEYS = st.sampled_from(
    [
        *(
            "okrcore",
            "units",
            "cycles",
            "objectives",
            "key_results",
            "kpis",
            "links",
            "priorities",
            "id",
            "title",
        ),
        *(
            "cycle",
            "measure",
            "target",
            "band",
            "checklist",
            "start",
            "goal",
            "low",
            "contributes_to",
            "to",
            "plan",
        ),
        *("weight", "when", "rules", "columns", "default", "then", "effect", "milestones", "after", "due"),
    ]
)
TREES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["o", "k", "2026-01-01", "weekly", ""]),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(KEYS | st.text(max_size=3), inner, max_size=5)
    ),
    max_leaves=25,
)


@MANY
@given(st.dictionaries(KEYS, TREES, max_size=6))
def test_any_tree_of_plain_values_loads_or_is_refused(tree: dict[str, Any]) -> None:
    """S0.3 for `from_dict` and for JSON: the same verdict, NaN and infinity aside."""
    document = {**tree, "okrcore": 1}
    direct = outcome(lambda: from_dict(Portfolio, document))
    text = json.dumps(document)
    if "NaN" not in text and "Infinity" not in text:
        read = outcome(lambda: loads(text, "json"))
        assert type(direct) is type(read)
        if isinstance(direct, OkrError) and isinstance(read, OkrError):
            assert sorted(p.message for p in direct.problems) == sorted(p.message for p in read.problems)


def test_what_is_no_plain_tree_is_refused() -> None:
    loop: dict[str, Any] = {"okrcore": 1}
    loop["teams"] = [loop]
    with pytest.raises(DocumentError, match="holds itself"):
        from_dict(Portfolio, loop)
    with pytest.raises(DocumentError, match="a key is 1, but must be text"):
        from_dict(Portfolio, {1: 2})  # type: ignore[dict-item]  # what is refused


def plain(node: Node) -> Any:
    """Return what a node holds, without places."""
    if isinstance(node, Scalar):
        return (node.value, node.plain)
    if isinstance(node, NodeItems):
        return [plain(child) for child in node.items]
    return {key: plain(child) for key, child in node.entries.items()}


@MANY
@given(mutants("yaml"))
@example(DOCUMENT)
def test_both_yaml_parsers_read_the_same(text: str) -> None:
    """Where libyaml and the Python parser both read a text, they give the same nodes and faults."""
    results = []
    for pure in (False, True):
        source = SourceText(text)
        try:
            check(text, Limits())
            results.append(
                (plain(read_yaml(source, Limits(), pure=pure)), [f.message for f in source.faults])
            )
        except Unreadable:
            return
    assert results[0] == results[1]


@given(TREES)
@settings(max_examples=200, deadline=None)
def test_the_json_reader_agrees_with_the_json_module(tree: Any) -> None:
    text = json.dumps(tree)
    if "NaN" in text or "Infinity" in text:
        return

    def bare(node: Node) -> Any:
        if isinstance(node, Scalar):
            return node.value
        return (
            [bare(n) for n in node.items]
            if isinstance(node, NodeItems)
            else {k: bare(n) for k, n in node.entries.items()}
        )

    for indent in (None, 2):
        source = SourceText(json.dumps(tree, indent=indent))
        assert repr(bare(read_json(source, Limits()))) == repr(tree)


NO_JSON = [
    *("[1,]", "[,]", "{,}", '{"a":1,}', "{'a':1}", "01", "+1", ".5", "1.", "1e", "NaN", "Infinity", "[1 2]"),
    *(
        "truee",
        '"\t"',
        '"\n"',
        '"\\x"',
        '"\\ud800"',
        '{"a" 1}',
        "[1] 2",
        "// c\n1",
        '"a',
        "{",
        "-",
        "1_000",
        "tru",
    ),
]


@pytest.mark.parametrize("text", NO_JSON)
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(DocumentError, match=r"not JSON|half of a surrogate pair"):
        loads(f'{{"okrcore": 1, "units": [{text}]}}', "json")


@pytest.mark.parametrize("text", NO_JSON)
def test_the_place_where_json_ends_is_told(text: str) -> None:
    with pytest.raises(DocumentError) as caught:
        loads(f'{{"okrcore": 1, "units":\n {text}', "json")
    (problem,) = caught.value.problems
    assert problem.line in (2, 3)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=30), st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_every_toml_key_is_found_on_its_own_line(shape: list[int], chance: random.Random) -> None:
    """S0.4, TOML: the line of the key, whatever strings, arrays and comments stand before it."""
    lines, expected = ["okrcore = 1"], {}
    values = [
        '"a # b"',
        "'c = [d'",
        '"""\nx = 1\n[y]\n"""',
        "'''\n\"\n'''",
        "[1, # ]\n 2]",
        '{a.b = "}", c = [{}]}',
    ]
    for index, kind in enumerate(shape):
        if chance.random() < 0.3:
            lines.append(
                chance.choice(["", "# [x]", f"[t{index}]", f"[[s.'u v'.w{index}]]", f'["q\\"{index}".r]'])
            )
        name = chance.choice([f"k{index}", f"k.{index}", f'"k {index}"', f"'k.{index}'  "])
        expected[index] = sum(line.count("\n") + 1 for line in lines) + 1
        lines.append(f"{name} = {values[kind]} # {index}")
    source = SourceText("\n".join(lines))
    root = read_toml(source, Limits())
    seen: dict[int, int] = {}

    def walk(node: Node) -> None:
        for key, child in node.entries.items() if isinstance(node, Fields) else ():
            if (digits := key.replace("k", "").strip(" .")).isdigit() and key[0] not in "wtq":
                seen[int(digits)] = source.place(child.key_at)[0] or 0
            walk(child)
        for child in node.items if isinstance(node, NodeItems) else ():
            walk(child)

    walk(root)
    assert seen == expected


BIG = "x" * 50_000_000
HOSTILE: dict[str, tuple[Format, Callable[[], str], str]] = {
    "a 50 MB scalar": ("yaml", lambda: f"okrcore: 1\ntitle: {BIG}", "characters is too long"),
    "a 50 MB block": (
        "yaml",
        lambda: "a: |\n" + "  some words in a line\n" * 2_200_000,
        "characters is too long",
    ),
    "a 50 MB JSON text": ("json", lambda: f'{{"okrcore": 1, "a": "{BIG}"}}', "characters is too long"),
    "a 50 MB TOML text": ("toml", lambda: f'okrcore = 1\na = "{BIG}"', "characters is too long"),
    "a large file": ("yaml", lambda: f"#{BIG}{BIG}", "more than max_bytes"),
    "deep flow lists": ("yaml", lambda: "[" * 1_000_000, "nested deeper than 64"),
    "deep flow maps": ("yaml", lambda: "{a: " * 1_000_000, "nested deeper than 64"),
    "deep block lists": ("yaml", lambda: "- " * 1_000_000, "nested deeper than 64"),
    "deep JSON": ("json", lambda: "[" * 1_000_000, "nested deeper than 64"),
    "deep JSON objects": ("json", lambda: '{"a":' * 1_000_000, "nested deeper than 64"),
    "deep TOML": ("toml", lambda: "a = " + "[" * 1_000_000, "nested deeper than 64"),
    "deep TOML tables": ("toml", lambda: "a = " + "{a=" * 1_000_000, "nested deeper than 64"),
    "a long dotted key": ("toml", lambda: "a." * 1_000_000 + "a = 1", "nested deeper than 64"),
    "a long TOML header": ("toml", lambda: "[" + "a." * 1_000_000 + "a]", "nested deeper than 64"),
    "a long number": ("json", lambda: '{"okrcore": ' + "9" * 900_000 + "}", "digits is too long"),
    "a long TOML number": ("toml", lambda: "okrcore = " + "9" * 900_000, "characters is too long"),
    "a long YAML number": ("yaml", lambda: "okrcore: " + "9" * 900_000, "give the version"),
    "an alias bomb": (
        "yaml",
        lambda: "a: &a [x, x, x, x, x, x, x, x, x]\n" + "\n".join(f"b{n}: &b{n} [*a, *a]" for n in range(99)),
        r"alias \*a is not read",
    ),
    "quotes without end": ("yaml", lambda: '"a\n' * 300_000, "not YAML"),
    "many documents": ("yaml", lambda: "--- 1\n" * 300_000, "second document"),
    "many anchors": (
        "yaml",
        lambda: "okrcore: 1\nunits: [" + "&a x, " * 20_000 + "]",
        "anchor &a is not read",
    ),
    "many unknown keys": ("yaml", lambda: "\n".join(f"key{n}: 1" for n in range(20_000)), "is unknown"),
    "many wrong values": (
        "json",
        lambda: '{"okrcore": 1, "teams": [' + "1," * 20_000 + "1]}",
        "give a mapping",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_documents_end_soon_in_a_clear_error(name: str) -> None:
    """Issue 2: deep nesting, a 50 MB scalar, an alias bomb end in a clear error, within a bounded time."""
    form, make, message = HOSTILE[name]
    text = make()
    start = time.perf_counter()
    with pytest.raises(OkrError, match=message) as caught:
        loads(text, form)
    assert time.perf_counter() - start < 10
    assert max(len(problem.message) for problem in caught.value.problems[:5]) < 700


@pytest.mark.parametrize("pure", [False, True])
@pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
@pytest.mark.parametrize("depth", [65, 999, 1_001])
def test_both_yaml_parsers_say_how_deep_is_too_deep(opening: str, depth: int, pure: bool) -> None:
    """Newer versions of libyaml have a limit of their own, and read ahead: it is told as ours."""
    with pytest.raises(Unreadable, match="nested deeper than 64; flatten it"):
        read_yaml(SourceText(opening * depth), Limits(), pure=pure)


def test_the_number_of_values_is_limited() -> None:
    limits = Limits(max_nodes=10)
    for read, text in (
        (read_yaml, "[" + "a, " * 20 + "]"),
        (read_json, "[" + "1," * 20),
        (read_toml, "a = 1\n" * 20),
    ):
        with pytest.raises(Unreadable, match="more than 10 values"):
            read(SourceText(text), limits)


def test_a_smaller_limit_may_be_asked_for() -> None:
    with pytest.raises(DocumentError, match="more than max_bytes 100"):
        loads(DOCUMENT, max_bytes=100)


def test_the_python_parser_is_used_where_libyaml_is_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    fast = loads(DOCUMENT)
    monkeypatch.delattr(yaml, "CSafeLoader")
    assert loads(DOCUMENT) == fast
    with pytest.raises(DocumentError, match="not YAML"):
        loads("a: [")
