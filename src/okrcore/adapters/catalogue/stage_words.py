"""Read out of a declared status whether a goal is pursued at all."""

from __future__ import annotations

from typing import get_args

from okrcore.adapters.catalogue.row_values import RowValues
from okrcore.definitions.goals import Stage

_STAGES: tuple[Stage, ...] = get_args(Stage)
_WORDS: dict[Stage, str] = {
    "draft": "draft, drafted, idea, proposed, proposal, in planning, pending approval",
    "paused": "paused, on hold, hold, postponed, deferred, suspended, parked",
    "cancelled": "cancelled, canceled, abandoned, dropped, discarded, withdrawn, won't do, wont do, void",
}
_MEANS = {word.strip(): stage for stage, words in _WORDS.items() for word in words.split(",")}


def read_stage(row: RowValues) -> Stage:
    """Return the stage of a row: as its column says, else as its status means; else active.

    A status that is none of these words says how the goal goes.
    """
    said = row.word("stage", *_STAGES) if row.given("stage") else None
    if said in _STAGES:
        return said
    plain = " ".join(row.text("status").casefold().replace("-", " ").replace("_", " ").split())
    return _MEANS.get(plain, "active")
