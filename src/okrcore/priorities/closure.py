"""Close a relation transitively; it may hold circles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from okrcore.definitions.digraph import components


def members(bits: int) -> Iterator[int]:
    """Yield the numbers of the bits that are set, in order."""
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low


def closure(direct: Sequence[int]) -> list[int]:
    """Return, for each number, the bits of all that `direct` leads to in one step or more.

    A number leads to itself only in a circle. Time grows with the pairs in `direct` times a row of bits.

    >>> closure([0b010, 0b100, 0b000]), closure([0b10, 0b01])
    ([6, 4, 0], [3, 3])
    """
    found = [0] * len(direct)
    for component in components(len(direct), lambda node: members(direct[node])):
        reached = _reached(component, direct, found)
        for one in component:
            found[one] = reached
    return found


def _reached(component: Sequence[int], direct: Sequence[int], found: Sequence[int]) -> int:
    """Return what a component leads to; all beyond it is done."""
    leads, own = 0, 0
    for one in component:
        leads |= direct[one]
        own |= 1 << one
    left = leads & ~own
    while left:
        one = (left & -left).bit_length() - 1
        leads |= found[one]
        left &= ~(found[one] | 1 << one)
    return leads
