"""Read the names in cells as teams and owners, each declared once."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from okrcore.adapters.catalogue.row_values import RowValues
from okrcore.adapters.catalogue.title_ids import Names, person_id, slug
from okrcore.definitions.people import Owner, Team


def _may_be_several(text: str) -> bool:
    """Tell a list of names from one that is turned round ("Smith, Ann")."""
    parts = [part.split() for part in text.split(",") if part.strip()]
    return len(parts) > 1 and (all(len(words) > 1 or "@" in words[0] for words in parts) or len(parts) > 2)


@attrs.define(eq=False)
class People:
    """The teams and owners named so far. Two spellings that differ in case only are one."""

    names: Names
    found: dict[str, Team | Owner] = attrs.Factory(dict)
    _ids: dict[tuple[str, str], str] = attrs.Factory(dict)

    def team(self, row: RowValues) -> str | None:
        """Return the id of the row's one team; several are noted, and none is taken."""
        scoped = row.text("scope_value") if row.word("scope", "team", "owner") == "team" else ""
        return self._one(row, "team", scoped, self._team)

    def owner(self, row: RowValues) -> str | None:
        """Return the id of the row's one owner; several are noted, and none is taken."""
        scoped = row.text("scope_value") if row.word("scope", "team", "owner") == "owner" else ""
        return self._one(row, "owner", scoped, self._owner)

    def named(self, row: RowValues, text: str) -> str:
        """Return the id of an owner that is named elsewhere in a row."""
        return self._owner(row, text)

    def watchers(self, row: RowValues) -> tuple[str, ...]:
        """Return the ids of the teams to be told."""
        return tuple(dict.fromkeys(self._team(row, text) for text in row.texts("watchers")))

    def _one(
        self, row: RowValues, role: str, scoped: str, declare: Callable[[RowValues, str], str]
    ) -> str | None:
        texts = (scoped,) if scoped else row.texts(role)
        first = row.mapping.several == "first"
        if len(texts) > 1:
            taken = f"{texts[0]!r} is taken" if first else "name one, or set several to first"
            row.note(
                role, f"names {len(texts)} {role}s ({', '.join(texts)[:100]}), where one is meant; {taken}"
            )
        elif texts and _may_be_several(texts[0]):
            row.note(role, f"{texts[0]!r} may be several {role}s; set separators.{role} to ',' if it is")
        return declare(row, texts[0]) if len(texts) == 1 or (texts and first) else None

    def _team(self, row: RowValues, text: str) -> str:
        given = row.text("team_title")
        name = self._id(row, "team", text, slug(text))
        known = self.found.get(name)
        if known is None or (given and isinstance(known, Team) and known.title == text):
            self.found[name] = Team(id=name, title=given or text)
        return name

    def _owner(self, row: RowValues, text: str) -> str:
        name = self._id(row, "owner", text, person_id(text))
        self.found.setdefault(name, Owner(id=name, title=text))
        return name

    def _id(self, row: RowValues, kind: str, text: str, wanted: str) -> str:
        key = kind, text.casefold()
        if key not in self._ids:
            prefix = row.mapping.prefixes.get(kind, "")
            first = prefix + (wanted or f"{kind}-{row.row.line}")
            self._ids[key], _ = self.names.claim([first, f"{first}-{kind}"])
        return self._ids[key]
