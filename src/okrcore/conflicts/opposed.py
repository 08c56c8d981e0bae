"""Find pairs of goals of which one source helps one and hurts the other (S13.2)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import attrs
import numpy as np

from okrcore.conflicts.conflict import Conflict
from okrcore.conflicts.paths import Chains, Floats, Ints, Network, strongest_chains
from okrcore.conflicts.sides import Scene, Side, joined
from okrcore.definitions.lineage import lineage_of

_PIECE = 2_000_000


@attrs.frozen(eq=False)
class Influence:
    """How each source moves each side: the network of a scene and its strongest chains."""

    scene: Scene
    network: Network
    chains: Chains

    @classmethod
    def of(cls, scene: Scene) -> Influence:
        """Return who moves what; cost as in `strongest_chains`."""
        lineage = lineage_of(scene.portfolio)
        acting = [
            link
            for link in scene.portfolio.links
            if (link.source in scene.kpis or link.source in scene.initiatives)
            and not lineage.is_part(link.source, scene.measure(link.target))  # no lead: one number (S22.4)
        ]
        nodes = [*scene.kpis, *scene.initiatives, *scene.by_measure]
        network = Network.of(acting, nodes, stands_for=scene.stands_for)
        goals = [network.rows[name] for name in scene.by_measure]
        return cls(scene, network, strongest_chains(network, goals))

    def links(self, chain: int) -> tuple[str, ...]:
        """Return the ids of the links of one chain, the source's first."""
        return tuple(self.network.links[edge].id for edge in self.edges(chain))

    def nodes(self, chain: int) -> tuple[str, ...]:
        """Return the ids along one chain, from the source to the goal's measure."""
        names = self.network.names
        ahead = self.network.target[self.edges(chain)].tolist()
        return (names[self.chains.source[chain]], *(names[row] for row in ahead))

    def edges(self, chain: int) -> list[int]:
        """Return the rows of the links of one chain, the source's first."""
        return [edge for edge in self.chains.edges[chain].tolist() if edge >= 0]


@attrs.frozen(eq=False)
class Effects:
    """What more of a source means for a side, one row an effect of one sign, by source."""

    source: Ints
    side: Ints
    chain: Ints
    weight: Floats

    def take(self, rows: Ints) -> Effects:
        """Return some of the effects, in that order."""
        return Effects(*(getattr(self, name)[rows] for name in ("source", "side", "chain", "weight")))


