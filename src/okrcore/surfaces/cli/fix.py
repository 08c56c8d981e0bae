"""Mend what needs no judgement in YAML documents: missing ids, order, white space.

Text is edited in place, so that comments and layout stay. An edit of order or white space after which the
document would say anything else is left out.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import attrs

from okrcore.adapters.catalogue.title_ids import Names, slug
from okrcore.display import no_command, one_line
from okrcore.documents.dumping import replace_file
from okrcore.documents.layout import CALENDAR, EDITORS_KEY, NESTED, RATES, SECTIONS, TABLE, UNITS, VERSION_KEY
from okrcore.documents.loading import reread, sources_of
from okrcore.documents.nodes import Fields, Limits, Node, NodeItems, Scalar, Unreadable
from okrcore.documents.sections import assemble
from okrcore.documents.source_text import SourceText, check
from okrcore.documents.yaml_reader import read_yaml
from okrcore.errors import DocumentError, raise_all

_ORDER = [EDITORS_KEY, VERSION_KEY, UNITS, CALENDAR, RATES, *SECTIONS, TABLE]
_NAMED = frozenset(SECTIONS) - {"links", "tolerances"}
"""The sections whose entries need an id; a link and a tolerance make their own."""
_KEY = re.compile(r"^[\"']?([$a-z_]+)[\"']?[ \t]*:", re.MULTILINE)


@attrs.frozen
class Fixed:
    """One document before and after; the same where there was nothing to mend."""

    file: str
    before: str
    after: str

    @property
    def diff(self) -> list[str]:
        """The change as a unified diff, empty where there is none."""
        lines = (self.before.split("\n"), self.after.split("\n"))
        found = difflib.unified_diff(*lines, f"a/{self.file}", f"b/{self.file}", lineterm="")
        return [no_command(one_line(line)) for line in found]


def fix(paths: Iterable[str]) -> tuple[Fixed, ...]:
    """Return the YAML documents among `paths` as they should be; ids are unique over all of them.

    Ids come from titles as an import makes them. A link in a folder that leads out of it is left alone.
    Raises what `load` would of the mended documents: nothing is mended where they declare no portfolio.
    """
    given = [*paths]
    sources = sources_of(given)
    raise_all([problem for one in sources if one.root is None for problem in one.problems()], DocumentError)
    names = Names({name for one in sources if one.root for name in _ids(one.root)})
    fixed, mended = list[Fixed](), list[SourceText]()
    for one in sources:
        file = one.name or ""
        if Path(file).suffix.lower() not in {".yaml", ".yml"} or _leads_out(file, given):
            mended.append(one)
            continue
        after = _tidied(file, _ordered(file, _with_ids(file, one.text, names)))
        fixed.append(Fixed(file, one.text, after))
        mended.append(reread(one, after))
    assemble(mended)
    return tuple(fixed)


def _leads_out(file: str, given: Iterable[str]) -> bool:
    """Say whether a file in a named folder is a link to somewhere else."""
    if file in map(str, map(Path, given)):
        return False
    folders = [os.path.realpath(path) for path in given if os.path.isdir(path)]  # noqa: PTH112
    return not any(Path(os.path.realpath(file)).is_relative_to(folder) for folder in folders)


def write(fixed: Fixed) -> None:
    """Put the mended document in place of the file, in one step."""
    replace_file(fixed.file, fixed.after.encode())


def _with_ids(file: str, text: str, names: Names) -> str:
    edits = [
        _insertion(text, node.at, names.claim([_title(node) or kind])[0])
        for kind, node in _unnamed(_root(file, text))
    ]
    for at, piece in sorted(edits, reverse=True):
        text = text[:at] + piece + text[at:]
    return text


def _insertion(text: str, at: int, name: str) -> tuple[int, str]:
    """Where and how an id is put before the first key of a mapping."""
    value = name if re.fullmatch(r"[a-z][a-z0-9-]*", name) else f'"{name}"'
    if text[at] == "{":
        return at + 1, f"id: {value}" if text[at + 1 :].lstrip().startswith("}") else f"id: {value}, "
    indent = at - (text.rfind("\n", 0, at) + 1)
    return at, f"id: {value}\n{' ' * indent}"


def _unnamed(root: Node) -> Iterator[tuple[str, Fields]]:
    """The mappings that need an id and have none, with the word that stands in for a title."""
    sections = root.entries if isinstance(root, Fields) else {}
    for key, node in sections.items():
        if key not in _NAMED or not isinstance(node, NodeItems):
            continue
        for child in node.items:
            yield from _unnamed_entry(key, child)
            inner = NESTED.get(SECTIONS[key])
            nested = child.entries.get(inner[0]) if inner and isinstance(child, Fields) else None
            for below in nested.items if isinstance(nested, NodeItems) else ():
                yield from _unnamed_entry("key_results", below)


def _unnamed_entry(section: str, node: Node) -> Iterator[tuple[str, Fields]]:
    if isinstance(node, Fields) and "id" not in node.entries and node.at >= 0:
        yield section.removesuffix("s").replace("_", "-"), node


def _title(node: Fields) -> str:
    title = node.entries.get("title")
    return slug(title.value) if isinstance(title, Scalar) and isinstance(title.value, str) else ""


def _ids(node: Node) -> Iterator[str]:
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Fields):
            name = one.entries.get("id")
            if isinstance(name, Scalar) and isinstance(name.value, str):
                yield name.value
            waiting += one.entries.values()
        elif isinstance(one, NodeItems):
            waiting += one.items


def _ordered(file: str, text: str) -> str:
    """The top-level keys in the order that `dump` writes, each with the comments above it."""
    root = _root(file, text)
    keys = list(root.entries) if isinstance(root, Fields) else []
    starts = [match for match in _KEY.finditer(text) if match[1] in keys]
    if [match[1] for match in starts] != keys or any(key not in _ORDER for key in keys):
        return text
    wanted = sorted(keys, key=_ORDER.index)
    if wanted == keys:
        return text
    begins = [_with_comments(text, match.start()) for match in starts]
    head = text[: begins[0]]
    ends = [*begins[1:], len(text)]
    blocks = {key: text[start:end] for key, start, end in zip(keys, begins, ends, strict=True)}
    whole = {key: block if block.endswith("\n") else f"{block}\n" for key, block in blocks.items()}
    moved = head + "".join(whole[key] for key in wanted)
    return moved if _same(file, text, moved) else text


def _with_comments(text: str, at: int) -> int:
    """The start of the comment lines that stand right above a line, or of the line itself."""
    while at:
        above = text.rfind("\n", 0, at - 1) + 1
        if not text[above:at].startswith("#"):
            break
        at = above
    return at


def _tidied(file: str, text: str) -> str:
    """Without white space at line ends, with LF and one line end at the end."""
    lines = [line.rstrip(" \t") for line in text.replace("\r\n", "\n").split("\n")]
    tidy = "\n".join(lines).rstrip("\n") + "\n"
    return tidy if _same(file, text, tidy) else text


def _same(file: str, before: str, after: str) -> bool:
    """Say whether two texts say the same; what is no YAML any more does not."""
    try:
        return _plain(_root(file, before)) == _plain(_root(file, after))
    except DocumentError:
        return False


def _plain(node: Node) -> object:
    if isinstance(node, Fields):
        return {key: _plain(child) for key, child in node.entries.items()}
    if isinstance(node, NodeItems):
        return [_plain(child) for child in node.items]
    return node.value, node.plain


def _root(file: str, text: str) -> Node:
    source = SourceText(text, file)
    root: Node | None = None
    try:
        check(text, Limits())
        root = read_yaml(source, Limits())
    except Unreadable as stop:
        source.fault(stop.message, stop.at)
    raise_all(source.problems(), DocumentError)
    assert root is not None, "what cannot be read leaves a problem"
    return root
