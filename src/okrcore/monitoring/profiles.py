"""Name the rule books of process behaviour charts: constants as values, so that another is another value."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from okrcore.errors import DefinitionError
from okrcore.frozen import FrozenDict

FEWEST = 6
"""Fewer points have no limits at all (S11.2)."""


@attrs.frozen(kw_only=True)
class Profile:
    """The constants of a process behaviour chart (S11.2).

    Natural limits lie `natural_limit` mean moving ranges from the mean; moving ranges at or above
    `range_limit` times their mean are dropped once, None drops none. `run` points on one side of the mean are
    a shift, `trend` points that rise or fall a trend (None: not looked for), and of three in a row on one
    side two in the outer third a signal where `two_of_three`. Fewer than `least` points give trial limits.
    Where the lag-1 autocorrelation may be past `autocorrelation`, only points outside limits that are
    widened for it count, and trends of `2 * trend - 1` points (S11.4); None never asks.

    >>> import attrs
    >>> attrs.evolve(PROFILES["nhs"], name="ours", run=8).run
    8
    """

    name: str
    natural_limit: float = 2.66
    range_limit: float | None = 3.267
    run: int | None = 7
    trend: int | None = 7
    two_of_three: bool = True
    least: int = 13
    autocorrelation: float | None = 0.5


PROFILES: Mapping[str, Profile] = FrozenDict(
    {
        "nhs": Profile(name="nhs"),
        "nhs-unscreened": Profile(name="nhs-unscreened", range_limit=None, autocorrelation=None),
        "individuals": Profile(
            name="individuals",
            natural_limit=3 / 1.128,
            range_limit=None,
            run=8,
            trend=None,
            two_of_three=False,
            autocorrelation=None,
        ),
    }
)
"""Rule books by name: NHS England's Making Data Count, guarded against autocorrelation; as plain as its
spreadsheet, which drops no large ranges; and the textbook's chart of individuals."""


def profile_of(given: Profile | str) -> Profile:
    """Return a profile, or that of a name; raises DefinitionError for a name that there is none of."""
    if isinstance(given, Profile):
        return given
    if not isinstance(given, str) or given not in PROFILES:
        said = (
            f"profile is {given!r}, but must be a Profile or one of {', '.join(PROFILES)}; name one of them"
        )
        raise DefinitionError(said)
    return PROFILES[given]
