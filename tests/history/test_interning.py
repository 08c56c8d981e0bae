"""A lookup that remembers finds what a plain one finds, whatever was asked before."""

from __future__ import annotations

import pickle

from hypothesis import given
from hypothesis import strategies as st

from okrcore.history.interning import Interned, Lookup

NAMES = st.text("abcdef", min_size=1, max_size=2)


@given(asked=st.lists(NAMES, max_size=40), deliveries=st.lists(st.lists(NAMES, max_size=12), max_size=8))
def test_a_lookup_equals_a_plain_one_forwards_and_back(asked: list[str], deliveries: list[list[str]]) -> None:
    versions, words = [Interned[str]()], Interned[str]()
    for names in deliveries:
        words, _ = words.with_(names)
        versions.append(words)
    other, _ = Interned[str]().with_(["f", "e"])
    lookup = Lookup(asked)
    for version in [*versions, *versions[::-2], other, *versions[::3]]:
        assert version.codes(lookup).tolist() == version.codes(asked).tolist()


@given(st.lists(NAMES, min_size=1, max_size=9))
def test_a_lookup_is_a_sequence_that_pickles(names: list[str]) -> None:
    lookup = Lookup(names)
    assert (list(lookup), lookup[0], lookup[-1:]) == (names, names[0], tuple(names[-1:]))
    assert len(lookup) == len(names)
    assert list(pickle.loads(pickle.dumps(lookup))) == names


def test_what_was_found_is_the_callers_own() -> None:
    words, _ = Interned[str]().with_(["a", "b"])
    lookup = Lookup(["b", "x"])
    words.codes(lookup)[:] = 7
    assert words.codes(lookup).tolist() == [1, -1]
