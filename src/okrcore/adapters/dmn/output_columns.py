"""Read the outputs of a decision table: which of them names the winner, and which says why."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from okrcore.adapters.dmn.feel import read_list, read_value
from okrcore.adapters.dmn.positioned_xml import Element, Faults, said
from okrcore.definitions.priority_outcomes import Outcome

_REASONS = ("why", "reason")


@attrs.frozen(eq=False)
class Outputs:
    """The outputs of a table, and the places of the winner and of the reason (None: there is none)."""

    elements: tuple[Element, ...]
    winner: int
    why: int | None

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.elements)

    def outcome(self, row: Element, entries: Sequence[Element], faults: Faults) -> Outcome | None:
        """Return what a rule decides, None where that is a fault."""
        if len(entries) != self.count:
            return None
        reasons = [row.first("description"), *row.all("annotationEntry")]
        told = [one.text or said(one) for one in reasons if one]
        return self._outcome(
            [said(entry) for entry in entries], entries, "; ".join(filter(None, told)), faults
        )

    def default(self, faults: Faults) -> Outcome | None:
        """Return the outcome of the default outputs, None where there is none."""
        entries = [one.first("defaultOutputEntry") for one in self.elements]
        given = entries[self.winner]
        if given is None or not said(given):
            return None
        texts = [said(entry) if entry else "" for entry in entries]
        places = [entry or given for entry in entries]
        return self._outcome(texts, places, "", faults)

    def ranking(self, faults: Faults) -> tuple[str, ...]:
        """Return the winner's output values, strongest first; () where none are listed."""
        listed = self.elements[self.winner].first("outputValues")
        if listed is None or not said(listed):
            return ()
        found = faults.build(listed, lambda: read_list(said(listed)))
        return tuple(dict.fromkeys(found or ()))

    def _outcome(
        self, texts: Sequence[str], places: Sequence[Element], told: str, faults: Faults
    ) -> Outcome | None:
        winner = faults.build(places[self.winner], lambda: read_value(texts[self.winner]))
        if self.why is not None and texts[self.why]:
            place = self.why
            told = faults.build(places[place], lambda: read_value(texts[place])) or ""
        if winner is None:
            return None
        return faults.build(places[self.winner], lambda: Outcome(winner=winner, why=told))


def read_outputs(table: Element, winner: str | None, faults: Faults) -> Outputs | None:
    """Return the outputs of a table; None where it is not said which of them is the winner."""
    elements = tuple(table.all("output"))
    names = [one.get("name") or one.get("label") for one in elements]
    listed = ", ".join(name or "(no name)" for name in names[:40])
    if not elements:
        faults.add(table, "the table has no output; add one that names the winner")
        return None
    reasons = [place for place, name in enumerate(names) if name.lower() in _REASONS]
    if winner is not None:
        found = [place for place, name in enumerate(names) if name == winner]
        if len(found) != 1:
            faults.add(table, f"no one output is called {winner!r}; name one of {listed}")
            return None
    else:
        found = [place for place, name in enumerate(names) if name.lower() == "winner"]
        found = found if len(elements) > 1 else [0]
        if len(found) != 1:
            faults.add(table, f"has the outputs {listed}; say which is the winner: winner=")
            return None
        for place, name in enumerate(names):
            if place not in (*found, *reasons):
                message = f"output {name!r} has no place in a priority table; give winner= to leave it out"
                faults.add(elements[place], message)
    why = next((place for place in reasons if place not in found), None)
    return Outputs(elements, found[0], why)
