"""Close a relation transitively; it may hold circles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence


def members(bits: int) -> Iterator[int]:
    """Yield the numbers of the bits that are set, in order."""
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low


def closure(direct: Sequence[int]) -> list[int]:
    """Return, for each number, the bits of all that `direct` leads to in one step or more.

    A number leads to itself only in a circle. Tarjan's strongly connected components, with a stack of its
    own: each is done after all that it leads to. Time grows with the pairs in `direct` times a row of bits.

    >>> closure([0b010, 0b100, 0b000]), closure([0b10, 0b01])
    ([6, 4, 0], [3, 3])
    """
    size = len(direct)
    found, seen, low, done = [0] * size, [0] * size, [0] * size, [False] * size
    count, waiting = 0, list[int]()  # numbers that are seen and not done
    for root in range(size):
        path = [] if seen[root] else [(root, members(direct[root]))]
        while path:
            node, ahead = path[-1]
            if not seen[node]:
                count += 1
                seen[node] = low[node] = count
                waiting.append(node)
            following = next((other for other in ahead if not seen[other]), None)
            if following is not None:
                path.append((following, members(direct[following])))
                continue
            path.pop()
            low[node] = min([seen[node], *(low[one] for one in members(direct[node]) if not done[one])])
            if low[node] == seen[node]:
                start = len(waiting) - 1
                while waiting[start] != node:
                    start -= 1
                component, waiting = waiting[start:], waiting[:start]
                reached = _reached(component, direct, found)
                for one in component:
                    found[one], done[one] = reached, True
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