def opposed_conflicts(influence: Influence) -> Iterator[Conflict]:
    """Yield each pair of sides that one source moves apart, by the source that does so hardest.

    Sides of one measure are left to `targets`. Source and sides, none of which has ended in a scene, must
    have a day in common. Cost goes with the pairs of effects of each source.
    """
    scene, chains = influence.scene, influence.chains
    sides = [side for found in scene.by_measure.values() for side in found]
    sides.sort(key=lambda side: side.id)
    helps, hurts = effects(influence, sides)
    first, last = (
        np.array([getattr(side, name).toordinal() for side in sides], dtype=np.int64)
        for name in ("first", "last")
    )
    begin, end = _times(influence)
    measure = np.unique([side.measure for side in sides], return_inverse=True)[1] if sides else first
    length = chains.length

    found: list[Ints] = []
    counts = np.searchsorted(hurts.source, helps.source, "right") - np.searchsorted(
        hurts.source, helps.source
    )
    pieces = np.searchsorted(np.cumsum(counts) // _PIECE, np.arange(int(counts.sum()) // _PIECE + 2))
    for lower, upper in zip(pieces[:-1].tolist(), pieces[1:].tolist(), strict=True):
        # every help of a source beside every hurt of it: `b` counts up from the first hurt of that source
        count = counts[lower:upper]
        a = np.repeat(np.arange(lower, upper), count)
        start = np.searchsorted(hurts.source, helps.source[lower:upper])
        b = np.repeat(start - np.cumsum(count) + count, count) + np.arange(len(a))
        x, y, source = helps.side[a], hurts.side[b], helps.source[a]
        opens = np.maximum(np.maximum(first[x], first[y]), begin[source])
        shuts = np.minimum(np.minimum(last[x], last[y]), end[source])
        kept = (measure[x] != measure[y]) & (opens <= shuts)
        found.append(_best(np.stack([a, b])[:, kept], helps, hurts, length))
    a, b = _best(np.concatenate(found, axis=1), helps, hurts, length) if found else np.zeros((2, 0), int)
    for help_, hurt in zip(a.tolist(), b.tolist(), strict=True):
        yield _conflict(
            influence, sides[helps.side[help_]], sides[hurts.side[hurt]],
            int(helps.chain[help_]), int(hurts.chain[hurt]),
        )  # fmt: skip


def effects(influence: Influence, sides: list[Side]) -> tuple[Effects, Effects]:
    """Return the effects of more of each KPI and initiative that help a side, and those that hurt one."""
    chains, rows = influence.chains, influence.network.rows
    acting = np.zeros(len(rows), bool)
    acting[[rows[name] for name in (*influence.scene.kpis, *influence.scene.initiatives)]] = True
    usable = np.flatnonzero(acting[chains.source])
    by_goal = usable[np.argsort(chains.goal[usable], kind="stable")]
    goals = chains.goal[by_goal]
    at = np.array([rows[side.measure] for side in sides], dtype=np.int64)
    start, stop = np.searchsorted(goals, at), np.searchsorted(goals, at, "right")
    side = np.repeat(np.arange(len(sides)), stop - start)
    skipped = np.repeat(np.cumsum(stop - start) - (stop - start), stop - start)
    # each side once for every chain to its measure; `chain` counts up from the first of them in `by_goal`
    chain = by_goal[np.arange(len(side)) - skipped + np.repeat(start, stop - start)]
    good = np.array([one.better for one in sides], dtype=np.int64)[side] * (1 - 2 * chains.flips[chain]) > 0
    every = Effects(chains.source[chain], side, chain, chains.weight[chain])
    order = np.lexsort((side, every.source))
    good, every = good[order], every.take(order)
    return every.take(np.flatnonzero(good)), every.take(np.flatnonzero(~good))


def _times(influence: Influence) -> tuple[Ints, Ints]:
    """First and last day of each node as ordinals: of initiatives when they run."""
    names, scene = influence.network.names, influence.scene
    begin = np.full(len(names), dt.date.min.toordinal())
    end = np.full(len(names), dt.date.max.toordinal())
    for name, one in scene.initiatives.items():
        row = influence.network.rows[name]
        begin[row], end[row] = (day.toordinal() for day in scene.days_of(one))
    return begin, end


def _best(pairs: Ints, helps: Effects, hurts: Effects, length: Ints) -> Ints:
    """One pair of effects for each pair of sides: the hardest, then the shortest, then by source."""
    a, b = pairs
    x, y = helps.side[a], hurts.side[b]
    low, high = np.minimum(x, y), np.maximum(x, y)
    degree = np.minimum(helps.weight[a], hurts.weight[b])
    links = length[helps.chain[a]] + length[hurts.chain[b]]
    order = np.lexsort((x, helps.source[a], links, -degree, high, low))
    fresh = np.diff(low[order], prepend=-1) != 0
    fresh |= np.diff(high[order], prepend=-1) != 0
    return np.asarray(pairs[:, order[fresh]])


def _conflict(influence: Influence, helped: Side, hurt: Side, gain: int, harm: int) -> Conflict:
    scene = influence.scene
    source = influence.network.names[influence.chains.source[gain]]
    help_, loss = (float(influence.chains.weight[chain]) for chain in (gain, harm))
    gains, losses = influence.links(gain), influence.links(harm)
    first, last = (gain, helped), (harm, hurt)
    if hurt.id < helped.id:
        first, last = last, first
    return Conflict(
        kind="opposed",
        sides=(first[1].id, last[1].id),
        degree=min(help_, loss),
        since=_since(scene, source, helped, hurt),
        witness={
            "source": source,
            "helped": helped.id,
            "help": help_,
            "help_links": gains,
            "hurt": hurt.id,
            "harm": loss,
            "harm_links": losses,
        },
        path=(*_branch(influence, *first)[::-1], source, *_branch(influence, *last)),
        sentence=(
            f"more of {source} helps {helped.id} ({_how(help_, gains)}) "
            f"and hurts {hurt.id} ({_how(loss, losses)})"
        ),
    )


def _how(weight: float, links: tuple[str, ...]) -> str:
    return f"{weight:.2g}, through {joined(links)}" if links else "which it is"


def _branch(influence: Influence, chain: int, side: Side) -> tuple[str, ...]:
    """The ids from after the source to the side, the side in place of its measure."""
    _, *ahead = influence.nodes(chain)
    return (*ahead[:-1], side.id) if ahead else (side.id,) * (side.id != side.measure)


def _since(scene: Scene, source: str, helped: Side, hurt: Side) -> dt.date:
    """Start of the initiative, else of the cycle (S13)."""
    name = source if source in scene.initiatives else scene.portfolio[source].initiative
    start = scene.portfolio[name].start if name else None
    cycle = max(helped.first, hurt.first)
    return start or (scene.cycle_start() if cycle == dt.date.min else cycle)
