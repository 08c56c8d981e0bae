"""Refuse what a question is asked with and cannot be: all arguments of a wrong type in one error."""

from __future__ import annotations

import datetime as dt
from numbers import Integral

from okrcore.definitions.fields import Check, is_date, is_whole, shown, to_day
from okrcore.errors import DefinitionError, Problem, raise_all


def check_arguments(**given: tuple[object, Check]) -> None:
    """Raise one DefinitionError that names each argument that its check refuses, and says what to give.

    The checks are those of the fields of definitions.

    >>> from okrcore.definitions.fields import is_flag
    >>> check_arguments(weeks=("x", is_count), strict=(False, is_flag))
    Traceback (most recent call last):
    okrcore.errors.DefinitionError: weeks is 'x'; give a whole number, 0 or more
    """
    faults = ((name, check(value)) for name, (value, check) in given.items())
    told = [f"{name}{'' if fault[0] == '[' else ' '}{fault}" for name, fault in faults if fault]
    raise_all([Problem(text, kind=DefinitionError) for text in told])


def to_asked_day(value: dt.date | str, name: str = "day") -> dt.date:
    """Return a day that a function is asked with, of a date or its ISO text.

    Raises DefinitionError for anything else, an instant too.

    >>> to_asked_day("2026-06-30")
    datetime.date(2026, 6, 30)
    """
    if type(value) is dt.date:
        return value
    day = to_day(value)
    if fault := is_date(day):
        raise DefinitionError(f"{name} {fault}")
    return day


def is_function(value: object) -> str | None:
    """A function, or whatever can be called like one."""
    return None if callable(value) else f"is {shown(value)}; give a function"


def is_list(value: object) -> str | None:
    """What `to_tuple` makes of a list, whatever is in it."""
    return None if isinstance(value, tuple) else f"is {shown(value)}; give a list"


def is_count(value: object) -> str | None:
    """A whole number of Python or NumPy, not below 0."""
    return is_whole(int(value) if isinstance(value, Integral) and not isinstance(value, bool) else value)
