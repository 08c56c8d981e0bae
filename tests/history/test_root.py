"""Roots: one text stands for all records in their order, and an old one proves a prefix (S8.3)."""

from __future__ import annotations

import datetime as dt
import hashlib
import struct
from itertools import pairwise
from typing import Any

import attrs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from okrcore.definitions.kpis import Source
from okrcore.errors import HistoryError
from okrcore.history.encoding import decode_records
from okrcore.history.history import History
from okrcore.history.observation import Observation

DAY = dt.date(2026, 1, 5)
DAY_NUMBER = 20458
DAY_END = (DAY_NUMBER + 1) * 86_400_000_000 - 1
NOON = dt.datetime(2026, 1, 5, 12, tzinfo=dt.UTC)
BLOCK = 4096

observations = st.lists(
    st.builds(
        Observation,
        st.text(min_size=1, max_size=3),
        st.one_of(st.dates(), st.integers(-9, 9).map(lambda hour: NOON + dt.timedelta(hours=hour))),
        st.floats(allow_nan=False, allow_infinity=False),
        unit=st.sampled_from(["", "lane"]),
        source=st.sampled_from([None, Source("erp"), Source("sheet", mode="manual")]),
        by=st.text(max_size=2),
    ),
    max_size=8,
    unique_by=lambda one: (one.measure, one.at, one.source and one.source.system),
)


