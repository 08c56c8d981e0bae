"""Draw policies: which rules, how they are set, what is ignored, how goals are scored."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from okrcore.definitions.ignores import Ignore
from okrcore.governance.policy import Policy
from okrcore.governance.presets import STRICT
from okrcore.governance.rule import SEVERITIES
from okrcore.scoring.scoring_policy import ScoringPolicy
from okrcore.testing.parts import dates, flags, ids, make, maybe, pick, pick_some, shares, up_to

CODES = [rule.code for rule in STRICT.rules]


_codes = st.sampled_from([*CODES, *sorted({code[:4] for code in CODES})])
_maybe_date, _maybe_id = maybe(dates), maybe(ids)


def ignore(draw: DrawFn, /, **fields: Any) -> Ignore:
    """Return what somebody accepted; `fields` fixes fields, by a value or a strategy each."""
    defaults = {"code": _codes, "reason": ids, "until": _maybe_date, "subject": _maybe_id}
    return make(draw, Ignore, defaults, fields)


@st.composite
def scoring_policies(draw: DrawFn) -> ScoringPolicy:
    """Return ways to score, with most of the knobs turned."""
    risk, track = sorted([draw(shares), draw(shares)])
    knobs = {
        "clamp": ["unit", "floor", "none"],
        "degenerate": ["met", "zero", "one", "unknown"],
        "missing_value": ["unknown", "start", "zero"],
        "missing": ["exclude", "zero"],
        "zero_weights": ["unknown", "mean", "zero"],
        "rollup_clamp": ["unit", "floor", "none"],
        "empty": ["unknown", "zero"],
        "band": ["share", "share-of-planned", "latest", "distance", "margin"],
        "pace": ["ratio", "difference", "absolute"],
        "elapsed": ["exclusive", "inclusive"],
        "objective_status": ["worst", "pace"],
        "stale": ["no-data", "keep"],
        "late": ["ignore", "count"],
    }
    turned: dict[str, Any] = {name: pick(draw, words) for name, words in knobs.items()}
    return ScoringPolicy(**turned, at_risk=risk, on_track=track, inclusive=draw(flags))


@st.composite
def policies(draw: DrawFn) -> Policy:
    """Return policies of some of the library's rules, some of them set to another severity or ignored."""
    codes = [pick(draw, CODES), *pick_some(draw, CODES, 7)]
    return Policy(
        rules=[STRICT.rule(code) for code in dict.fromkeys(codes)],
        parameters={code: {"severity": pick(draw, SEVERITIES)} for code in pick_some(draw, codes, 2)},
        ignore=[ignore(draw, code=pick(draw, codes)) for _ in range(draw(up_to(2)))],
        scoring=draw(_scoring),
    )


ignores = st.composite(ignore)
_scoring = st.just(ScoringPolicy()) | scoring_policies()
