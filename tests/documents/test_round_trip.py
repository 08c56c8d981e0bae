"""What is dumped loads as an equal value, in every format, whatever the fields hold."""

from __future__ import annotations

import datetime as dt
import json
import math
import string
from typing import Any

import attrs
import pytest
import yaml
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from okrcore.definitions.cadence import Cadence
from okrcore.definitions.cycle import Cycle
from okrcore.definitions.goals import Contribution, KeyResult, Objective
from okrcore.definitions.initiatives import Demand, Dependency, Initiative, Milestone
from okrcore.definitions.kpis import Kpi, Source
from okrcore.definitions.links import Link
from okrcore.definitions.measures import Band, Checklist, Item, Measure, Target, Waypoint
from okrcore.definitions.people import Owner, Team
from okrcore.definitions.portfolio import Portfolio
from okrcore.definitions.priority_outcomes import Effect, Escalate, Fund, Outcome, Retarget, Tolerate
from okrcore.definitions.priority_table import Column, Guardrail, PriorityRule, PriorityTable
from okrcore.definitions.tolerances import Tolerance
from okrcore.documents import dump, dumps, from_dict, load, loads, to_dict
from okrcore.documents.loading import Format
from okrcore.errors import DefinitionError, DocumentError

FORMATS: tuple[Format, ...] = ("yaml", "toml", "json")
FEW = settings(max_examples=25, deadline=None)

WORDS = [
    *("no", "yes", "on", "off", "y", "N", "true", "False", "null", "~", "", "12:30", "1e3", "1_000", "010"),
    *("0x1f", ".5", ".inf", "nan", "-", "- a", "? a", "a: b", "a #b", "#", "&a", "*a", "!t", "|", ">", "%x"),
    *("@a", "`", "{a}", "[a]", "a,b", "'q'", '"q"', "back\\slash", "2026-01-01", "2026-01-01T00:00:00Z"),
    *(" x", "x ", "a  b", "\t", "tab\tbed", "two\nlines", "two\nlines\n", "three\n\nlines\n\n", "\n", "\nx"),
    *(
        " indented\nblock",
        "trailing \nspace",
        "cr\rlf\r\n",
        "nel\x85",
        "ls\u2028ps\u2029",
        "\ufeffbom",
        "\x00",
    ),
    *("del\x7f", "c1\x9f", "\ufffe", "\U0001f680 \U0010ffff", "ünï", "=", "<<", "---", "...", "--- a", "a:"),
    *('"""', "'''", "\\", "\\n", "#{x}", "a->b", "20 % faster", "key=value", "1.", "+1", "-0.0", "l\n---\nm"),
    *("inf", "-inf", "NULL", "Off", "  \n x", "x\n  ", "x\n\ty", "ends\\", "mixed 'a' \"b\"", "\x1b[0m"),
]
characters = st.characters(exclude_categories=["Cs"])
texts = st.sampled_from(WORDS) | st.text(characters, max_size=12)
floats = st.floats(-8e307, 8e307) | st.sampled_from(
    [0.1, 1e300, -0.0, 5e-324, 1e16, 123456789012345680.0, 1e-7, 2.5, 1e22, 1 / 3]
)
amounts = st.floats(0, 1e308) | st.sampled_from([0.1, 3.0, 5e-324])
shares = st.floats(0, 1)
cadences = st.sampled_from(["weekly", "every 3 weeks", "FREQ=MONTHLY;BYDAY=-1FR"]).map(Cadence)
START, END = dt.date(2026, 1, 1), dt.date(2026, 12, 31)
dates = st.dates(START, END)


def is_id(text: str) -> bool:
    return bool(text) and text == text.strip() and text.isprintable()


odd_ids = st.sampled_from([word for word in WORDS if is_id(word)])
ids = odd_ids | st.text(string.ascii_letters + ".[]#-> ", min_size=1, max_size=8).filter(is_id)


