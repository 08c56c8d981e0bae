"""Refuse what a question is asked with and cannot be: all arguments of a wrong type in one error."""

from __future__ import annotations

from numbers import Integral

from okrcore.definitions.fields import Check, is_whole, shown
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


def is_function(value: object) -> str | None:
    """A function, or whatever can be called like one."""
    return None if callable(value) else f"is {shown(value)}; give a function"


def is_list(value: object) -> str | None:
    """What `to_tuple` makes of a list, whatever is in it."""
    return None if isinstance(value, tuple) else f"is {shown(value)}; give a list"


def is_count(value: object) -> str | None:
    """A whole number of Python or NumPy, not below 0."""
    return is_whole(int(value) if isinstance(value, Integral) and not isinstance(value, bool) else value)