def many(size: int, start: int = 0) -> History:
    numbers = np.arange(start, start + size)
    names = np.char.add("m", (numbers % 97).astype(str))
    kinds = np.where(numbers % 5 == 0, "manual", "pulled")
    at = (20000 + numbers // 97).astype("datetime64[D]")
    return History.of_columns(names, at, numbers * 1.5, system="erp", mode=kinds)


def test_the_encoding_is_what_the_document_says() -> None:
    """S8.3: SHA-256 over a canonical encoding that the docs specify. Written here by hand, from the docs."""
    history = History.of(
        [
            Observation("a", DAY, 1.5, unit="lane", source=Source("erp", "q"), by="x", definition="d"),
            Observation("\u00e9", NOON, -2, recorded_at=NOON),
            Observation("a", DAY, 1, unit="lane"),
        ]
    )
    noon = DAY_NUMBER * 86_400_000_000 + 43_200_000_000
    texts = [
        b"a",
        "\u00e9".encode(),
        b"lane",
        b"erp",
        b"q",
        b"pulled",
        b"x",
        b"d",
        *[b""] * 6,
        b"lane",
        *[b""] * 5,
    ]
    payload = b"".join(
        [
            struct.pack("<4sIII", b"okr1", 3, 2, 3),
            struct.pack("<20I", *map(len, texts)),
            *texts,
            struct.pack("<3I", 0, 1, 0),
            struct.pack("<3I", 0, 1, 2),
            struct.pack("<3B", 0, 1, 0),
            struct.pack("<3q", DAY_NUMBER, noon, DAY_NUMBER),
            struct.pack("<3d", 1.5, -2, 1),
            struct.pack("<3q", DAY_END, noon, DAY_END),
        ]
    )
    origin = hashlib.sha256(b"okrcore history 1").digest()
    assert history.root == "3:" + hashlib.sha256(origin + payload).hexdigest()
    empty = struct.pack("<4sIII", b"okr1", 0, 0, 0)
    assert History.of().root == "0:" + hashlib.sha256(origin + empty).hexdigest()


def root_by_hand(history: History) -> str:
    """The root as docs/reference/ledger-format.md says, record by record."""
    measures: dict[str, int] = {}
    contexts: dict[tuple[str, ...], int] = {}
    last, records = hashlib.sha256(b"okrcore history 1").digest(), list(history)

    def encoded(part: list[Observation]) -> bytes:
        columns: list[list[bytes]] = [[], [], [], [], [], []]
        before = len(measures), len(contexts)
        for one in part:
            source = (one.source.system, one.source.query, one.source.mode) if one.source else ("", "", "")
            context = (one.unit, *source, one.by, one.definition)
            measure_code = measures.setdefault(one.measure, len(measures))
            context_code = contexts.setdefault(context, len(contexts))
            instant = isinstance(one.at, dt.datetime)
            days = (one.at.date() if isinstance(one.at, dt.datetime) else one.at) - dt.date(1970, 1, 1)
            time = micro(one.at) if isinstance(one.at, dt.datetime) else days.days
            cells = struct.pack(
                "<IIBqdq", measure_code, context_code, instant, time, one.value, micro(one.recorded_at)
            )
            for column, (a, b) in zip(columns, pairwise((0, 4, 8, 9, 17, 25, 33)), strict=True):
                column.append(cells[a:b])
        new = list(measures)[before[0] :], list(contexts)[before[1] :]
        texts = [text.encode() for text in [*new[0], *(text for context in new[1] for text in context)]]
        head = struct.pack("<4sIII", b"okr1", len(part), len(new[0]), len(new[1]))
        lengths = struct.pack(f"<{len(texts)}I", *map(len, texts))
        return b"".join([head, lengths, *texts, *(b"".join(column) for column in columns)])

    for start in range(0, len(records) // BLOCK * BLOCK, BLOCK):
        last = hashlib.sha256(last + encoded(records[start : start + BLOCK])).digest()
    rest = encoded(records[len(records) // BLOCK * BLOCK :])
    return f"{len(records)}:{hashlib.sha256(last + rest).hexdigest()}"


def micro(instant: dt.datetime) -> int:
    return (instant - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1)


@given(observations)
def test_roots_of_few_records_follow_the_document(facts: list[Observation]) -> None:
    assert History.of(facts).root == root_by_hand(History.of(facts))


@pytest.mark.parametrize("size", [BLOCK - 1, BLOCK, 2 * BLOCK + 9])
def test_roots_of_many_records_follow_the_document(size: int) -> None:
    """Also where later blocks use few of the measures and contexts that earlier ones named."""
    few = History.of_columns(["m5"] * size, np.arange(size).astype("datetime64[D]"), np.arange(size), by="me")
    for history in (few, many(300).append(few), many(size).append(few).append(many(5, start=size))):
        assert history.root == root_by_hand(history)


@given(observations, st.data())
def test_a_root_does_not_depend_on_deliveries(facts: list[Observation], data: st.DataObject) -> None:
    """S8.3: roots do not depend on how records were delivered, nor on when they are asked for."""
    history, expected = History.of(), History.of(facts).root
    places = sorted(data.draw(st.lists(st.integers(0, len(facts)), max_size=4)))
    for a, b in pairwise([0, *places, len(facts)]):
        if data.draw(st.booleans()):
            assert history.root.startswith(f"{a}:")
        history = history.append(facts[data.draw(st.integers(0, a)) : b])
    assert history.root == expected
    assert history.verify(root=expected).ok


@given(observations, st.data())
def test_an_old_root_proves_a_prefix_and_nothing_else(facts: list[Observation], data: st.DataObject) -> None:
    """S8.3: verify(root=old) recomputes the prefix of count records."""
    count = data.draw(st.integers(0, len(facts)))
    old, history = History.of(facts[:count]).root, History.of(facts)
    assert history.verify(root=old).ok
    if count == 0:
        return
    changed = list(facts)
    place = data.draw(st.integers(0, count - 1))
    kind = data.draw(st.sampled_from(["value", "by", "definition", "recorded_at", "drop", "swap"]))
    if kind == "drop":
        del changed[place]
    elif kind == "swap":
        other = data.draw(st.integers(0, len(facts) - 1))
        changed[place], changed[other] = changed[other], changed[place]
    else:
        later = facts[place].recorded_at - dt.timedelta(days=1) if facts[place].recorded_at.year > 1 else NOON
        new: Any = {"value": facts[place].value * 2 + 1, "recorded_at": later}.get(kind, "other")
        if new != new or new in (float("inf"), float("-inf"), getattr(facts[place], kind)):
            return
        changed[place] = attrs.evolve(facts[place], **{kind: new})
    if changed[:count] == facts[:count]:
        return
    found = History.of(changed).verify(root=old)
    assert not found.ok
    assert f"{count} records" in str(found.problems[0])


@pytest.mark.parametrize("size", [1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 17])
def test_blocks_seal_at_4096_records(size: int) -> None:
    history = many(size)
    assert [len(seal.hash) for seal in history.chain().seals] == [32] * (size // BLOCK)
    for count in {1, size // 2, size}:
        old = many(count).root
        assert history.verify(root=old).ok
        assert old.startswith(f"{count}:")
    grown = many(5)
    for start in range(5, size, 1500):
        assert grown.root
        grown = grown.append(many(min(1500, size - start), start))
    assert size < 5 or grown.root == history.root


def test_what_was_altered_after_hashing_is_named() -> None:
    """S8.3: verify() names the first block altered."""
    history = many(3 * BLOCK)
    assert history.verify().ok
    root = history.root
    run = history._runs[0]
    row = int(np.flatnonzero(run.position == BLOCK + 5)[0])
    run.value.flags.writeable = True
    run.value[row] += 1e-9
    found = history.verify(root)
    assert [problem.path for problem in found.problems] == ["block 1", f"records 0 to {3 * BLOCK}"]
    assert history.verify(root=many(BLOCK).root).problems[1:] == ()


def test_lost_records_are_counted() -> None:
    root = many(50).root
    found = many(40).verify(root=root)
    assert not found.ok
    assert "names 50 records, 40 are here; find the other 10" in str(found.problems[0])


@pytest.mark.parametrize("root", ["", "3", "3:abc", "-1:" + "0" * 64, "03:" + "0" * 64, "3:" + "G" * 64, 5])
def test_what_is_no_root_is_refused(root: Any) -> None:
    with pytest.raises(HistoryError, match="but must be count:hash"):
        History.of().verify(root=root)


@given(observations, st.integers(-2, 2))
def test_what_was_known_then_has_the_root_of_its_records(facts: list[Observation], days: int) -> None:
    instant = NOON + dt.timedelta(days=days)
    shown = History.of(one for one in facts if one.recorded_at <= instant)
    history = History.of(facts)
    assert history.root
    known = history.as_known(instant)
    assert known.root == shown.root
    assert known.append(facts).root == shown.append(facts).root


@given(st.binary(max_size=60), st.data())
def test_damaged_bytes_never_decode_to_something_else(noise: bytes, data: st.DataObject) -> None:
    """Whatever the bytes, decoding ends in records in range or in a HistoryError."""
    chain = many(7).chain()
    good = chain.encode(chain.last, chain.tail)
    at = data.draw(st.integers(0, len(good)))
    for bad in (noise, good[:at], good[:at] + noise + good[at + len(noise) :], good + noise):
        try:
            records, measures, contexts = decode_records(bad, 0, 0)
        except HistoryError:
            continue
        assert np.isfinite(records.value).all()
        assert (records.code < len(measures)).all()
        assert (records.context < len(contexts)).all()
    records, measures, _ = decode_records(good, 0, 0)
    assert len(records) == len(measures) == 7
