"""Give statuses, zones and verdicts the tone in which a picture draws them."""

from __future__ import annotations

from okrcore.display import mark

_TONES = {"+": "good", "~": "doubt", "!": "bad", "?": "none"}


def tone(word: str) -> str:
    """Return good, doubt, bad, none (no data) or calm for a status or zone.

    >>> tone("healthy"), tone("off-track"), tone("early")
    ('good', 'bad', 'calm')
    """
    return _TONES.get(mark(word), "calm")