def optional(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


def tuples(strategy: st.SearchStrategy[Any], **limits: Any) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(strategy, max_size=3, **limits).map(tuple)


@st.composite
def measures(draw: st.DrawFn, milestones: list[str]) -> Measure:
    kind = draw(st.sampled_from(["target", "curved", "band", "checklist"]))
    if kind == "target":
        start, goal = draw(optional(floats)), draw(floats)
        days = sorted(draw(st.sets(st.dates(dt.date(2026, 1, 2), dt.date(2026, 6, 29)), max_size=3)))
        return Target(start, goal, plan=tuple(Waypoint(day, draw(floats)) for day in days))
    if kind == "curved":
        return Target(0, 10, "at_least", curve=((draw(st.floats(1, 5)), draw(floats)),))
    if kind == "band":
        low, high = sorted((draw(floats), draw(floats)))
        sides = draw(st.sampled_from([(low, None), (None, high), (low, high)]))
        return Band(*sides, tolerance=draw(optional(st.floats(1e-9, 1e9))))
    names = draw(st.lists(ids, min_size=1, max_size=3, unique=True))
    pick = optional(st.sampled_from(milestones)) if milestones else st.none()
    return Checklist(
        [Item(name, draw(texts), weight=draw(st.floats(0.5, 9)), milestone=draw(pick)) for name in names]
    )


def effects_of(escalations: st.SearchStrategy[Escalate]) -> st.SearchStrategy[Effect]:
    return st.one_of(
        st.builds(
            Effect,
            tolerate=st.builds(
                Tolerate,
                within=st.sampled_from(["limit", "worst"]),
                until=dates | st.just("cycle-end"),
                incentive=st.sampled_from(["kept", "suspended", "re-based"]),
            ),
        ),
        st.builds(Effect, freeze=st.just("initiative")),
        st.builds(Effect, retarget=st.builds(Retarget, goal=floats)),
        st.builds(Effect, fund=st.builds(Fund, amount=amounts)),
        st.builds(Effect, escalate=escalations),
    )


@st.composite
def tables(draw: st.DrawFn, owners: list[str]) -> PriorityTable:
    escalations = st.builds(Escalate, to=st.sampled_from(owners), within=st.sampled_from(["24h", "1.5d"]))
    effects = effects_of(escalations)
    outcomes = st.builds(Outcome, winner=ids, effect=optional(effects), why=texts)
    columns = (
        Column(name="kpi.category", values=tuple(draw(st.lists(texts, min_size=1, max_size=3, unique=True)))),
        Column(name="kpi.zone", values=(1, 2, 3)),
        Column(name="objective.score", low=draw(floats), kind="number"),
        Column(name="days_left", low=0, high=10**20, kind="integer"),
        Column(name="kpi.id", low=draw(optional(dates)), high=draw(optional(dates)), kind="date"),
        Column(name="kpi.team", low="1h", high=draw(optional(st.just("2w"))), kind="duration"),
        Column(name="objective.id", values=(True, "true")),
        Column(name="objective.team", values=(draw(dates),), kind="date"),
    )
    cells = st.dictionaries(st.sampled_from([column.name for column in columns]), texts, max_size=3)
    names = draw(st.lists(ids, min_size=3, max_size=3, unique=True))
    return PriorityTable(
        columns=columns,
        rules=[PriorityRule(id=name, when=draw(cells), then=draw(outcomes)) for name in names[:2]],
        default=draw(optional(outcomes)),
        guardrails=[
            Guardrail(
                id=names[2],
                when=draw(cells),
                forbid=draw(tuples(ids, unique=True)),
                escalate=draw(optional(escalations)),
            )
        ],
        overrides=draw(st.sampled_from([(), ((names[0], names[1]),)])),
        hit_policy=draw(texts),
    )


@st.composite
def portfolios(draw: st.DrawFn) -> Portfolio:
    """Portfolios in which every type and every field occurs, with texts, ids and numbers of every kind."""
    names = iter(draw(st.lists(ids, min_size=14, max_size=14, unique=True)))
    team, owner, cycle, first, second, kpi, initiative = (next(names) for _ in range(7))
    milestone, later = next(names), next(names)
    results = [next(names) for _ in range(3)]
    owners, teams = optional(st.just(owner)), optional(st.just(team))
    definitions: list[Any] = [
        Team(id=team, title=draw(texts), capacity=draw(optional(amounts)), lead=draw(owners)),
        Team(id=next(names), parent=team),
        Owner(id=owner, title=draw(texts), kind=draw(st.sampled_from(["person", "role", "team"])), team=team),
        Cycle(id=cycle, start=START, end=END, timezone=draw(st.sampled_from(["UTC", "Europe/Berlin"]))),
        Objective(id=first, title=draw(texts), cycle=cycle, owner=draw(owners), tags=draw(tuples(texts))),
        Objective(
            id=second,
            title=draw(texts),
            cycle=cycle,
            team=draw(teams),
            commitment=draw(st.sampled_from(["committed", "aspirational", "learning"])),
            contributes_to=draw(st.sampled_from([(), (Contribution(first),), (Contribution(first, 0.5),)])),
            why=draw(texts),
        ),
        Initiative(
            id=initiative,
            title=draw(texts),
            owner=draw(owners),
            start=draw(optional(st.just(START))),
            end=draw(optional(dates)),
            stage=draw(st.sampled_from(["defined", "closed"])),
            cost=draw(optional(amounts)),
            demand=draw(tuples(st.builds(Demand, of=st.just(team), amount=amounts))),
        ),
        Milestone(id=milestone, initiative=initiative, title=draw(texts), due=END, start=START, finish=END),
        Milestone(
            id=later,
            initiative=initiative,
            title=draw(texts),
            due=draw(dates),
            done=draw(optional(dates)),
            after=draw(
                st.sampled_from(
                    [
                        (),
                        (Dependency(milestone, -0.0),),
                        (Dependency(milestone, -2.5, 0.1, 0.9),),
                        (Dependency(milestone, 3, working=True),),
                    ]
                )
            ),
            recoverable_days=draw(amounts),
            weight=draw(amounts),
        ),
    ]
    lows = sorted(draw(st.sets(floats, min_size=3, max_size=3)))
    guards = draw(st.booleans())
    definitions.append(
        Kpi(
            id=kpi,
            title=draw(texts),
            unit=draw(st.sampled_from(["", "%", "EUR/year", "pallet"])),
            target=Band(low=lows[2]),
            limit=Band(low=lows[1]),
            worst=Band(low=lows[0]),
            better=draw(st.sampled_from([None, "higher"])),
            owner=draw(owners),
            initiative=initiative,
            source=draw(optional(st.builds(Source, texts, texts, st.sampled_from(["pulled", "manual"])))),
            cadence=draw(optional(cadences)),
            aggregate=draw(st.sampled_from(["latest", "sum"])),
            category=draw(texts),
            incentivised=draw(st.booleans()),
            guardrail=guards,
            guards=(first,) if guards else (),
            watchers=draw(st.sampled_from([(), (team,)])),
            definition=draw(texts),
        )
    )
    for name in results:
        measure = draw(measures([milestone, later]))
        listed = isinstance(measure, Checklist)
        definitions.append(
            KeyResult(
                id=name,
                objective=draw(st.sampled_from([first, second])),
                title=draw(texts),
                measure=measure,
                owner=draw(owners),
                measured_by=None if listed else draw(optional(st.just(kpi))),
                aggregate=draw(st.sampled_from(["latest", "max"])),
                weight=draw(amounts),
                guardrail=not listed and draw(st.booleans()),
                due=draw(optional(st.dates(dt.date(2026, 7, 1), END))),
                cadence=draw(optional(cadences)),
                tags=draw(tuples(texts)),
            )
        )
    definitions.append(
        Link(
            source=initiative,
            target=kpi,
            sign=draw(st.sampled_from([1, -1])),
            weight=draw(shares),
            lag=draw(st.sampled_from([None, "3", "2w..6w"])),
            owner=draw(owners),
            rationale=draw(texts),
            multiplicative=draw(st.booleans()),
            reviewed=draw(optional(dates)),
        )
    )
    definitions.append(Link(source=kpi, target=results[0], sign=1, id=next(names)))
    definitions.append(
        Tolerance(
            sides=[kpi, results[1]],
            winner=draw(st.sampled_from([None, kpi, results[1]])),
            effect=draw(optional(effects_of(st.builds(Escalate, to=st.just(owner))))),
            subject=draw(st.sampled_from([None, kpi, initiative, results[1]])),
            rule=draw(optional(ids)),
            table_hash=draw(texts),
            why=draw(texts),
            start=draw(dates),
            end=END,
            renewed=draw(st.integers(0, 3)),
            days_before=draw(st.integers(0, 400)),
            id=draw(st.sampled_from([None, "a tolerance of its own name"])),
        )
    )
    lists = [(value.id, value.measure) for value in definitions if isinstance(value, KeyResult)]
    observed = {
        f"{name}#{item.id}"
        for name, measure in lists
        if isinstance(measure, Checklist)
        for item in measure.items
    }
    assume(not observed & {value.id for value in definitions})
    return Portfolio.of(*definitions, draw(tables([owner])), units=["pallet"])


def exact(value: Any) -> Any:
    """Return a value in which floats are text, so that 0.0 and -0.0, 1 and 1.0 differ."""
    if attrs.has(type(value)):
        return (type(value), [exact(getattr(value, field.name)) for field in attrs.fields(type(value))])
    if isinstance(value, tuple):
        return [exact(child) for child in value]
    return sorted(value.items()) if isinstance(value, dict) else repr(value)


@pytest.mark.parametrize("format", FORMATS)
@FEW
@given(portfolios())
def test_what_is_dumped_loads_as_an_equal_value(format: Format, portfolio: Portfolio) -> None:
    """API "Read and write": loading what was dumped gives an equal value; S0.5: to the last bit."""
    loaded = loads(dumps(portfolio, format), format)
    assert loaded == portfolio
    assert [exact(value) for value in loaded] == [exact(loaded[value.id]) for value in loaded]
    for value in portfolio:
        assert exact(loaded[value.id]) == exact(value)
    assert exact(loaded.priorities) == exact(portfolio.priorities)


@FEW
@given(portfolios())
def test_to_dict_is_json_and_from_dict_reads_it_back(portfolio: Portfolio) -> None:
    """API: `to_dict` of a definition is JSON-able, and `from_dict` of it is the definition."""
    assert from_dict(Portfolio, json.loads(json.dumps(to_dict(portfolio)))) == portfolio
    for value in (*portfolio, portfolio.priorities):
        again = from_dict(type(value), json.loads(json.dumps(to_dict(value), allow_nan=False)))
        assert exact(again) == exact(value)


@FEW
@given(st.lists(texts, min_size=1, max_size=4), floats)
@example(WORDS, 0.1)
def test_other_yaml_readers_see_the_same_texts_and_numbers(words: list[str], number: float) -> None:
    """No word of a dumped document changes its meaning under YAML 1.1 (`no`, `12:30`, `1e3`)."""
    goal = KeyResult(id="k", objective="o", title="t", measure=Target(0, 1), tags=words)
    cycle = Cycle(id="c", start=START, end=END)
    kpi = Kpi(id="q", title="q", definition=words[0], target=Band(low=number))
    text = dumps(Portfolio.of(cycle, Objective(id="o", title="o", cycle="c"), goal, kpi))
    seen = yaml.safe_load(text)
    assert seen["objectives"][0]["key_results"][0].get("tags", []) == words
    assert seen["kpis"][0].get("definition", "") == words[0]
    low = seen["kpis"][0]["target"]["low"]
    assert float(low) == number
    assert seen["cycles"][0]["start"] == START


@pytest.mark.parametrize("suffix", [".yaml", ".yml", ".toml", ".json"])
def test_a_file_holds_what_dumps_gives(tmp_path: Any, suffix: str) -> None:
    portfolio = Portfolio.of(Team(id="a", title="é\u2028"))
    file = tmp_path / f"goals{suffix}"
    dump(portfolio, file)
    assert load(file) == portfolio
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


def test_a_dump_replaces_the_file_in_one_step_and_keeps_its_mode(tmp_path: Any) -> None:
    file = tmp_path / "goals.yaml"
    dump(Portfolio.of(Team(id="old")), file)
    file.chmod(0o640)
    before = file.stat().st_ino
    dump(Portfolio.of(Team(id="new")), file)
    assert file.stat().st_ino != before
    assert file.stat().st_mode & 0o777 == 0o640
    half = Column(name="kpi.category", values=["\ud800"])
    with pytest.raises(DocumentError, match="surrogate"):
        dump(Portfolio.of(PriorityTable(columns=[half], rules=[], default=Outcome(winner="kpi"))), file)
    assert load(file) == Portfolio.of(Team(id="new"))


@pytest.mark.parametrize(
    ("name", "fault"), [("goals.txt", "suffix"), ("absent/goals.yaml", "cannot be written")]
)
def test_what_cannot_be_written_is_a_document_error(tmp_path: Any, name: str, fault: str) -> None:
    with pytest.raises(DocumentError, match=fault):
        dump(Portfolio.of(), tmp_path / name)


def test_plain_forms_of_results() -> None:
    @attrs.frozen
    class Result:
        score: float
        days: tuple[dt.date, ...]
        left: dt.timedelta
        names: frozenset[str]
        hidden: object = attrs.field(repr=False, default=None)

    @attrs.frozen
    class Rows:
        def to_dicts(self) -> list[dict[str, float]]:
            return [{"score": math.inf}]

    value = Result(math.nan, (START,), dt.timedelta(hours=1), frozenset({"b", "a"}))
    plain = {"score": None, "days": ["2026-01-01"], "left": "PT3600S", "names": ["a", "b"]}
    assert to_dict(value) == plain
    assert to_dict({START: Rows()}) == {"2026-01-01": [{"score": "inf"}]}
    assert to_dict([Portfolio.of(Team(id="a"))]) == [{"okrcore": 1, "teams": [{"id": "a"}]}]
    with pytest.raises(DefinitionError, match="as_plain"):
        to_dict(object())
