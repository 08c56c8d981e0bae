"""A target in words: a direction and one number make a band, anything else is reported with its reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okrcore.adapters.catalogue.target_words import ProseTarget, read_target
from okrcore.adapters.number_cells import NumberFormat
from okrcore.definitions.measures import Band


@pytest.mark.parametrize(
    ("text", "low", "high", "unit"),
    [
        ("At or above 95%", 95, None, "%"),
        ("< 0.58", None, 0.58, ""),
        ("<.58 average location factor", None, 0.58, ""),
        ("Below 60 days", None, 60, "days"),
        ("at or below 50 days", None, 50, "days"),
        ("Greater than 6 MRs per Month", 6, None, ""),
        ("equal or greater than 99.95%", 99.95, None, "%"),
        ("Headcount expenses to be at or below 10% of ARR", None, 10, "%"),
        ("Below 2500ms at the 90th percentile", None, 2500, "ms"),
        ("\u2265 98 %", 98, None, "%"),
        (">= -3", -3, None, ""),
        ("no more than 3", None, 3, ""),
        ("not below 5", 5, None, ""),
        ("1+", 1, None, ""),
        ("95% or more", 95, None, "%"),
        ("5 or fewer defects a week", None, 5, ""),
        ("between 5 and 10 %", 5, 10, "%"),
        ('<a href="https://example.com/5">Score</a> above 3.14', 3.14, None, ""),
    ],
)
def test_words_with_a_direction_and_one_number_are_a_band(
    text: str, low: float | None, high: float | None, unit: str
) -> None:
    found = read_target(text)
    assert (found.band, found.unit, found.fault) == (Band(low, high), unit, "")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("TBD", "no target is set yet"),
        ("Greater than TBD MRs", "no target is set yet"),
        ("Confidential, in Adaptive", "not told here"),
        ("Unknown", "not told here"),
        ("See the dashboard for the target", "without a number"),
        ("12%", "without a direction"),
        ("77 (out of 100)", "without a direction"),
        ("At 48 Software Engineers", "no direction"),
        ("at or within 5% of plan", "no direction"),
        ("at or below 10:1", "no plain number"),
        ("less than $10K/Month", "currency"),
        ("above 10K", "no plain number"),
        ("above 1,000", "no plain number"),
        ("above 5m", "no plain number"),
        ("Less than 10% are over 14 days", "more than one number"),
        ("below 5 or above 9", "more than one number"),
        ("does not go above 5", "may turn"),
        ("Reduce below 5", "may turn"),
        ("above 5 unless it rains", "may turn"),
        ("above 5 is bad", "may turn"),
        ("over 9 above plan", "more than one direction"),
        ("between 10 and 5", "do not fit together"),
        ("between 5% and 10 days", "do not fit together"),
        ("x" * 600, "600 characters"),
    ],
)
def test_anything_else_is_reported_and_not_guessed(text: str, why: str) -> None:
    found = read_target(text)
    assert found.band is None
    assert why in found.fault
    assert ";" in found.fault or "currenc" in found.fault


def test_a_direction_column_stands_in_for_words_and_must_agree_with_them() -> None:
    assert read_target("12%", "lower") == ProseTarget(Band(high=12), "%")
    assert read_target("12 engineers", "higher").band == Band(low=12)
    assert read_target("above 12", "higher").band == Band(low=12)
    assert "correct one of them" in read_target("above 12", "lower").fault
    assert read_target("TBD", "lower").band is None


def test_numbers_are_read_in_the_style_that_is_asked_for() -> None:
    german = NumberFormat(decimal=",", thousands=".")
    assert read_target("mindestens > 1.234,5 %", numbers=german).band == Band(low=1234.5)
    assert read_target("at least 1.5", numbers=german).band is None
    assert read_target("above 12 pallets", units=("pallet",)).unit == "pallets"


@given(
    st.sampled_from(["at or above", "above", ">=", "at least", "no less than", "Minimum"]),
    st.floats(-1e6, 1e6),
    st.sampled_from(["", "%", " days", " of all cases"]),
)
def test_every_way_to_say_at_least_is_one_band(words: str, bound: float, behind: str) -> None:
    """S2.4: a bound belongs to its band, so that "above" and "at or above" are one."""
    found = read_target(f"{words} {bound!r}{behind}")
    assert found.band == Band(low=bound)


_PARTS = "at or above below between and not no more less than 5 95% 1,5 10:1 $3 TBD <a> < > >= per of +"
_WORDS = st.sampled_from(_PARTS.split(" "))


@given(st.text(max_size=80) | st.lists(_WORDS, max_size=12).map(" ".join))
def test_any_text_gives_a_band_or_a_reason_never_both(text: str) -> None:
    """S0.3: what cannot be read is told, whatever the text holds."""
    found = read_target(text)
    assert (found.band is None) == bool(found.fault)
    if found.band is not None:
        bounds = [bound for bound in (found.band.low, found.band.high) if bound is not None]
        assert all(any(mark.isdigit() for mark in text) and bound == bound for bound in bounds)
