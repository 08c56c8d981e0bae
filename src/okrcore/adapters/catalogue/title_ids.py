"""Make ids of titles: one documented rule, collisions settled in order."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

import attrs

from okrcore.definitions.fields import is_id

LONGEST = 80


def slug(text: str, longest: int = LONGEST) -> str:
    """Return the id that a title makes: its letters and digits in small letters, all else one hyphen.

    Compatible forms are unified (NFKC); at most `longest` characters, cut at a hyphen where there is one in
    the second half. "" where there is no letter or digit.

    >>> slug("Average days - New buildings (%)"), slug("Größe ①"), slug("???")
    ('average-days-new-buildings', 'größe-1', '')
    """
    plain = unicodedata.normalize("NFKC", text).lower()
    letters = "".join(
        one if one.isalnum() or unicodedata.category(one).startswith("M") else " " for one in plain
    )
    name = "-".join(letters.split())
    if len(name) <= longest:
        return name
    cut = name[:longest]
    at = cut.rfind("-")
    return cut[:at] if at > longest // 2 else cut


def person_id(text: str) -> str:
    """Return the id of an owner: an e-mail address in small letters as it is, a name as `slug` has it.

    >>> person_id("Ann@Example.com"), person_id("Ann Smith")
    ('ann@example.com', 'ann-smith')
    """
    plain = unicodedata.normalize("NFKC", text).strip().casefold()
    if "@" in plain and " " not in plain and len(plain) <= LONGEST and not is_id(plain):
        return plain
    return slug(text)


@attrs.define(eq=False)
class Names:
    """The ids of one portfolio while it is made: each is given out once."""

    taken: set[str] = attrs.Factory(set)
    _last: dict[str, int] = attrs.Factory(dict)

    def claim(self, wanted: Iterable[str]) -> tuple[str, bool]:
        """Return the first of the `wanted` ids that is free, else the first with a number; was one free?

        >>> names = Names()
        >>> names.claim(["growth"]), names.claim(["growth"]), names.claim(["growth", "growth-team"])
        (('growth', True), ('growth-2', False), ('growth-team', True))
        """
        first = ""
        for name in wanted:
            first = first or name
            if name and name not in self.taken:
                self.taken.add(name)
                return name, True
        number = self._last.get(first, 1) + 1
        while f"{first}-{number}" in self.taken:
            number += 1
        self._last[first] = number
        self.taken.add(f"{first}-{number}")
        return f"{first}-{number}", False
