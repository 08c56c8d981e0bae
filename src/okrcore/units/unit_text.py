"""Parse unit text as whole powers of known names, or raise a UnitError, without ever asking pint (S1.2)."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import NoReturn

from okrcore.errors import Problem, UnitError, raise_all
from okrcore.units.unit_advice import unit_advice
from okrcore.units.unit_names import plural, vocabulary

_LONGEST, _MOST_TERMS, _HIGHEST_POWER = 64, 6, 4

_TERM = re.compile(r" *(%|[A-Za-z][A-Za-z0-9_]*|1(?![0-9.eE_]))(?: *(?:\^|\*\*) *([+-]?[0-9]+)(?![0-9.]))? *")
_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_PREFIXES = ("kilo", "mega", "giga", "tera", "milli", "micro", "k", "K", "M", "G", "T", "m", "mn", "bn")

_MISREAD = {
    "pp": "write percentage_point",
    "bp": "write basis_point",
    "bps": "write basis_point",
    "pt": "write percentage_point or point",
    "pts": "write percentage_point or point",
    "k": "multiply the values by 1000 instead",
    "K": "write kelvin, or multiply the values by 1000",
    "M": "multiply the values by 1000000 instead",
    "B": "write byte, or multiply the values by 1000000000",
    "b": "write bit or byte",
    "ton": "write tonne (1000 kg), or pound",
    "tons": "write tonne (1000 kg), or pound",
}


def check_unit(text: str, declared: Sequence[str] = ()) -> None:
    """Raise UnitError unless `text` is a unit text: at most 64 ASCII characters, known names only (S1.2).

    A unit text is "" (undeclared), "1" (dimensionless), or up to six names joined by `*` and `/`, read
    from left to right, each with at most one whole power from -4 to 4 behind `^` or `**`. A leading `1/` is
    allowed. Names are those of `data/units.txt` with their English plurals, and the counts in `declared`.
    A temperature with an offset stands alone. Cost: about a microsecond for a text seen before; a
    refusal stays well below a millisecond whatever the text is. Imports neither pint nor numpy.

    >>> check_unit("EUR/employee/month")
    >>> check_unit("pallets/hour", declared=("pallet",))
    >>> check_unit("10**10**10")
    Traceback (most recent call last):
    okrcore.errors.UnitError: unit '10**10**10': '10**10**10' is not a name; write names joined by * and /,
    without parentheses
    """
    parse_unit(text, declared)


def check_declared(declared: Sequence[str]) -> None:
    """Raise one UnitError holding every fault of the declared counts, each at its path "units[2]" (S1.1).

    A count is an ASCII identifier of at most 64 characters that means nothing else: it is neither a known
    unit nor a name left out because it is misread (`k`, `pp`). Declaring a count that is known already
    (`customer`) changes nothing.

    >>> check_declared(("pallet", "customer"))
    >>> check_declared(("hour",))
    Traceback (most recent call last):
    okrcore.errors.UnitError: units[0]: 'hour' is a known unit already; declare the count by another name
    """
    _with_declared(declared)


_IN_ASCII = "write m^2, degC or EUR, or a name in ASCII such as piece, and declare it under units"


def parse_unit(text: str, declared: Sequence[str] = ()) -> Mapping[str, int]:
    """Return the canonical names in `text` with their powers, none of them 0, in order of appearance.

    "" and "1" give no names. Errors and cost: those of `check_unit`.

    >>> dict(parse_unit("customers/h^2"))
    {'customer': 1, 'hour': -2}
    """
    if not isinstance(text, str):
        raise UnitError(f"unit {_shown(text)}: not text; write a unit such as 'customer' or 'EUR/year'")
    if len(text) > _LONGEST:
        _refuse(text, f"has {len(text)} characters", f"write at most {_LONGEST}")
    if not (text.isascii() and text.isprintable()):
        _refuse(text, "has characters outside printable ASCII", _IN_ASCII)
    return _read(text, _with_declared(declared))


def is_count(text: str, declared: Sequence[str] = ()) -> bool:
    """Return whether a unit counts things, alone or per something else.

    >>> is_count("pallet", ["pallet"]), is_count("pallet/day", ["pallet"]), is_count("%"), is_count("")
    (True, True, False, False)
    """
    counted = {name for name, power in parse_unit(text, declared).items() if power > 0}
    return bool(counted) and counted <= vocabulary().counts | set(declared)


def format_unit(terms: Mapping[str, int]) -> str:
    """Return the unit text of canonical names and their powers.

    >>> format_unit({"hour": -1, "parcel": 1}), format_unit({"year": -1}), format_unit({})
    ('parcel/hour', '1/year', '1')
    """
    over = "*".join(_power(name, power) for name, power in terms.items() if power > 0)
    under = "".join("/" + _power(name, -power) for name, power in terms.items() if power < 0)
    return (over or "1") + under


@lru_cache(maxsize=4096)
def _read(text: str, declared: tuple[str, ...]) -> Mapping[str, int]:
    known, own = vocabulary(), _declared_names(declared)
    powers: dict[str, int] = {}
    sign, at, terms = 1, 0, 0
    while text:
        match = _TERM.match(text, at)
        if match is None:
            fault = f"{text[at:].strip()!r} is not a name" if text[at:].strip() else "a name is missing"
            _refuse(text, fault, "write names joined by * and /, without parentheses")
        name, power = match[1], match[2]
        if name != "1":
            canonical = known.names.get(name) or own.get(name)
            if canonical is None:
                _unknown(text, name, own)
            powers[canonical] = powers.get(canonical, 0) + sign * _whole(text, power)
            terms += 1
        elif at or power:
            _refuse(text, "1 stands only in front", "leave it out")
        at = match.end()
        if at == len(text):
            break
        if text[at] == "^" or text.startswith("**", at):
            _refuse(text, "a power is one whole number, written once", "write m^2")
        if text[at] not in "*/":
            _refuse(
                text, f"{text[at:]!r} follows without * or /", "join names by * or /, without parentheses"
            )
        sign = 1 if text[at] == "*" else -1
        at += 1
    if terms > _MOST_TERMS:
        _refuse(text, f"has {terms} names", f"write at most {_MOST_TERMS}")
    for name, total in powers.items():
        _whole(text, str(total))
        if name in known.offsets and (terms > 1 or total != 1):
            _refuse(text, f"{name} has an offset and must stand alone", "write kelvin")
    return MappingProxyType({name: power for name, power in powers.items() if power})


def _whole(text: str, power: str | None) -> int:
    value = 1 if power is None else int(power)
    if abs(value) > _HIGHEST_POWER:
        _refuse(text, f"power {value} is out of range", f"write -{_HIGHEST_POWER} to {_HIGHEST_POWER}")
    return value


def _with_declared(declared: Sequence[str]) -> tuple[str, ...]:
    if not declared:
        return ()
    if isinstance(declared, str):
        raise UnitError(f"declared counts {_shown(declared)}: one text; write a tuple of names")
    names = tuple(map(_as_text, declared))
    _declared_names(names)
    return names


@lru_cache(maxsize=256)
def _declared_names(declared: tuple[str, ...]) -> Mapping[str, str]:
    """Return what the declared counts and their plurals mean."""
    known = vocabulary()
    plurals = {plural(name): name for name in declared}
    faults = {}
    for i, name in enumerate(declared):
        if not _IDENTIFIER.fullmatch(name) or len(name) > _LONGEST:
            faults[i] = f"{_shown(name)} is not a name; write ASCII letters, digits and _, a letter first"
        elif name in _MISREAD:
            faults[i] = f"{name!r} is easily misread; declare the count by another name"
        elif name in known.names and name not in known.counts:
            faults[i] = f"{name!r} is a known unit already; declare the count by another name"
        elif name in plurals:
            faults[i] = f"{name!r} is the plural of {plurals[name]!r}; declare one of them"
    raise_all([Problem(fault, f"units[{i}]", kind=UnitError) for i, fault in faults.items()], UnitError)
    return MappingProxyType({name: name for name in declared} | plurals)


def _unknown(text: str, name: str, own: Mapping[str, str]) -> NoReturn:
    """Refuse `name`; comparing only with names of like beginning and length keeps this in microseconds.

    What has at most three letters is like its singular alone, and capitals (CSAT) like capitals.
    """
    names = vocabulary().names
    if name in _MISREAD:
        _refuse(text, f"{name!r} is easily misread", _MISREAD[name])
    for prefix in _PREFIXES:
        bare = name.removeprefix(prefix)
        if bare != name and len(bare) > 2 and (bare in own or bare in names):
            _refuse(text, f"{bare!r} takes no prefix {prefix!r}", f"scale the values and write {bare!r}")
    like = {
        other.casefold(): other
        for other in (*own, *names)
        if other[0].casefold() == name[0].casefold()
        and abs(len(other) - len(name)) <= 2
        and (len(name) > 3 or other.casefold() in (name.casefold(), name.casefold().removesuffix("s")))
        and (not name.isupper() or other.isupper() or other.casefold() == name.casefold())
    }
    near = difflib.get_close_matches(name.casefold(), like, n=1, cutoff=0.7)
    remedy = f"did you mean {like[near[0]]!r}? If not, " if near else ""
    _refuse(text, f"{name!r} is not a known unit", remedy + "declare it under units")


def _refuse(text: str, fault: str, remedy: str) -> NoReturn:
    raise UnitError(f"unit {_shown(text)}: {fault}; {unit_advice(text) or remedy}")


def _shown(value: object) -> str:
    """Return the value for a message: printable and short, whatever it holds."""
    if isinstance(value, str):
        shown = repr(value[:_LONGEST])
        return shown if len(value) <= _LONGEST and len(shown) <= 2 * _LONGEST else f"{shown[:24]}...'"
    return f"of type {type(value).__name__}"


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else _shown(value)


def _power(name: str, power: int) -> str:
    return name if power == 1 else f"{name}^{power}"
